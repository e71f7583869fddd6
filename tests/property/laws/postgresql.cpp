#include <aludel/postgresql/postgresql.hpp>
#include <aludel/text.hpp>

#include <unistd.h>

#include "lexer.hpp"
#include "subject.hpp"
#include "support/server.hpp"

namespace aludel::test {
namespace {

std::unique_ptr<dialect::Connection> connect_to(const std::string& database) {
  return postgresql::dialect().connect(parse_url(postgresql_server().url(database)), {});
}

class Postgresql final : public Subject {
 public:
  std::string name() const override { return "postgresql"; }
  Shape shape() const override {
    Shape shape = Shape::postgresql();
    static const int major = connect_to("postgres")->server().major;
    shape.nulls_not_distinct = major >= 15;
    return shape;
  }
  std::size_t cases() const override { return 40; }

  std::unique_ptr<Database> empty() override {
    if (!admin_) admin_ = connect_to("postgres");
    const std::string made = "aludel_law_" + std::to_string(getpid()) + "_" + std::to_string(++count_);
    admin_->execute("CREATE DATABASE " + made + " TEMPLATE template0");
    return std::make_unique<Database>(connect_to(made), [this, made] { admin_->execute("DROP DATABASE " + made + " WITH (FORCE)"); });
  }

  std::string respelt(Random& random, std::string_view sql) const override {
    return respell(random, {[sql](std::size_t offset) -> Tokens::Token {
                     const postgresql::Token token = postgresql::next_token(sql, offset);
                     const bool opener = token.is_symbol("(") || token.is_symbol(",");
                     if (token.kind == postgresql::TokenKind::end) return {Tokens::Kind::end, {}};
                     if (token.kind == postgresql::TokenKind::space) return {Tokens::Kind::space, token.text};
                     if (token.kind == postgresql::TokenKind::comment) return {Tokens::Kind::comment, token.text};
                     // Bare names are folded, so that their case says no more than a keyword's.
                     if (token.kind == postgresql::TokenKind::word) return {Tokens::Kind::keyword, token.text};
                     return {opener ? Tokens::Kind::opener : Tokens::Kind::other, token.text};
                   }});
  }

  /// Class 22: a value has no place in its new type.
  bool is_of_rows(const Error& error) const override { return Subject::is_of_rows(error) || error.code().starts_with("22"); }

  /// No cast between two types.
  bool is_lacking(const Error& error) const override { return error.code() == "42846"; }

  void empty_all(Database& database) const override {
    std::string all;
    for (const auto& [name, table] : database.schema().tables) all += (all.empty() ? "" : ", ") + database.quoted(name);
    if (!all.empty()) database.connection().execute("TRUNCATE " + all);
  }

 private:
  std::unique_ptr<dialect::Connection> admin_;
  int count_ = 0;
};

}  // namespace

std::vector<std::shared_ptr<Subject>> subjects() { return {std::make_shared<Postgresql>()}; }

}  // namespace aludel::test
