#include "conninfo.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <memory>

namespace aludel::postgresql {

namespace {

/// Every keyword this libpq knows.
const std::vector<std::string>& keywords() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconndefaults(), &PQconninfoFree);
    for (const auto* option = options.get(); option && option->keyword; ++option) all.emplace_back(option->keyword);
    return all;
  }();
  return names;
}

void set(Conninfo& info, std::string_view key, std::string value) {
  const auto found = std::find_if(info.begin(), info.end(), [&](const auto& entry) { return entry.first == key; });
  if (found == info.end()) {
    info.emplace_back(key, std::move(value));
  } else {
    found->second = std::move(value);
  }
}

}  // namespace

std::vector<std::string> own_settings(const dialect::ConnectOptions& options) {
  std::vector<std::string> all = {"datestyle=ISO", "intervalstyle=postgres", "standard_conforming_strings=on", "lock_timeout=3s"};
  if (options.read_only) all.emplace_back("default_transaction_read_only=on");
  return all;
}

Conninfo conninfo_of(const Url& url, const dialect::ConnectOptions& options) {
  Conninfo info;
  if (!url.host.empty()) set(info, "host", url.host);
  if (url.port) set(info, "port", std::to_string(*url.port));
  if (!url.user.empty()) set(info, "user", url.user);
  if (!url.password.empty()) set(info, "password", url.password.reveal());
  if (!url.path.empty()) set(info, "dbname", url.path);
  std::string settings;
  for (const auto& [key, value] : url.query) {
    if (key == "options") {
      settings = value;
    } else if (key == "pool_mode") {
      if (value != "session") {
        throw Error(ErrorKind::usage, fmt::format("the PostgreSQL URL's option pool_mode has no value {}", quoted(value)))
            .with_hint("only pool_mode=session; in transaction mode session settings and locks are lost between statements");
      }
    } else if (std::find(keywords().begin(), keywords().end(), key) != keywords().end()) {
      set(info, key, value);
    } else {
      throw Error(ErrorKind::usage, fmt::format("the PostgreSQL URL has an unknown option {}{}", quoted(key), did_you_mean(key, keywords())))
          .with_hint("PostgreSQL URLs know the keywords of libpq, and pool_mode=session; server settings go into options=-c...");
    }
  }
  if (has_session_pooler(url)) {
    // PgBouncer refuses sessions that begin with settings; whoever gives some has told it to let them through.
    if (!settings.empty()) set(info, "options", settings);
  } else {
    // Settings of the session's start are what RESET ALL goes back to. The user's own stand behind and win.
    std::string own;
    for (const std::string& setting : own_settings(options)) own += (own.empty() ? "-c " : " -c ") + setting;
    set(info, "options", settings.empty() ? own : own + " " + settings);
  }
  set(info, "client_encoding", "UTF8");
  set(info, "fallback_application_name", "aludel");
  return info;
}

bool has_session_pooler(const Url& url) { return url.option("pool_mode") != nullptr; }

Secret conninfo_text(const Conninfo& info) {
  std::string text;
  for (const auto& [key, value] : info) {
    text += (text.empty() ? "" : " ") + key + "='";
    for (char c : value) {
      if (c == '\'' || c == '\\') text += '\\';
      text += c;
    }
    text += '\'';
  }
  return Secret(std::move(text));
}

Conninfo with_database(Conninfo info, const std::string& database) {
  set(info, "dbname", database);
  return info;
}

}  // namespace aludel::postgresql
