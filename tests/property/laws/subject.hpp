#pragma once

#include "support/random_schema.hpp"

#include <aludel/dialect/dialect.hpp>
#include <aludel/error.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/schema/equivalent.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The databases on which laws 3 and 4 are tried: one suite, linked with each dialect and its subjects.
namespace aludel::test {

/// An empty database of a subject's, dropped with the object.
class Database {
 public:
  explicit Database(std::unique_ptr<dialect::Connection> connection, std::function<void()> drop = {})
      : connection_(std::move(connection)), drop_(std::move(drop)) {}
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() {
    connection_.reset();
    if (drop_) drop_();
  }

  dialect::Connection& connection() { return *connection_; }
  const dialect::Dialect& dialect() const { return connection_->dialect(); }
  schema::Metadata schema() { return dialect().introspector().introspect(*connection_, {}); }
  schema::Metadata canonical(schema::Metadata declared) { return dialect().canonicalise(std::move(declared), connection_.get()); }
  schema::Comparison comparison() const { return dialect().comparison(connection_->server()); }
  op::ApplyOptions apply_options() const { return {true, comparison()}; }
  dialect::Script render(const op::Operations& operations, const schema::Metadata& before, const dialect::RenderOptions& options = {}) const {
    return dialect().renderer().render(operations, before, connection_->server(), options);
  }
  std::string quoted(const schema::Name& name) const { return dialect().quote_name(name); }
  std::string quoted(const std::string& name) const { return dialect().quote_identifier(name); }

 private:
  std::unique_ptr<dialect::Connection> connection_;
  std::function<void()> drop_;
};

class Subject {
 public:
  virtual ~Subject() = default;

  virtual std::string name() const = 0;  ///< for test names: "sqlite", "mariadb"
  virtual Shape shape() const = 0;
  /// How many random schemas each law is tried with unless ALUDEL_CASES says otherwise.
  virtual std::size_t cases() const = 0;
  virtual std::unique_ptr<Database> empty() = 0;
  /// The same statement as another hand would write it: keywords in any case, other white space, comments between the words.
  virtual std::string respelt(Random& random, std::string_view sql) const = 0;

  /// Text beyond the schema that a failed run must leave as it was.
  virtual std::string stored_text(Database&) const { return {}; }
  /// A column, found in every table, by which rows are told although it is none of the table's; empty where there is none in this one.
  virtual std::string row_identity(const schema::Table&) const { return {}; }
  /// Deletes every row, whatever foreign keys say.
  virtual void empty_all(Database& database) const = 0;
  /// Throws where the database finds itself damaged.
  virtual void check_integrity(Database&) const {}
  /// Does the error say that rows do not fit what is asked for?
  virtual bool is_of_rows(const Error& error) const { return error.kind() == ErrorKind::constraint; }
  /// Does the error say that the database has no such thing: not refused by name, since somebody may have made it (a cast)?
  virtual bool is_lacking(const Error&) const { return false; }
  /// Values for a column that now and then fit together, as SQL.
  virtual std::string some_value(Random& random, const schema::Column& column) const;
};

/// Those of the dialect that is linked.
std::vector<std::shared_ptr<Subject>> subjects();

/// Spells a statement anew, token by token: `next(text, offset)` finds the token that begins at an offset; the others are asked of a token.
struct Tokens {
  enum class Kind { keyword, space, comment, opener, other, end };
  struct Token {
    Kind kind;
    std::string_view text;
  };
  std::function<Token(std::size_t offset)> next;
};
std::string respell(Random& random, const Tokens& tokens);

}  // namespace aludel::test
