#include "script_writer.hpp"

#include "quoting.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>

namespace aludel::postgresql {
namespace {

/// A dollar quote's tag that does not stand in the text.
std::string tag_for(std::string_view text) {
  std::string tag = "$aludel$";
  for (int i = 1; text.find(tag) != std::string_view::npos; ++i) tag = fmt::format("$aludel{}$", i);
  return tag;
}

class PsqlWriter final : public dialect::ScriptWriter {
 public:
  /// Without it psql goes on behind an error, and what stands outside the failed transaction is done.
  std::string preamble() const override { return "\\set ON_ERROR_STOP on\n"; }

  std::string enforced(const std::string& query, const dialect::Expectation& expectation) const override {
    const std::string says = printable((expectation.counted ? " rows" : "") + expectation.message, 500);
    const std::string message = expectation.counted ? fmt::format("found || {}", quote_literal(Value(says))) : quote_literal(Value(says));
    const std::string body = fmt::format(
        "\nDECLARE\n  found text := (\n{}\n);\nBEGIN\n  IF found IS DISTINCT FROM ({})::text THEN\n    RAISE EXCEPTION USING MESSAGE = {};\n  END "
        "IF;\nEND\n",
        query, quote_literal(expectation.equals), message);
    const std::string tag = tag_for(body);
    return fmt::format("DO {}{}{};\n", tag, body, tag);
  }
};

}  // namespace

dialect::ScriptWriter& script_writer() {
  static PsqlWriter writer;
  return writer;
}

}  // namespace aludel::postgresql
