#include "render_privileges.hpp"

#include "lexer.hpp"
#include "quoting.hpp"

#include <aludel/op/dependents.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace aludel::postgresql {

namespace {

struct Grant {
  bool granted = true;  // false: taken away although it is usual
  std::string privilege, columns, grantee;
  bool grantable = false;

  bool is_same(const Grant& other) const {
    return granted == other.granted && privilege == other.privilege && columns == other.columns && grantee == other.grantee;
  }
};

/// "GRANT SELECT (a) TO reader WITH GRANT OPTION; REVOKE EXECUTE FROM PUBLIC"
std::vector<Grant> grants_of(std::string_view text) {
  std::vector<Grant> grants;
  const std::vector<Token> tokens = tokenize(text);
  for (std::size_t i = 0; tokens[i].kind != TokenKind::end; ++i) {
    Grant& grant = grants.emplace_back();
    grant.granted = tokens[i].is("GRANT");
    for (++i; tokens[i].kind == TokenKind::word && !tokens[i].is("TO") && !tokens[i].is("FROM"); ++i) {
      grant.privilege += (grant.privilege.empty() ? "" : " ") + to_upper(tokens[i].text);
    }
    if (tokens[i].is_symbol("(")) {
      for (++i; tokens[i].kind != TokenKind::end && !tokens[i].is_symbol(")"); ++i) grant.columns += std::string(tokens[i].text);
      ++i;
    }
    if (tokens[i].kind != TokenKind::end) ++i;
    if (tokens[i].kind != TokenKind::end) grant.grantee = tokens[i++].text;
    for (; tokens[i].kind != TokenKind::end && !tokens[i].is_symbol(";"); ++i) grant.grantable = grant.grantable || tokens[i].is("OPTION");
    if (tokens[i].kind == TokenKind::end) break;
  }
  return grants;
}

/// What stands in front of GRANT, and what behind the privileges.
struct Frame {
  std::string before, on;
};

Frame frame_of(const schema::ObjectKey& key) {
  if (key.kind == "default_privileges") {
    const std::size_t in = key.signature.find(" IN SCHEMA ");
    Frame frame{"ALTER DEFAULT PRIVILEGES FOR ROLE " + key.name.name, " ON " + key.signature.substr(0, in)};
    if (in != std::string::npos) frame.before += key.signature.substr(in);
    frame.before += " ";
    return frame;
  }
  if (!key.parent.empty()) return {"", " ON TABLE " + quote_name(schema::parse_name(key.parent))};
  const std::size_t arguments = key.signature.find(" (");
  std::string on = fmt::format(" ON {} {}", key.signature.substr(0, arguments), quote_name(key.name));
  if (arguments != std::string::npos) on += key.signature.substr(arguments + 1);
  return {"", std::move(on)};
}

/// Statements of one kind, those for one grantee joined.
class Statements {
 public:
  explicit Statements(Frame frame) : frame_(std::move(frame)) {}

  void add(std::string_view verb, const Grant& grant, std::string_view behind = {}) {
    const bool gives = verb == "GRANT";
    const std::string end = fmt::format("{} {} {}{}", frame_.on, gives ? "TO" : "FROM", grant.grantee, behind);
    const std::string what = grant.privilege + (grant.columns.empty() ? std::string() : " (" + grant.columns + ")");
    for (One& one : all_) {
      if (one.verb != verb || one.end != end) continue;
      one.what += ", " + what;
      return;
    }
    all_.push_back({std::string(verb), what, end});
  }
  std::vector<std::string> take() const {
    std::vector<std::string> texts;
    for (const One& one : all_) texts.push_back(fmt::format("{}{} {}{}", frame_.before, one.verb, one.what, one.end));
    return texts;
  }

 private:
  struct One {
    std::string verb, what, end;
  };
  Frame frame_;
  std::vector<One> all_;
};

}  // namespace

bool is_privilege(std::string_view kind) { return kind == "privilege" || kind == "default_privileges"; }

