#pragma once

#include "op/codec_visitors.hpp"

#include <aludel/file/configuration.hpp>
#include <aludel/file/snapshot.hpp>
#include <aludel/revision/revision.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

/// The tables of keys of whole files, in the codec's own terms: parsers, unknown-key errors, `aludel config` and the JSON Schemas share them.
namespace aludel::file {

/// One string, or a list of them.
struct Identifiers {
  std::vector<std::string> list;
  bool operator==(const Identifiers&) const = default;
};

/// A revision file as it is written.
struct RevisionFile {
  revision::Revision head;
  op::Operations upgrade;
  std::optional<op::Operations> downgrade;
};

struct SnapshotFile {
  std::int64_t version = 1;
  std::string dialect;
  std::string server_version;
  std::vector<schema::Unsupported> unsupported;
  op::Operations upgrade;
};

/// aludel.toml as it is written: paths relative, URLs with their variables.
struct DatabaseFile {
  Secret url;
  Secret scratch_url;
  bool production = false;
  Mark url_mark{};
  Mark scratch_url_mark{};
  bool operator==(const DatabaseFile&) const = default;
};
struct EnvironmentFile {
  std::string library;
  std::string build;
  bool hooks = false;
  bool operator==(const EnvironmentFile&) const = default;
};
struct ModelsFile {
  std::string source = "models:";
  bool operator==(const ModelsFile&) const = default;
};
struct ConfigurationFile {
  std::string script_location = "migrations";
  std::string file_template;
  std::vector<std::string> plugin_path;
  std::optional<DatabaseFile> database;
  std::map<std::string, DatabaseFile> databases;
  EnvironmentFile environment;
  ModelsFile models;
  AutogenerateSettings autogenerate;
  RunSettings run;
};

}  // namespace aludel::file

