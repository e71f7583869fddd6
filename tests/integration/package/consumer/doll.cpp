#include <aludel/dialect/dialect.hpp>
#include <aludel/error.hpp>
#include <aludel/sdk/plugin.hpp>

#include <string>

// A dialect as a third party writes it, but for that it can do nothing.
namespace doll {

using namespace aludel;

class DollDialect : public dialect::Dialect {
 public:
  std::string_view name() const override { return name_; }
  std::span<const std::string> schemes() const override { return schemes_; }
  const dialect::Capabilities& capabilities() const override { return capabilities_; }
  std::vector<std::string> option_keys(const dialect::Server&) const override { return {name_}; }
  dialect::Server default_server() const override { return {name_, 1, 0, 0, "1.0.0"}; }
  std::unique_ptr<dialect::Connection> connect(const Url& url, const dialect::ConnectOptions&) const override {
    throw Error(ErrorKind::connection, "no doll lives at '" + url.host + "'");
  }
  const dialect::Introspector& introspector() const override { refuse(); }
  const dialect::Renderer& renderer() const override { refuse(); }
  const op::Rewriter& rewriter() const override { return op::standard_rewriter(); }
  std::unique_ptr<dialect::Scratch> scratch(dialect::Connection*, const Url*) const override { refuse(); }
  schema::Metadata canonicalise(schema::Metadata declared, dialect::Connection*) const override { return declared; }
  std::unique_ptr<dialect::Lock> lock(dialect::Connection&, std::string_view, std::chrono::milliseconds) const override { refuse(); }
  std::vector<std::string> split(std::string_view script) const override { return {std::string(script)}; }
  std::string quote_identifier(std::string_view text) const override { return std::string(text); }
  std::string quote_name(const schema::Name& name) const override { return name.name; }
  std::string quote_literal(const Value&) const override { return "?"; }

 private:
  [[noreturn]] static void refuse() { throw Error(ErrorKind::unsupported, "a doll cannot do that"); }

  std::string name_ = "doll";
  std::vector<std::string> schemes_{"doll"};
  dialect::Capabilities capabilities_;
};

static const aludel::dialect::Dialect& the_dialect() {
  static const DollDialect instance;
  return instance;
}

}  // namespace doll

ALUDEL_DIALECT(doll::the_dialect, "doll", "3.1", "doll");
