#include <aludel/mysql/mysql.hpp>
#include <aludel/text.hpp>

#include <unistd.h>

#include <utility>

#include "lexer.hpp"
#include "subject.hpp"
#include "support/server.hpp"

namespace aludel::test {
namespace {

class Mysql final : public Subject {
 public:
  Mysql(std::string name, Server& server, std::string admin_database)
      : name_(std::move(name)), server_(server), admin_database_(std::move(admin_database)) {}

  std::string name() const override { return name_; }
  Shape shape() const override { return Shape::mysql(name_ == "mariadb"); }
  std::size_t cases() const override { return 60; }

  std::unique_ptr<Database> empty() override {
    if (!admin_) admin_ = connect_to(admin_database_);
    const std::string made = "aludel_law_" + std::to_string(getpid()) + "_" + std::to_string(++count_);
    admin_->execute("CREATE DATABASE " + made + " CHARACTER SET utf8mb4");
    return std::make_unique<Database>(connect_to(made), [this, made] { admin_->execute("DROP DATABASE " + made); });
  }

  std::string respelt(Random& random, std::string_view sql) const override {
    // The server keeps a body as it was written.
    if (sql.find("TRIGGER") != std::string_view::npos) return std::string(sql);
    return respell(random, {[sql](std::size_t offset) -> Tokens::Token {
                     mysql::Lexer lexer(sql, offset);
                     const mysql::Token token = lexer.next();
                     const bool opener = token.is_symbol('(') || token.is_symbol(',');
                     if (token.kind == mysql::TokenKind::end) return {Tokens::Kind::end, {}};
                     if (token.kind == mysql::TokenKind::space) return {Tokens::Kind::space, token.text};
                     if (token.kind == mysql::TokenKind::comment) return {Tokens::Kind::comment, token.text};
                     // A bare name's case is part of what a column is called.
                     return {opener ? Tokens::Kind::opener : Tokens::Kind::other, token.text};
                   }});
  }

  /// Out of range, truncated, too long: a value has no place in its new type.
  bool is_of_rows(const Error& error) const override {
    const std::string& code = error.code();
    const auto is = [&](std::string_view number) { return code.find(number) != std::string::npos; };
    return Subject::is_of_rows(error) || is("(1264)") || is("(1265)") || is("(1366)") || is("(1406)") || is("(1292)");
  }

  void empty_all(Database& database) const override {
    database.connection().execute("SET foreign_key_checks = 0");
    for (const auto& [name, table] : database.schema().tables) database.connection().execute("DELETE FROM " + database.quoted(name));
    database.connection().execute("SET foreign_key_checks = 1");
  }

 private:
  std::unique_ptr<dialect::Connection> connect_to(const std::string& database) const {
    return mysql::dialect().connect(parse_url(server_.url(database)), {});
  }

  std::string name_;
  Server& server_;
  std::string admin_database_;
  std::unique_ptr<dialect::Connection> admin_;
  int count_ = 0;
};

}  // namespace

std::vector<std::shared_ptr<Subject>> subjects() {
  std::vector<std::shared_ptr<Subject>> all = {std::make_shared<Mysql>("mariadb", mariadb_server(), "mysql")};
  if (Server* server = mysql_server()) all.push_back(std::make_shared<Mysql>("mysql", *server, "mysql"));
  return all;
}

}  // namespace aludel::test
