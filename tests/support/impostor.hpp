#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>

namespace aludel::test {

/// Says to one client that it is a PostgreSQL of the version, and nothing more: no server that old or new can be had. `file` is the socket.
inline void pretend_to_be_postgresql(const std::string& version, const std::filesystem::path& file) {
  const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  file.string().copy(address.sun_path, sizeof address.sun_path - 1);
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener, 1) != 0)
    throw std::runtime_error("cannot listen at " + file.string());
  std::thread([listener, version] {
    const int client = accept(listener, nullptr, nullptr);
    char startup[4096];
    if (read(client, startup, sizeof startup) <= 0) return;
    const auto message = [&](char type, const std::string& body) {
      const auto length = static_cast<std::uint32_t>(body.size() + 4);
      std::string text(1, type);
      for (const int shift : {24, 16, 8, 0}) text += static_cast<char>(length >> shift);
      return text + body;
    };
    using std::string_literals::operator""s;
    const std::string answer = message('R', "\0\0\0\0"s) + message('S', "server_version\0"s + version + '\0') +
                               message('S', "client_encoding\0UTF8\0"s) + message('K', "\0\0\0\1\0\0\0\1"s) + message('Z', "I");
    if (::write(client, answer.data(), answer.size()) < 0) return;
    while (read(client, startup, sizeof startup) > 0) continue;
    close(client);
    close(listener);
  }).detach();
}

}  // namespace aludel::test
