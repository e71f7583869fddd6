#include <aludel/dialect/dialect.hpp>

namespace aludel::dialect {

Connection::~Connection() = default;
std::optional<std::string> Connection::schema_token() { return std::nullopt; }
void* Connection::native_handle() noexcept { return nullptr; }

Introspector::~Introspector() = default;
Renderer::~Renderer() = default;
Scratch::~Scratch() = default;
Lock::~Lock() = default;
Dialect::~Dialect() = default;

void* Dialect::extension(std::string_view) const { return nullptr; }

schema::Comparison Dialect::comparison(const Server& server) const {
  schema::Comparison how;
  how.dialects = option_keys(server);
  how.comments = capabilities().comments;
  return how;
}

std::string_view to_string(HazardKind kind) {
  switch (kind) {
    case HazardKind::lock:
      return "lock";
    case HazardKind::rewrite:
      return "rewrite";
    case HazardKind::scan:
      return "scan";
    case HazardKind::data_loss:
      return "data_loss";
    case HazardKind::not_transactional:
      return "not_transactional";
  }
  return "unknown";
}

}  // namespace aludel::dialect
