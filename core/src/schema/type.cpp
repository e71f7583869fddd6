#include <aludel/schema/type.hpp>

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace aludel::schema {

namespace {

Type simple(TypeKind kind) {
  Type type;
  type.kind = kind;
  return type;
}

}  // namespace

Type Type::boolean() { return simple(TypeKind::boolean); }
Type Type::smallint() { return simple(TypeKind::smallint); }
Type Type::integer() { return simple(TypeKind::integer); }
Type Type::bigint() { return simple(TypeKind::bigint); }
Type Type::real() { return simple(TypeKind::real); }
Type Type::double_precision() { return simple(TypeKind::double_precision); }
Type Type::decimal(std::optional<int> precision, std::optional<int> scale) {
  Type type = simple(TypeKind::decimal);
  type.precision = precision;
  type.scale = scale;
  return type;
}
Type Type::string() { return simple(TypeKind::text); }
Type Type::varchar(int length) {
  Type type = simple(TypeKind::varchar);
  type.length = length;
  return type;
}
Type Type::character(int length) {
  Type type = simple(TypeKind::character);
  type.length = length;
  return type;
}
Type Type::binary(std::optional<int> length) {
  Type type = simple(TypeKind::binary);
  type.length = length;
  return type;
}
Type Type::date() { return simple(TypeKind::date); }
Type Type::time(bool with_zone) {
  Type type = simple(TypeKind::time);
  type.with_zone = with_zone;
  return type;
}
Type Type::timestamp(bool with_zone, std::optional<int> precision) {
  Type type = simple(TypeKind::timestamp);
  type.with_zone = with_zone;
  type.precision = precision;
  return type;
}
Type Type::interval() { return simple(TypeKind::interval); }
Type Type::uuid() { return simple(TypeKind::uuid); }
Type Type::json() { return simple(TypeKind::json); }
Type Type::enumeration(std::string name, std::vector<std::string> values) {
  Type type = simple(TypeKind::enumeration);
  type.name = std::move(name);
  type.values = std::move(values);
  return type;
}
Type Type::array(Type element) {
  Type type = simple(TypeKind::array);
  type.element.push_back(std::move(element));
  return type;
}
Type Type::native(std::string text) {
  Type type = simple(TypeKind::native);
  type.text = std::move(text);
  return type;
}

namespace {

bool is_word_part(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') || (character >= '0' && character <= '9') ||
         character == '_' || static_cast<unsigned char>(character) >= 0x80;
}
bool is_space(char character) { return character == ' ' || (character >= '\t' && character <= '\r'); }

std::string in_quotes(std::string_view text, char quote) {
  std::string result(1, quote);
  for (char character : text) {
    if (character == quote) result += quote;
    result += character;
  }
  return result + quote;
}

std::string enum_name_text(const std::string& name) {
  std::string result;
  for (const std::string& part : split_name(name)) {
    if (!result.empty()) result += '.';
    const bool plain = !part.empty() && std::all_of(part.begin(), part.end(), is_word_part);
    result += plain ? part : in_quotes(part, '"');
  }
  return result;
}

std::string with_length(std::string_view word, const std::optional<int>& length) {
  return length ? fmt::format("{}({})", word, *length) : std::string(word);
}

std::string enum_text(const Type& type) {
  std::string result = "enum(";
  if (!type.name.empty()) result += enum_name_text(type.name);
  for (const std::string& value : type.values) {
    if (result.size() > 5) result += ", ";
    result += in_quotes(value, '\'');
  }
  return result + ")";
}

}  // namespace

std::string to_text(const Type& type) {
  const char* zone = type.with_zone ? " with time zone" : "";
  switch (type.kind) {
    case TypeKind::boolean:
      return "boolean";
    case TypeKind::smallint:
      return "smallint";
    case TypeKind::integer:
      return "integer";
    case TypeKind::bigint:
      return "bigint";
    case TypeKind::real:
      return "real";
    case TypeKind::double_precision:
      return "double";
    case TypeKind::decimal:
      if (!type.precision) return "decimal";
      return type.scale ? fmt::format("decimal({},{})", *type.precision, *type.scale) : fmt::format("decimal({})", *type.precision);
    case TypeKind::text:
      return "text";
    case TypeKind::varchar:
      return with_length("varchar", type.length);
    case TypeKind::character:
      return with_length("char", type.length);
    case TypeKind::binary:
      return with_length("binary", type.length);
    case TypeKind::date:
      return "date";
    case TypeKind::time:
      return with_length("time", type.precision) + zone;
    case TypeKind::timestamp:
      return with_length("timestamp", type.precision) + zone;
    case TypeKind::interval:
      return "interval";
    case TypeKind::uuid:
      return "uuid";
    case TypeKind::json:
      return "json";
    case TypeKind::enumeration:
      return enum_text(type);
    case TypeKind::array:
      return "array(" + (type.element.empty() ? std::string() : to_text(type.element.front())) + ")";
    case TypeKind::native:
      return "native(" + in_quotes(type.text, '\'') + ")";
  }
  return {};
}

namespace {

struct Word {
  std::string_view text;
  TypeKind kind;
};

constexpr std::array<Word, 20> words = {{
    {"boolean", TypeKind::boolean}, {"smallint", TypeKind::smallint},       {"integer", TypeKind::integer},   {"bigint", TypeKind::bigint},
    {"real", TypeKind::real},       {"double", TypeKind::double_precision}, {"decimal", TypeKind::decimal},   {"text", TypeKind::text},
    {"varchar", TypeKind::varchar}, {"char", TypeKind::character},          {"binary", TypeKind::binary},     {"date", TypeKind::date},
    {"time", TypeKind::time},       {"timestamp", TypeKind::timestamp},     {"interval", TypeKind::interval}, {"uuid", TypeKind::uuid},
    {"json", TypeKind::json},       {"enum", TypeKind::enumeration},        {"array", TypeKind::array},       {"native", TypeKind::native},
}};

/// Reads one type from a text; what a neutral spelling does not cover is left for the caller to see.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(trim(text)) {}

  Type parse() {
    if (text_.empty()) fail("it is empty");
    Type type = parse_one(0);
    skip_space();
    return at_end() ? type : native_whole();
  }

 private:
  [[noreturn]] void fail(std::string_view why) const {
    throw Error(ErrorKind::syntax, fmt::format("{} is no column type: {}", quoted(text_), why))
        .with_hint(
            "the neutral types are boolean, smallint, integer, bigint, real, double, decimal(p,s), text, varchar(n), char(n), binary, date, "
            "time, timestamp, interval, uuid, json, enum(name, 'value', ...) and array(type); native('...') passes a type on as it stands");
  }

  bool at_end() const { return position_ >= text_.size(); }
  void skip_space() {
    while (!at_end() && is_space(text_[position_])) ++position_;
  }
  bool accept(char character) {
    skip_space();
    if (at_end() || text_[position_] != character) return false;
    ++position_;
    return true;
  }
  std::string_view read_word() {
    skip_space();
    const std::size_t begin = position_;
    while (!at_end() && is_word_part(text_[position_])) ++position_;
    return text_.substr(begin, position_ - begin);
  }
  /// Consumes the words if all of them come next, whatever their case.
  bool accept_words(std::initializer_list<std::string_view> wanted) {
    const std::size_t before = position_;
    for (std::string_view word : wanted) {
      if (equals_ignoring_case(read_word(), word)) continue;
      position_ = before;
      return false;
    }
    return true;
  }

  std::string read_quoted(char quote) {
    std::string result;
    for (++position_; !at_end(); ++position_) {
      if (text_[position_] != quote) {
        result += text_[position_];
      } else if (position_ + 1 < text_.size() && text_[position_ + 1] == quote) {
        result += text_[position_++];
      } else {
        ++position_;
        return result;
      }
    }
    fail("a quote is not closed");
  }
  void expect_close() {
    if (!accept(')')) fail(at_end() ? "a parenthesis is not closed" : "')' or ',' was expected");
  }
  int read_number(bool may_be_negative = false) {
    skip_space();
    int number = 0;
    const char* end = text_.data() + text_.size();
    const auto [next, error] = std::from_chars(text_.data() + position_, end, number);
    if (error != std::errc()) fail("a number was expected in its parentheses");
    if (number < 0 && !may_be_negative) fail("its number is negative");
    position_ = static_cast<std::size_t>(next - text_.data());
    return number;
  }
  std::optional<int> read_length(bool zero_allowed) {
    if (!accept('(')) return std::nullopt;
    const int length = read_number();
    if (length == 0 && !zero_allowed) fail("a length of 0 holds nothing");
    expect_close();
    return length;
  }

  Type parse_one(int depth) {
    if (depth > 16) fail("it is nested too deeply");
    const std::size_t begin = position_;
    const std::string word = to_lower(read_word());
    const auto* found = std::find_if(words.begin(), words.end(), [&](const Word& known) { return known.text == word; });
    if (found == words.end()) {
      if (depth == 0) return native_whole();
      position_ = begin;
      return native_element();
    }
    Type type = simple(found->kind);
    read_arguments(type, depth);
    return type;
  }

  void read_arguments(Type& type, int depth) {
    switch (type.kind) {
      case TypeKind::boolean:
      case TypeKind::smallint:
      case TypeKind::integer:
      case TypeKind::bigint:
      case TypeKind::real:
      case TypeKind::text:
      case TypeKind::date:
      case TypeKind::interval:
      case TypeKind::uuid:
      case TypeKind::json:
        if (accept('(')) fail("it takes nothing in parentheses (native('...') passes a type on as it stands)");
        return;
      case TypeKind::double_precision:
        accept_words({"precision"});
        if (accept('(')) fail("it takes nothing in parentheses (native('...') passes a type on as it stands)");
        return;
      case TypeKind::decimal:
        return read_decimal(type);
      case TypeKind::varchar:
      case TypeKind::character:
      case TypeKind::binary:
        type.length = read_length(false);
        return;
      case TypeKind::time:
      case TypeKind::timestamp:
        type.precision = read_length(true);
        type.with_zone = accept_words({"with", "time", "zone"});
        if (!type.with_zone) accept_words({"without", "time", "zone"});
        return;
      case TypeKind::enumeration:
        return read_enum(type);
      case TypeKind::array:
        if (!accept('(')) fail("the type of its elements is missing: array(integer)");
        type.element.push_back(parse_one(depth + 1));
        return expect_close();
      case TypeKind::native:
        return read_native(type);
    }
  }

  void read_decimal(Type& type) {
    if (!accept('(')) return;
    type.precision = read_number();
    if (*type.precision == 0) fail("a precision of 0 holds nothing");
    if (accept(',')) type.scale = read_number(true);
    expect_close();
  }

  void read_enum(Type& type) {
    if (!accept('(')) fail("its values are missing: enum(name, 'value', ...)");
    skip_space();
    bool more = true;
    if (!at_end() && text_[position_] != '\'' && text_[position_] != ')') {
      type.name = read_enum_name();
      more = accept(',');
    }
    while (more) {
      skip_space();
      if (at_end() || text_[position_] != '\'') {
        if (type.name.empty() && type.values.empty()) break;
        fail("its values stand in single quotes: enum(name, 'value', ...)");
      }
      type.values.push_back(read_quoted('\''));
      more = accept(',');
    }
    expect_close();
  }

  std::string read_enum_name() {
    std::vector<std::string> parts;
    do {
      skip_space();
      if (!at_end() && text_[position_] == '"') {
        parts.push_back(read_quoted('"'));
      } else {
        parts.emplace_back(read_word());
        if (parts.back().empty()) fail("its name is missing: enum(name, 'value', ...)");
      }
    } while (accept('.'));
    return join_name(parts);
  }

  void read_native(Type& type) {
    if (!accept('(')) fail("the database's own type is missing: native('...')");
    skip_space();
    if (at_end() || text_[position_] != '\'') fail("the database's own type stands in single quotes: native('...')");
    type.text = read_quoted('\'');
    expect_close();
  }

  /// A bare word that is none of ours, with all that follows it.
  Type native_whole() {
    int open = 0;
    for (position_ = 0; !at_end(); ++position_) {
      const char character = text_[position_];
      if (character == '\'' || character == '"') {
        read_quoted(character);
        --position_;
      }
      if (character == '(') ++open;
      if (character == ')' && --open < 0) fail("a parenthesis is closed that was not opened");
    }
    if (open != 0) fail("a parenthesis is not closed");
    return Type::native(std::string(text_));
  }

  /// The same inside array(...): up to the parenthesis that closes the array.
  Type native_element() {
    skip_space();
    const std::size_t begin = position_;
    int open = 0;
    for (; !at_end(); ++position_) {
      const char character = text_[position_];
      if (character == '(') ++open;
      if (character == ')' && --open < 0) break;
    }
    const std::string_view element = trim(text_.substr(begin, position_ - begin));
    if (element.empty()) fail("the type of its elements is missing: array(integer)");
    return Type::native(std::string(element));
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

}  // namespace

Type parse_type(std::string_view text) { return Parser(text).parse(); }

}  // namespace aludel::schema
