#include "types.hpp"

#include "lexer.hpp"

#include <aludel/text.hpp>

#include <fmt/format.h>
#include <charconv>
#include <map>

namespace aludel::sqlite {

using schema::Type;
using schema::TypeKind;

namespace {

/// "NAME", "NAME(a)" or "NAME(a,b)".
std::string with_arguments(std::string_view name, std::optional<int> first, std::optional<int> second = std::nullopt) {
  if (!first) return std::string(name);
  if (!second) return fmt::format("{}({})", name, *first);
  return fmt::format("{}({},{})", name, *first, *second);
}

std::string strict_text(const Type& type) {
  switch (type.kind) {
    case TypeKind::boolean:
    case TypeKind::smallint:
    case TypeKind::integer:
    case TypeKind::bigint:
    case TypeKind::interval:
      return "INTEGER";
    case TypeKind::real:
    case TypeKind::double_precision:
    case TypeKind::decimal:
      return "REAL";
    case TypeKind::binary:
      return "BLOB";
    case TypeKind::text:
    case TypeKind::varchar:
    case TypeKind::character:
    case TypeKind::date:
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::uuid:
    case TypeKind::json:
    case TypeKind::enumeration:
    case TypeKind::array:
      return "TEXT";
    case TypeKind::native:
      return normal_type_text(type.text);
  }
  return {};
}

std::string plain_text(const Type& type) {
  switch (type.kind) {
    case TypeKind::boolean:
      return "BOOLEAN";
    case TypeKind::smallint:
      return "SMALLINT";
    case TypeKind::integer:
      return "INTEGER";
    case TypeKind::bigint:
      return "BIGINT";
    case TypeKind::real:
      return "REAL";
    case TypeKind::double_precision:
      return "DOUBLE";
    case TypeKind::decimal:
      return with_arguments("DECIMAL", type.precision, type.scale);
    case TypeKind::varchar:
      return with_arguments("VARCHAR", type.length);
    case TypeKind::character:
      return with_arguments("CHAR", type.length);
    case TypeKind::binary:
      return "BLOB";
    case TypeKind::date:
      return "DATE";
    case TypeKind::time:
      return with_arguments(type.with_zone ? "TIMETZ" : "TIME", type.precision);
    case TypeKind::timestamp:
      return with_arguments(type.with_zone ? "TIMESTAMPTZ" : "TIMESTAMP", type.precision);
    case TypeKind::interval:
      return "INTERVAL";  // holds INT, hence integer affinity: a count of units
    case TypeKind::uuid:
      return "CHAR(36)";
    case TypeKind::text:
    case TypeKind::json:  // "JSON" would have numeric affinity, which turns the text '1' into a number
    case TypeKind::enumeration:
    case TypeKind::array:
      return "TEXT";
    case TypeKind::native:
      return normal_type_text(type.text);
  }
  return {};
}

struct Arguments {
  std::string_view name;
  std::vector<int> numbers;
  bool valid = true;
};

/// Cuts a normal type text into its word and its numbers.
Arguments arguments_of(std::string_view text) {
  Arguments result;
  const std::size_t open = text.find('(');
  result.name = text.substr(0, open);
  if (open == std::string_view::npos) return result;
  result.valid = text.back() == ')';
  const std::string inner(text.substr(open + 1, text.size() - open - 2));
  for (const std::string& part : split(inner, ',')) {
    int number = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
    const bool whole = error == std::errc() && end == part.data() + part.size() && part == std::to_string(number);
    if (!whole || number < 0) result.valid = false;
    result.numbers.push_back(number);
  }
  return result;
}

/// The neutral type of a normal text, or native; checked against the spelling by the caller.
Type neutral_type(std::string_view text) {
  const Arguments arguments = arguments_of(text);
  const auto first = arguments.numbers.empty() ? std::nullopt : std::optional(arguments.numbers.front());
  const auto second = arguments.numbers.size() < 2 ? std::nullopt : std::optional(arguments.numbers[1]);
  const std::string_view name = arguments.name;
  if (arguments.valid && arguments.numbers.size() <= 2) {
    if (name == "BOOLEAN") return Type::boolean();
    if (name == "SMALLINT") return Type::smallint();
    if (name == "INTEGER") return Type::integer();
    if (name == "BIGINT") return Type::bigint();
    if (name == "REAL") return Type::real();
    if (name == "DOUBLE") return Type::double_precision();
    if (name == "DECIMAL") return Type::decimal(first, second);
    if (name == "TEXT") return Type::string();
    if (name == "VARCHAR" && first) return Type::varchar(*first);
    if (name == "CHAR" && first) return Type::character(*first);
    if (name == "BLOB") return Type::binary();
    if (name == "DATE") return Type::date();
    if (name == "INTERVAL") return Type::interval();
    if (name == "TIME" || name == "TIMETZ") {
      Type type = Type::time(name == "TIMETZ");
      type.precision = first;
      return type;
    }
    if (name == "TIMESTAMP" || name == "TIMESTAMPTZ") return Type::timestamp(name == "TIMESTAMPTZ", first);
  }
  return Type::native(std::string(text));
}

/// Would SQLite's grammar take it for a type as it is?
bool is_type_without_quotes(std::string_view text) {
  for (const Token& token : tokenize(text)) {
    if (token.kind == TokenKind::end || token.kind == TokenKind::number) continue;
    if (token.kind == TokenKind::symbol && std::string_view("(),+-").find(token.text) != std::string_view::npos) continue;
    const Keyword keyword = keyword_class(token.text);
    if (token.kind != TokenKind::word || (keyword != Keyword::none && keyword != Keyword::fallback)) return false;
  }
  const Token first = next_token(text, 0);
  return first.kind == TokenKind::word || first.kind == TokenKind::end;
}

bool flag(const schema::Options& options, const std::string& key) {
  const auto ours = options.find("sqlite");
  if (ours == options.end()) return false;
  const auto value = ours->second.find(key);
  return value != ours->second.end() && value->second.boolean() && *value->second.boolean();
}

}  // namespace

std::string type_text(const Type& type, bool strict) { return strict ? strict_text(type) : plain_text(type); }

namespace {

Type read_type(std::string_view text) {
  const std::string normal = normal_type_text(text);
  Type type = neutral_type(normal);
  if (plain_text(type) != normal) type = Type::native(normal);
  type.canonical = canonical_type(type, false);
  return type;
}

}  // namespace

Type type_of_text(std::string_view text) {
  // A schema has thousands of columns and a handful of types.
  thread_local std::map<std::string, Type, std::less<>> known;
  const auto found = known.find(text);
  if (found != known.end()) return found->second;
  if (known.size() >= 256) known.clear();
  return known.emplace(text, read_type(text)).first->second;
}

std::string normal_type_text(std::string_view text) {
  const std::vector<Token> tokens = tokenize(text);
  if (tokens.front().kind == TokenKind::quoted || tokens.front().kind == TokenKind::string) {
    // SQLite keeps what stands in the quotes, and forgets what follows them.
    const std::string inner = unquote(tokens.front());
    return is_type_without_quotes(inner) ? normal_type_text(inner) : quote_identifier(to_upper(inner));
  }
  std::string result;
  bool apart = false;
  for (const Token& token : tokens) {
    if (token.kind == TokenKind::end) break;
    const bool wordlike = token.is_name() || token.kind == TokenKind::string || token.kind == TokenKind::number;
    if (wordlike && apart) result += ' ';
    apart = wordlike || token.is_symbol(")");
    result += token.kind == TokenKind::word ? to_upper(token.text) : std::string(token.text);
  }
  return result;
}

std::string canonical_type(const Type& type, bool strict) {
  if (type.kind == TypeKind::enumeration) {
    std::vector<std::string> values;
    for (const std::string& value : type.values) values.push_back(quote_string(value));
    return "ENUM(" + join(values, ", ") + ")";
  }
  std::string text = type_text(type, strict);
  return text.empty() ? std::string(untyped) : text;
}

Affinity affinity_of(std::string_view type_text) {
  const std::string upper = to_upper(type_text);
  const auto has = [&](std::string_view part) { return upper.find(part) != std::string::npos; };
  if (has("INT")) return Affinity::integer;
  if (has("CHAR") || has("CLOB") || has("TEXT")) return Affinity::text;
  if (upper.empty() || has("BLOB")) return Affinity::blob;
  if (has("REAL") || has("FLOA") || has("DOUB")) return Affinity::real;
  return Affinity::numeric;
}

bool is_rowid_alias(const schema::Table& table, const schema::Column& column) {
  const schema::PrimaryKey* key = table.primary_key();
  if (!key || key->columns.size() != 1 || !same_name(key->columns.front().column, column.name)) return false;
  if (key->columns.front().order == schema::Order::descending || is_without_rowid(table)) return false;
  const std::string text = type_text(column.type, is_strict(table));
  if (text == "INTEGER") return true;
  return column.identity && affinity_of(text) == Affinity::integer && column.type.kind != TypeKind::interval;
}

std::string column_type_text(const schema::Table& table, const schema::Column& column) {
  return is_rowid_alias(table, column) ? "INTEGER" : type_text(column.type, is_strict(table));
}

bool is_strict(const schema::Table& table) { return flag(table.options, "strict"); }
bool is_without_rowid(const schema::Table& table) { return flag(table.options, "without_rowid"); }

std::string enumeration_check(std::string_view column, const Type& type) {
  std::vector<std::string> values;
  for (const std::string& value : type.values) values.push_back(quote_string(value));
  return fmt::format("{} IN ({})", quote_identifier(column), join(values, ", "));
}

}  // namespace aludel::sqlite
