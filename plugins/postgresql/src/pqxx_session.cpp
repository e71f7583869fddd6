#include "pqxx_session.hpp"

#include "failure.hpp"

#include <pqxx/pqxx>

namespace aludel::postgresql {

#if PQXX_VERSION_MAJOR >= 7

struct PqxxSession::Holder {
  explicit Holder(PGconn* handle) : connection(pqxx::connection::seize_raw_connection(handle)) {}
  pqxx::connection connection;
};

PqxxSession::PqxxSession(const Secret& conninfo, const std::string& server) {
  std::unique_ptr<PGconn, decltype(&PQfinish)> raw(PQconnectdb(conninfo.reveal().c_str()), &PQfinish);
  if (PQstatus(raw.get()) != CONNECTION_OK) throw connect_failure(PQerrorMessage(raw.get()), server);
  handle_ = raw.get();
  holder_ = std::make_unique<Holder>(raw.get());
  static_cast<void>(raw.release());
}

#else

namespace {

/// Where the policy below leaves the handle it opens: libpqxx makes the policy itself, out of the connection string alone.
thread_local PGconn* opened = nullptr;

class Policy : public pqxx::connect_direct {
 public:
  using pqxx::connect_direct::connect_direct;
  handle do_startconnect(handle original) override {
    opened = pqxx::connect_direct::do_startconnect(original);
    return opened;
  }
};

}  // namespace

struct PqxxSession::Holder {
// Deprecated because nothing should ever reconnect: which is what it sees to.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  explicit Holder(const std::string& conninfo) : connection(conninfo) { connection.inhibit_reactivation(true); }
#pragma GCC diagnostic pop
  pqxx::basic_connection_base<Policy> connection;
};

PqxxSession::PqxxSession(const Secret& conninfo, const std::string& server) {
  opened = nullptr;
  try {
    holder_ = std::make_unique<Holder>(conninfo.reveal());
  } catch (const std::exception& exception) {
    throw connect_failure(exception.what(), server);
  }
  handle_ = opened;
}

#endif

PqxxSession::~PqxxSession() = default;

}  // namespace aludel::postgresql
