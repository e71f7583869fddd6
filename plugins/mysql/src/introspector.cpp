#include "introspector.hpp"

#include "printed.hpp"

namespace aludel::mysql {
namespace {

class MysqlIntrospector final : public dialect::Introspector {
 public:
  schema::Metadata introspect(dialect::Connection& connection, const dialect::Scope& scope) const override {
    return read_printed(print_schema(connection, scope));
  }
};

}  // namespace

const dialect::Introspector& introspector() {
  static const MysqlIntrospector instance;
  return instance;
}

}  // namespace aludel::mysql
