#pragma once

#include <csignal>
#include <fstream>
#include <string>
#include <vector>

#include "support/server.hpp"

namespace aludel::test {

/// The real one, before the process's private PostgreSQL server.
class Pgbouncer final : public Server {
 public:
  /// `more` are further lines of its configuration.
  explicit Pgbouncer(const std::string& mode, const std::string& more = {}) : Server("pgbouncer", {"postgres", "nobody"}, "pgbouncer", {}) {
    const std::string place = directory().string();
    std::ofstream(directory() / "users") << "\"postgres\" \"\"\n";
    std::ofstream(directory() / "pgbouncer.ini") << "[databases]\n* = host=" << postgresql_server().directory().string()
                                                 << "\n[pgbouncer]\npool_mode = " << mode << "\nunix_socket_dir = " << place
                                                 << "\nlisten_port = 6432\nauth_type = trust\nauth_file = " << place
                                                 << "/users\nlisten_addr =\nlogfile = " << place << "/bouncer.log\n"
                                                 << more;
    start();
  }
  ~Pgbouncer() override { stop_for_good(); }

 private:
  std::vector<std::string> program() const override { return {"pgbouncer", (directory() / "pgbouncer.ini").string()}; }
  bool is_ready() const override { return log().find("process up") != std::string::npos; }
  int stop_signal() const override { return SIGKILL; }
  std::string private_url(const std::string& database) const override {
    return "postgresql://postgres@/" + database + "?port=6432&host=" + directory().string();
  }
};

}  // namespace aludel::test
