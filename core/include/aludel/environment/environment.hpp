#pragma once

#include <aludel/dialect/connection.hpp>
#include <aludel/export.hpp>
#include <aludel/migrate/runner.hpp>
#include <aludel/op/operation.hpp>
#include <aludel/schema/schema.hpp>
#include <aludel/url.hpp>

#include <concepts>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace aludel {

/// What the driver tells an environment before its body runs.
struct EnvironmentOptions {
  std::string database{};                                       ///< `--database NAME`; empty for the default one
  std::map<std::string, std::string, std::less<>> arguments{};  ///< `-x KEY=VALUE`
};

/// One element of a schema, as the include_object hook sees it. Pointers are null where they do not apply, and valid during the call only.
struct SchemaElement {
  std::string_view kind;       ///< "table", "column", "index", "primary key", "unique constraint", "check constraint", "foreign key",
                               ///< "exclusion constraint", "enum", "sequence", "schema", or an object's kind ("view", "trigger", ...)
  std::string name;            ///< as files write it: "hero", "hero.age", "public.hero"
  bool from_database = false;  ///< read from the database, rather than declared by the target
  const schema::Table* table = nullptr;
  const schema::Column* column = nullptr;
  const schema::Index* index = nullptr;
  const schema::Constraint* constraint = nullptr;
  const schema::Object* object = nullptr;
};

/// What an application hands to the tool: its URL, its models, its hooks and functions (what env.py is to Alembic).
///
/// Filled by the body of ALUDEL_ENVIRONMENT (<aludel/sdk/environment.hpp>), or by the application itself when the driver is linked into it. Used by
/// one thread. Whatever a hook or function throws reaches the caller as an Error; one that is no aludel::Error becomes Error(environment) with its
/// message.
class ALUDEL_API Environment {
 public:
  using Function = migrate::Function;
  using IncludeName = std::function<bool(std::string_view kind, std::string_view name)>;
  using IncludeObject = std::function<bool(const SchemaElement&)>;
  using ProcessOperations = std::function<void(op::Operations&)>;
  using OnApply = std::function<void(const migrate::Applied&, dialect::Connection&)>;

  explicit Environment(EnvironmentOptions options = {});
  ~Environment();
  Environment(const Environment&);
  Environment(Environment&&) noexcept;
  Environment& operator=(const Environment&);
  Environment& operator=(Environment&&) noexcept;

  // For the application.

  /// The database to use unless --url, --database, $ALUDEL_URL or aludel.toml names another. Throws Error(syntax).
  void url(std::string_view text);
  void url(Url url);
  /// What the database is to look like. Called again, it adds: several metadata make one target. Throws Error(schema) when a name is taken.
  void target_metadata(const schema::Metadata& metadata);
  /// The same from Models, or whatever else has a `metadata()`.
  template <class Models>
  requires requires(const Models& models) {
    { models.metadata() } -> std::convertible_to<schema::Metadata>;
  }
  void target_metadata(const Models& models) { target_metadata(static_cast<const schema::Metadata&>(models.metadata())); }

  /// A C++ function that revisions may `call`; it runs on the migration's own connection, inside its transaction: it must not commit.
  /// Throws Error(environment) when the name is taken or empty.
  template <class Callable>
  requires std::invocable<Callable&, dialect::Connection&, const Value&>
  void function(std::string name, Callable callable) { add_function(std::move(name), Function(std::move(callable))); }
  /// One that takes no arguments.
  template <class Callable>
  requires std::invocable<Callable&, dialect::Connection&> &&
      (!std::invocable<Callable&, dialect::Connection&, const Value&>)void function(std::string name, Callable callable) {
    add_function(std::move(name), [call = std::move(callable)](dialect::Connection& connection, const Value&) mutable { call(connection); });
  }

  /// Asked with kind and name for all that is found in the database; false leaves it out of every comparison.
  void include_name(IncludeName hook);
  /// Asked with the element itself, for the database and the target alike.
  void include_object(IncludeObject hook);
  /// May change, add and remove what autogenerate is about to write.
  void process_operations(ProcessOperations hook);
  /// Told of every revision inside its last transaction, right before the commit: what it writes is written exactly once, what it throws rolls the
  /// revision back. May be given several times. aludel.toml must say `hooks = true` for `upgrade` to load the environment for it.
  template <class Callable>
  requires std::invocable<Callable&, const migrate::Applied&, dialect::Connection&>
  void on_apply(Callable hook) { add_on_apply(OnApply(std::move(hook))); }
  template <class Callable>
  requires std::invocable<Callable&, const migrate::Applied&> &&
      (!std::invocable<Callable&, const migrate::Applied&, dialect::Connection&>)void on_apply(Callable hook) {
    add_on_apply([call = std::move(hook)](const migrate::Applied& applied, dialect::Connection&) mutable { call(applied); });
  }

  /// `-x KEY=VALUE`; nullopt when it was not given.
  std::optional<std::string> argument(std::string_view key) const;
  const std::map<std::string, std::string, std::less<>>& arguments() const { return options_.arguments; }
  /// `--database NAME`; empty for the default one.
  const std::string& database() const { return options_.database; }

  // For the driver.

  const std::optional<Url>& url() const { return url_; }
  const std::optional<schema::Metadata>& target_metadata() const { return target_; }
  const std::map<std::string, Function>& functions() const { return functions_; }
  /// The functions and on_apply hooks as a Runner wants them; the copy does not need this object any more.
  migrate::Hooks hooks() const;
  bool has_include_hooks() const { return include_name_ || include_object_; }
  bool has_apply_hooks() const { return !on_apply_.empty(); }
  /// The metadata without what the include hooks leave out. A table left out takes with it its columns, keys and indexes; a column those of the keys
  /// and indexes that name it.
  schema::Metadata filtered(schema::Metadata metadata, bool from_database) const;
  /// Runs process_operations.
  void process(op::Operations& operations) const;

 private:
  void add_function(std::string name, Function function);
  void add_on_apply(OnApply hook);

  EnvironmentOptions options_;
  std::optional<Url> url_;
  std::optional<schema::Metadata> target_;
  std::map<std::string, Function> functions_;
  IncludeName include_name_;
  IncludeObject include_object_;
  std::vector<ProcessOperations> process_operations_;
  std::vector<OnApply> on_apply_;
};

/// Loads an environment library, after the checks that a plugin passes, and runs its body.
///
/// Throws Error(environment) with the path and what to do: it does not exist or load (the dynamic loader's words, the missing library or symbol), is
/// no aludel environment, was built with another aludel or toolchain, can be written by others, or its body throws (its message is passed on). The
/// library stays loaded until the process ends; each call runs the body again.
ALUDEL_API Environment load_environment(const std::filesystem::path& library, EnvironmentOptions options = {});

}  // namespace aludel
