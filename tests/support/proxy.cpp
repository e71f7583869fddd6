#include "proxy.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

namespace aludel::test {
namespace {

namespace fs = std::filesystem;

sockaddr_un address_of(const fs::path& file) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  file.string().copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

const sockaddr* generic(const sockaddr_un& address) { return reinterpret_cast<const sockaddr*>(&address); }

fs::path socket_in(const fs::path& directory) {
  for (const auto& entry : fs::directory_iterator(directory))
    if (entry.is_socket()) return entry.path();
  throw std::runtime_error("no socket in " + directory.string());
}

bool send_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace

Proxy::Proxy(const Server& server, std::function<Fate(std::string_view)> judge) : server_(server), judge_(std::move(judge)) {
  std::string pattern = (fs::temp_directory_path() / "aludel-proxy-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp " + pattern);
  directory_ = pattern;
  target_ = socket_in(server.directory());
  listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = address_of(directory_ / target_.filename());
  if (bind(listener_, generic(address), sizeof address) != 0 || listen(listener_, 8) != 0) throw std::runtime_error("cannot listen in " + pattern);
  door_ = std::thread([this] { accept_all(); });
}

Proxy::~Proxy() {
  ending_ = true;
  door_.join();
  for (auto& session : sessions_) session.join();
  close(listener_);
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

std::string Proxy::url(const std::string& database) const {
  std::string url = server_.url(database);
  const std::string place = server_.directory().string();
  return url.replace(url.find(place), place.size(), directory_.string());
}

void Proxy::close_door() { closed_ = true; }

void Proxy::accept_all() {
  while (!ending_) {
    pollfd wait{listener_, POLLIN, 0};
    if (poll(&wait, 1, 20) <= 0) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    if (closed_) {
      close(client);
    } else {
      sessions_.emplace_back([this, client] { serve(client); });
    }
  }
}

void Proxy::serve(int client) {
  const int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = address_of(target_);
  bool open = connect(server, generic(address), sizeof address) == 0;
  std::array<char, 65536> buffer{};
  while (open && !ending_) {
    std::array<pollfd, 2> waits{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    if (poll(waits.data(), waits.size(), 20) <= 0) continue;
    for (std::size_t i = 0; i < waits.size() && open; ++i) {
      if (waits[i].revents == 0) continue;
      const ssize_t count = recv(waits[i].fd, buffer.data(), buffer.size(), 0);
      const std::string_view bytes(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
      Fate fate = Fate::pass;
      if (i == 0) {
        const std::lock_guard lock(judging_);
        fate = judge_(bytes);
      }
      open = !bytes.empty() && fate != Fate::cut_before && send_all(i == 0 ? server : client, bytes);
      if (fate != Fate::cut_behind) continue;
      open = false;
      pollfd answer{server, POLLIN, 0};
      poll(&answer, 1, 10'000);
    }
  }
  close(client);
  close(server);
}

}  // namespace aludel::test
