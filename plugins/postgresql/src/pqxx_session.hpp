#pragma once

#include <aludel/url.hpp>

#include <libpq-fe.h>

#include <memory>
#include <string>

namespace aludel::postgresql {

/// One session, opened and owned by libpqxx 6 or 7, and the libpq handle in it. libpqxx 6 would open a lost session anew unless told not to, and its
/// locks and settings would be gone; here it never does.
class PqxxSession {
 public:
  /// Throws Error(connection) with libpq's message; `server` is the database as messages call it.
  PqxxSession(const Secret& conninfo, const std::string& server);
  ~PqxxSession();
  PqxxSession(const PqxxSession&) = delete;
  PqxxSession& operator=(const PqxxSession&) = delete;

  PGconn* handle() const { return handle_; }

 private:
  struct Holder;
  std::unique_ptr<Holder> holder_;
  PGconn* handle_ = nullptr;
};

}  // namespace aludel::postgresql