namespace aludel::op::codec {

template <>
struct Codec<file::Identifiers> {
  static Value encode(const file::Identifiers& value) {
    if (value.list.size() > 1) return encode_value(value.list);
    return value.list.empty() ? Value("") : Value(value.list.front());
  }
  static void decode(const Input& input, file::Identifiers& value) {
    if (const auto* text = input.value.string()) {
      if (!text->empty()) value.list.push_back(*text);
    } else {
      if (!input.value.array()) fail_type(input, "a string or a list of strings");
      value.list = decode_value<std::vector<std::string>>(input);
    }
  }
  static Value schema(Schemas&) { return Schemas::one_of({Schemas::of_type("string"), Schemas::array_of(Schemas::of_type("string"))}); }
};

template <>
struct Codec<std::chrono::milliseconds> {
  static Value encode(std::chrono::milliseconds value) { return file::duration_text(value); }
  static void decode(const Input& input, std::chrono::milliseconds& value) {
    const auto* integer = input.value.integer();
    if (integer && *integer == 0) {
      value = {};
      return;
    }
    const auto& text = text_of(input, "a duration in a string, as \"3s\" or \"500ms\"");
    value = at_place(input, [&] { return file::parse_duration(text); });
  }
  static Value schema(Schemas&) { return Schemas::of_type("string"); }
};

/// Never shown as it is.
template <>
struct Codec<Secret> {
  static Value encode(const Secret& value) { return mask_passwords(value.reveal()); }
  static void decode(const Input& input, Secret& value) { value = Secret(text_of(input)); }
  static Value schema(Schemas&) { return Schemas::of_type("string"); }
};

template <class T>
struct Codec<std::map<std::string, T>> {
  static Value encode(const std::map<std::string, T>& map) {
    Value::Object members;
    for (const auto& [key, value] : map) members.push_back({key, encode_value(value)});
    return members;
  }
  static void decode(const Input& input, std::map<std::string, T>& map) {
    const auto* object = input.value.object();
    if (!object) fail_type(input, "a table");
    for (const auto& member : *object) Codec<T>::decode({member.value, input.file, quoted(member.key)}, map[member.key]);
  }
  static Value schema(Schemas& schemas) {
    auto result = Schemas::of_type("object");
    result.set("additionalProperties", Codec<T>::schema(schemas));
    return result;
  }
};

template <>
struct Fields<file::RevisionFile> {
  static constexpr std::string_view name = "revision file";
  template <class V, class T>
  static void visit(V& v, T& file) {
    auto& head = file.head;
    file::Identifiers parents{head.down_revisions}, depends_on{head.depends_on}, labels{head.branch_labels};
    std::string foreign_keys = head.foreign_keys_off ? "off" : "";
    v.required("revision", head.id, "the revision's id");
    v.required("down_revision", parents, "the parent: \"\" for a base, an id, or a list of ids for a merge");
    v.optional("message", head.message, "what the revision does, for people");
    v.optional("created", head.created, "when it was written: a date-time");
    v.optional("depends_on", depends_on, "revisions of other branches that must be there first");
    v.optional("branch_labels", labels, "names for the branch that begins here");
    v.optional("transaction", head.transaction, "false: run outside a transaction", true);
    v.optional("lock_timeout", head.lock_timeout, "how long a statement waits for a lock, as \"3s\"");
    v.optional("statement_timeout", head.statement_timeout, "how long a statement may take, as \"30s\"; \"0\": for ever");
    v.optional("foreign_keys", foreign_keys, "\"off\": table rebuilds and data statements share the revision, without foreign-key actions");
    v.optional("upgrade", file.upgrade, "the operations: [[upgrade]] tables");
    v.optional("downgrade", file.downgrade, "[[downgrade]] tables, where the inverse does not suffice; [] for one that does nothing");
    if constexpr (V::reading) {
      head.down_revisions = std::move(parents.list);
      head.depends_on = std::move(depends_on.list);
      head.branch_labels = std::move(labels.list);
      head.foreign_keys_off = foreign_keys == "off";
      if (!foreign_keys.empty() && foreign_keys != "off") v.fail("knows foreign_keys = \"off\" and no other value");
    }
  }
};

template <>
struct Fields<schema::Unsupported> {
  static constexpr std::string_view name = "unsupported element";
  template <class V, class T>
  static void visit(V& v, T& element) {
    v.required("kind", element.kind, "what it is");
    v.required("name", element.name, "its name");
    v.optional("reason", element.reason, "why it is not carried");
  }
};

template <>
struct Fields<file::SnapshotFile> {
  static constexpr std::string_view name = "snapshot";
  template <class V, class T>
  static void visit(V& v, T& file) {
    v.required("snapshot", file.version, "the version of this format: 1");
    v.optional("dialect", file.dialect, "the dialect whose spellings it has");
    v.optional("server_version", file.server_version, "the server's version");
    v.optional("unsupported", file.unsupported, "what the dialect saw and could not carry");
    v.optional("upgrade", file.upgrade, "the schema as create operations: [[upgrade]] tables");
    if constexpr (V::reading) {
      if (file.version != 1) v.fail("has a format that this version of aludel does not know: snapshot = " + std::to_string(file.version));
    }
  }
};

template <>
struct Fields<file::DatabaseFile> {
  static constexpr std::string_view name = "database";
  template <class V, class T>
  static void visit(V& v, T& database) {
    v.required("url", database.url, "the database's URL; ${VAR} is taken from the environment");
    v.optional("scratch_url", database.scratch_url, "where throwaway databases may be created");
    v.optional("production", database.production, "true: guards");
    if constexpr (V::reading) {
      database.url_mark = v.mark_of("url");
      database.scratch_url_mark = v.mark_of("scratch_url");
    }
  }
};

template <>
struct Fields<file::EnvironmentFile> {
  static constexpr std::string_view name = "environment";
  template <class V, class T>
  static void visit(V& v, T& environment) {
    v.optional("library", environment.library, "the application's environment, a shared library");
    v.optional("build", environment.build, "a shell command that builds it, run before anything reads the models");
    v.optional("hooks", environment.hooks, "true: upgrade loads it for on_apply hooks, not only for a pending call");
  }
};

template <>
struct Fields<file::ModelsFile> {
  static constexpr std::string_view name = "models section";
  template <class V, class T>
  static void visit(V& v, T& models) {
    v.optional("source", models.source, "the target: models:, a .sql file, a snapshot, exec:COMMAND", "models:");
  }
};

template <>
struct Fields<file::AutogenerateSettings> {
  static constexpr std::string_view name = "autogenerate section";
  template <class V, class T>
  static void visit(V& v, T& settings) {
    v.optional("include", settings.include, "patterns with * and ? of what is looked at; empty: everything");
    v.optional("exclude", settings.exclude, "patterns with * and ? of what is left out");
    v.optional("verify", settings.verify, "false: a revision is written without a proof on a scratch database", true);
    v.optional("privileges", settings.privileges, "true: grants are compared too");
  }
};

template <>
struct Fields<file::RunSettings> {
  static constexpr std::string_view name = "run section";
  template <class V, class T>
  static void visit(V& v, T& run) {
    const file::RunSettings defaults;
    v.optional("schema", run.schema, "where the version and journal tables live");
    v.optional("version_table", run.version_table, "the table of the heads", defaults.version_table);
    v.optional("journal_table", run.journal_table, "the table of what ran", defaults.journal_table);
    v.optional("lock_wait", run.lock_wait, "how long another run is waited for, as \"60s\"", defaults.lock_wait);
    v.optional("lock_timeout", run.lock_timeout, "how long a statement waits for a lock", defaults.lock_timeout);
    v.optional("statement_timeout", run.statement_timeout, "how long a statement may take; \"0\": for ever", defaults.statement_timeout);
    v.optional("online", run.online, "false: plain forms instead of those that are safe on busy tables", true);
  }
};

template <>
struct Fields<file::ConfigurationFile> {
  static constexpr std::string_view name = "aludel.toml";
  template <class V, class T>
  static void visit(V& v, T& file) {
    v.optional("script_location", file.script_location, "the directory with env.cpp and versions/", "migrations");
    v.optional("file_template", file.file_template, "revision files' names: {rev} {slug} {year} {month} {day} {hour} {minute} {second} {epoch}");
    v.optional("plugin_path", file.plugin_path, "further directories with dialects");
    v.optional("database", file.database, "the default database");
    v.optional("databases", file.databases, "further databases, by name: --database NAME");
    v.optional("environment", file.environment, "the application's environment");
    v.optional("models", file.models, "where the target schema comes from");
    v.optional("autogenerate", file.autogenerate, "what is compared");
    v.optional("run", file.run, "how revisions run");
  }
};

}  // namespace aludel::op::codec