std::vector<std::string> privilege_changes(const schema::ObjectKey& key, std::string_view from_text, std::string_view to_text) {
  const std::vector<Grant> from = grants_of(from_text);
  const std::vector<Grant> to = grants_of(to_text);
  const auto find = [](const std::vector<Grant>& all, const Grant& one) {
    return std::find_if(all.begin(), all.end(), [&](const Grant& other) { return other.is_same(one); });
  };
  Statements revokes(frame_of(key));
  Statements grants(frame_of(key));
  const auto give = [&](const Grant& grant) { grants.add("GRANT", grant, grant.grantable ? " WITH GRANT OPTION" : ""); };
  for (const Grant& was : from) {
    const auto is = find(to, was);
    if (is == to.end()) {
      was.granted ? revokes.add("REVOKE", was) : give(was);
      if (!was.granted || !was.columns.empty()) continue;
      // With a table's privilege go those of its columns.
      for (const Grant& left : to) {
        if (left.granted && left.privilege == was.privilege && left.grantee == was.grantee && find(from, left) != from.end()) give(left);
      }
    } else if (was.granted && was.grantable && !is->grantable) {
      revokes.add("REVOKE GRANT OPTION FOR", was);
    } else if (was.granted && !was.grantable && is->grantable) {
      give(*is);
    }
  }
  for (const Grant& is : to) {
    if (find(from, is) != from.end()) continue;
    is.granted ? give(is) : revokes.add("REVOKE", is);
  }
  std::vector<std::string> all = revokes.take();
  for (std::string& text : grants.take()) all.push_back(std::move(text));
  return all;
}

std::string granted_at_once(const schema::Metadata& schema, std::string_view kind, const schema::Name& name) {
  const std::string space = name.schema.empty() ? "public" : name.schema;
  std::string all;
  for (auto at = schema.objects.lower_bound({"default_privileges", {}, "", ""}); at != schema.objects.end(); ++at) {
    const auto& [key, object] = *at;
    if (key.kind != "default_privileges") break;
    const std::size_t in = key.signature.find(" IN SCHEMA ");
    if (key.signature.substr(0, in) != kind) continue;
    if (in != std::string::npos && split_name(key.signature.substr(in + 11)).front() != space) continue;
    all += (all.empty() ? "" : "; ") + (object.definition.declared.empty() ? object.definition.canonical : object.definition.declared);
  }
  return all;
}

std::vector<std::string> first_privileges(const schema::ObjectKey& key, std::string_view at_once, std::string_view wanted) {
  std::vector<std::string> all;
  const std::vector<std::string> plain = privilege_changes(key, "", wanted);
  const std::vector<std::string> changes = at_once.empty() ? std::vector<std::string>() : privilege_changes(key, at_once, wanted);
  const auto add = [&](const std::string& text) {
    if (std::find(all.begin(), all.end(), text) == all.end()) all.push_back(text);
  };
  for (const std::string& text : changes) {
    if (text.starts_with("REVOKE")) add(text);
  }
  for (const std::string& text : plain) add(text);
  for (const std::string& text : changes) add(text);
  return all;
}

std::vector<std::string> column_grants(const schema::ObjectKey& key, std::string_view definition, std::string_view column) {
  Statements grants(frame_of(key));
  for (const Grant& grant : grants_of(definition)) {
    const bool same = grant.columns == column || grant.columns == quote_identifier(column);
    if (grant.granted && same) grants.add("GRANT", grant, grant.grantable ? " WITH GRANT OPTION" : "");
  }
  return grants.take();
}

bool has_target(const schema::Metadata& schema, const schema::ObjectKey& key) {
  if (key.kind == "default_privileges") return true;
  if (!key.parent.empty()) {
    const schema::Name parent = schema::parse_name(key.parent);
    if (schema.find_table(parent) != nullptr) return true;
    return std::any_of(schema.objects.begin(), schema.objects.end(),
                       [&](const auto& entry) { return op::is_relation(entry.first.kind) && entry.first.name == parent; });
  }
  if (key.signature == "SEQUENCE") return schema.sequences.contains(key.name);
  const std::size_t arguments = key.signature.find(" (");
  if (arguments == std::string::npos) return true;
  const std::string types = key.signature.substr(arguments + 2, key.signature.size() - arguments - 3);
  const auto holds = [&](const char* kind) { return schema.objects.contains({kind, key.name, "", types}); };
  return holds("function") || holds("procedure") || holds("aggregate");
}

}  // namespace aludel::postgresql
