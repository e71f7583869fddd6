#include <aludel/error.hpp>
#include <aludel/sqlite/sqlite.hpp>
#include <aludel/text.hpp>

#include <algorithm>

#include "lexer.hpp"
#include "subject.hpp"

namespace aludel::test {
namespace {

class Sqlite final : public Subject {
 public:
  std::string name() const override { return "sqlite"; }
  Shape shape() const override { return Shape::sqlite(); }
  std::size_t cases() const override { return 1000; }
  std::unique_ptr<Database> empty() override { return std::make_unique<Database>(sqlite::dialect().connect(parse_url("sqlite://"), {})); }

  std::string respelt(Random& random, std::string_view sql) const override {
    return respell(random, {[sql](std::size_t offset) -> Tokens::Token {
                     const sqlite::Token token = sqlite::next_token(sql, offset);
                     const bool keyword = token.kind == sqlite::TokenKind::word && sqlite::keyword_class(token.text) == sqlite::Keyword::reserved;
                     const bool opener = token.is_symbol("(") || token.is_symbol(",");
                     if (token.kind == sqlite::TokenKind::end) return {Tokens::Kind::end, {}};
                     if (token.kind == sqlite::TokenKind::space) return {Tokens::Kind::space, token.text};
                     if (token.kind == sqlite::TokenKind::comment) return {Tokens::Kind::comment, token.text};
                     return {keyword ? Tokens::Kind::keyword : opener ? Tokens::Kind::opener : Tokens::Kind::other, token.text};
                   }});
  }

  std::string stored_text(Database& database) const override {
    std::string text;
    for (const auto& row : database.connection().execute("SELECT coalesce(sql, name), type FROM sqlite_schema ORDER BY rowid").rows)
      text += *row[0].string() + "\n";
    return text;
  }

  /// The rowid, where there is one and none of the columns is it.
  std::string row_identity(const schema::Table& table) const override {
    const auto options = table.options.find("sqlite");
    if (options != table.options.end() && options->second.count("without_rowid") != 0) return {};
    const auto is_identity = [](const schema::Column& column) { return column.identity.has_value(); };
    return std::none_of(table.columns.begin(), table.columns.end(), is_identity) ? "rowid" : "";
  }

  void empty_all(Database& database) const override {
    database.connection().execute("PRAGMA foreign_keys = OFF");
    for (const auto& [name, table] : database.schema().tables) database.connection().execute("DELETE FROM " + database.quoted(name));
    database.connection().execute("PRAGMA foreign_keys = ON");
  }

  void check_integrity(Database& database) const override {
    const Value found = database.connection().execute("PRAGMA integrity_check").scalar();
    if (found != Value("ok")) throw Error(ErrorKind::internal, "integrity_check says " + to_json(found));
  }

  /// Of any type: SQLite takes them all.
  std::string some_value(Random& random, const schema::Column& column) const override {
    static const std::vector<std::string> values = {"NULL", "1", "2", "3", "7", "1.5", "'x'", "'age'", "'it''s'", "x'00ff'", "''"};
    static const std::vector<std::string> present = {"1", "2", "3", "4", "'x'", "'y'"};
    return column.nullable ? random.of(values) : random.of(present);
  }
};

}  // namespace

std::vector<std::shared_ptr<Subject>> subjects() { return {std::make_shared<Sqlite>()}; }

}  // namespace aludel::test
