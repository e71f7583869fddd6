#pragma once

#include "connection.hpp"

#include <memory>
#include <string>

namespace aludel::postgresql {

/// The settings under which the server's texts mean the same everywhere: search_path is exactly the default schema (names of it and of pg_catalog are
/// printed bare, all others qualified), and no query is compiled just in time, which costs half a second and gains nothing. No more than one parallel
/// worker: each looks up all that expressions name for itself, and the client works while rows arrive.
///
/// Begins a transaction unless there is one, in which everything is read from one snapshot. Ends it, and brings the settings back, when it goes.
class ReadingSession {
 public:
  explicit ReadingSession(dialect::Connection& connection, bool read_only = true);
  ReadingSession(const ReadingSession&) = delete;
  ReadingSession& operator=(const ReadingSession&) = delete;
  ~ReadingSession();

  /// current_schema(); empty where search_path names no schema that exists.
  const std::string& default_schema() const { return default_schema_; }
  bool owns_transaction() const { return own_transaction_; }
  /// Ends it with the errors that this may have; the destructor swallows them.
  void end();

 private:
  dialect::Connection& connection_;
  bool own_transaction_ = false;
  bool ended_ = false;
  std::string default_schema_, search_path_, jit_, workers_;
};

/// What a session exported, and the start of the server that it did so on: behind one address there may be several.
struct Snapshot {
  std::string name, server_start;
};
/// Another session with the same database, in a transaction that sees what the one that exported the snapshot sees, under the same settings; its
/// texts mean what they mean there. Throws Error where there can be none.
std::unique_ptr<dialect::Connection> open_beside(const Connection& first, const Snapshot& snapshot, const std::string& default_schema);

}  // namespace aludel::postgresql
