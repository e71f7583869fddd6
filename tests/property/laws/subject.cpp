#include "subject.hpp"

#include <aludel/text.hpp>

namespace aludel::test {

using schema::TypeKind;

std::string Subject::some_value(Random& random, const schema::Column& column) const {
  if (column.nullable && random.chance(15)) return "NULL";
  static const std::vector<std::string> numbers = {"1", "2", "3", "4", "7"};
  static const std::vector<std::string> texts = {"'x'", "'y'", "'age'", "'it''s'"};
  switch (column.type.kind) {
    case TypeKind::boolean:
      return random.chance(50) ? "true" : "false";
    case TypeKind::smallint:
    case TypeKind::integer:
    case TypeKind::bigint:
    case TypeKind::real:
    case TypeKind::double_precision:
    case TypeKind::decimal:
      return random.of(numbers);
    case TypeKind::date:
      return "'2001-02-03'";
    case TypeKind::time:
      return "'04:05:06'";
    case TypeKind::timestamp:
      return random.chance(50) ? "'2001-02-03 04:05:06'" : "'2010-01-01 00:00:00'";
    case TypeKind::interval:
      return "'1 day'";
    case TypeKind::uuid:
      return "'8a94f357-aab4-11df-86ab-c80aa9429562'";
    case TypeKind::json:
      return "'{}'";
    case TypeKind::array:
      return "'{}'";
    case TypeKind::enumeration:
      return column.type.values.empty() ? "NULL" : "'" + join(split(random.of(column.type.values), '\''), "''") + "'";
    default:
      return random.of(texts);
  }
}

std::string respell(Random& random, const Tokens& tokens) {
  static const std::vector<std::string> between = {" ", "\n", "\t  ", " /* note */ ", " -- note\n", "\r\n"};
  std::string text;
  bool behind_comment = false;
  std::size_t at = 0;
  for (Tokens::Token token = tokens.next(at); token.kind != Tokens::Kind::end; token = tokens.next(at)) {
    at += token.text.size();
    if (behind_comment) {  // its newline ends it
      text += token.text;
    } else if (token.kind == Tokens::Kind::space) {
      text += random.chance(50) ? std::string(token.text) : random.of(between);
    } else if (token.kind == Tokens::Kind::keyword && random.chance(50)) {
      text += to_lower(token.text);
    } else {
      text += token.text;
    }
    behind_comment = token.kind == Tokens::Kind::comment;
    if (token.kind == Tokens::Kind::opener && random.chance(30)) text += random.of(between);
  }
  return text;
}

}  // namespace aludel::test
