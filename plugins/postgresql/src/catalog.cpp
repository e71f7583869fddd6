#include "catalog.hpp"

#include <aludel/text.hpp>

#include <algorithm>

namespace aludel::postgresql {

namespace {

/// Behind the string, quoted name or dollar-quoted text that begins at `at`; at + 1 where none does. What the server prints is well formed.
std::size_t behind_quoted(std::string_view text, std::size_t at) {
  const char quote = text[at];
  if (quote == '\'' || quote == '"') {
    // pg_get_expr writes E'' where a backslash stands in a string.
    const bool escapes = quote == '\'' && at > 0 && (text[at - 1] == 'E' || text[at - 1] == 'e');
    for (std::size_t i = at + 1; i < text.size(); ++i) {
      if (escapes && text[i] == '\\') {
        ++i;
      } else if (text[i] == quote) {
        if (i + 1 >= text.size() || text[i + 1] != quote) return i + 1;
        ++i;
      }
    }
    return text.size();
  }
  return at + 1;
}

bool opens(char c) { return c == '(' || c == '['; }
bool closes(char c) { return c == ')' || c == ']'; }

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\n' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

const std::string& CatalogRelation::column(std::int64_t number) const {
  static const std::string none;
  if (table) {
    const schema::Column* const column = table_column(number);
    return column ? column->name : none;
  }
  return number < 1 || static_cast<std::size_t>(number) > names.size() ? none : names[static_cast<std::size_t>(number - 1)];
}

schema::Column* CatalogRelation::table_column(std::int64_t number) const {
  if (!table) return nullptr;
  const auto found = std::lower_bound(numbers.begin(), numbers.end(), number);
  return found == numbers.end() || *found != number ? nullptr : &table->columns[static_cast<std::size_t>(found - numbers.begin())];
}

schema::Object& Catalog::add(schema::Object object, CatalogAddress at, std::string_view catalog) {
  keys.emplace(at, object.key);
  dependents.push_back({at, std::string(catalog), object.key});
  const schema::ObjectKey key = object.key;
  schema::Object& added = metadata.objects[key];
  added = std::move(object);
  return added;
}

std::string plain_name(std::string_view sql) { return join_name(split_name(sql)); }

void set_option(schema::Options& options, std::string key, Value value) { options["postgresql"].insert_or_assign(std::move(key), std::move(value)); }

Value::Object storage_parameters(const std::vector<std::string>& parameters, std::string_view prefix) {
  Value::Object all;
  for (const std::string& parameter : parameters) {
    const std::size_t equals = parameter.find('=');
    all.push_back({std::string(prefix) + parameter.substr(0, equals), Value(parameter.substr(equals + 1))});
  }
  return all;
}

std::string_view without_parentheses(std::string_view text) {
  for (text = trimmed(text); text.size() >= 2 && text.front() == '(' && text.back() == ')';) {
    int depth = 0;
    for (std::size_t i = 0; i < text.size();) {
      if (opens(text[i])) ++depth;
      if (closes(text[i]) && --depth == 0 && i + 1 != text.size()) return text;
      i = behind_quoted(text, i);
    }
    text = trimmed(text.substr(1, text.size() - 2));
  }
  return text;
}

namespace {

/// x IN ('a', 'b') of a varchar comes back as (x)::text = ANY ((ARRAY['a'::character varying, ...])::text[]); said so again, the cast would go into
/// the array's elements. Without it the server finds the same cast by itself.
std::string restated(std::string_view text) {
  constexpr std::string_view begins = " ((ARRAY[";
  constexpr std::string_view ends = "])::text[])";
  constexpr std::string_view element = "::character varying";
  std::string said;
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (text.substr(i, begins.size()) != begins || i < 3 || (text.substr(i - 3, 3) != "ANY" && text.substr(i - 3, 3) != "ALL")) {
      i = behind_quoted(text, i);
      continue;
    }
    const std::size_t first = i + begins.size();
    int depth = 1;
    std::size_t last = first;
    for (; last < text.size(); last = behind_quoted(text, last)) {
      if (opens(text[last])) ++depth;
      if (closes(text[last]) && --depth == 0) break;
    }
    i = first;
    if (text.substr(last, ends.size()) != ends) continue;
    const std::vector<std::string_view> elements = expressions_of_list(text.substr(first, last - first));
    if (!std::all_of(elements.begin(), elements.end(), [&](std::string_view one) { return one.ends_with(element); })) continue;
    said.append(text.substr(copied, first - begins.size() - copied)).append(" (ARRAY[").append(text.substr(first, last - first)).append("])");
    copied = last + ends.size();
    i = copied;
  }
  return said.append(text.substr(copied));
}

}  // namespace

schema::Expression definition_of(std::string_view text) {
  schema::Expression expression(restated(text));
  expression.canonical = text;
  return expression;
}

schema::Expression expression_of(std::string_view text) { return definition_of(without_parentheses(text)); }

std::vector<std::string_view> expressions_of_list(std::string_view list) {
  std::vector<std::string_view> all;
  int depth = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < list.size(); i = behind_quoted(list, i)) {
    if (opens(list[i])) ++depth;
    if (closes(list[i])) --depth;
    if (list[i] == ',' && depth == 0) {
      all.push_back(trimmed(list.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  all.push_back(trimmed(list.substr(begin)));
  return all;
}

std::string for_version(const Catalog& catalog, std::string_view query) {
  std::string text;
  for (std::size_t i = 0; i < query.size();) {
    if (query[i] != '{') {
      text += query[i++];
      continue;
    }
    std::size_t end = i;
    for (int depth = 0; depth > 0 || end == i; ++end) depth += query[end] == '{' ? 1 : query[end] == '}' ? -1 : 0;
    --end;
    const std::string_view inside = query.substr(i + 1, end - i - 1);
    i = end + 1;
    if (inside == "spaces") {
      text += catalog.space_list;
      continue;
    }
    const std::size_t colon = inside.find(':');
    if (inside.substr(0, colon) == "shared") {
      if (catalog.shared()) text += inside.substr(colon + 1);
      continue;
    }
    const int number = std::stoi(std::string(inside.substr(1, colon - 1)));
    const bool kept = inside.front() == 'v' ? catalog.version >= number : catalog.version < number;
    if (kept) text += for_version(catalog, inside.substr(colon + 1));
  }
  return text;
}

std::string_view behind_name(std::string_view definition, int words) {
  std::size_t at = 0;
  for (; words > 0; --words) at = definition.find(' ', at) + 1;
  while (at < definition.size()) {
    if (definition[at] == '"') {
      at = behind_quoted(definition, at);
    } else {
      at = std::min(definition.find_first_of(" .(\n\"", at), definition.size());
    }
    if (at >= definition.size() || definition[at] != '.') break;
    ++at;
  }
  return trimmed(definition.substr(at));
}

}  // namespace aludel::postgresql
