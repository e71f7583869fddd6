#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/server.hpp"

namespace aludel::test {

/// Stands before a private server's socket, hands everything on, and cuts a session where a test wants it cut. Gone with the object.
class Proxy {
 public:
  enum class Fate {
    pass,
    cut_before,  ///< what the client said never arrives
    cut_behind,  ///< the server has done it, and its answer never arrives
  };
  /// `judge` is asked of everything that clients say, by one thread at a time.
  Proxy(const Server& server, std::function<Fate(std::string_view)> judge);
  Proxy(const Proxy&) = delete;
  Proxy& operator=(const Proxy&) = delete;
  ~Proxy();

  std::string url(const std::string& database) const;
  /// From now on nobody is let in.
  void close_door();

 private:
  void accept_all();
  void serve(int client);

  const Server& server_;
  std::function<Fate(std::string_view)> judge_;
  std::mutex judging_;
  std::filesystem::path directory_, target_;
  int listener_ = -1;
  std::atomic<bool> ending_{false}, closed_{false};
  std::vector<std::thread> sessions_;
  std::thread door_;
};

}  // namespace aludel::test
