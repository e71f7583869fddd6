#include <aludel/value.hpp>

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include "json.hpp"
#include "utf8.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>

namespace aludel {

namespace {

constexpr std::size_t deepest = 500;
constexpr std::string_view bytes_key = "$bytes";
constexpr std::string_view float_key = "$float";

std::string hex(const Bytes& bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string result;
  result.reserve(bytes.size() * 2);
  for (std::byte byte : bytes) {
    result += digits[std::to_integer<unsigned>(byte) >> 4u];
    result += digits[std::to_integer<unsigned>(byte) & 0xFu];
  }
  return result;
}

std::optional<Bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  const auto digit = [](char character) -> int {
    if (character >= '0' && character <= '9') return character - '0';
    if (character >= 'a' && character <= 'f') return character - 'a' + 10;
    if (character >= 'A' && character <= 'F') return character - 'A' + 10;
    return -1;
  };
  Bytes bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]), low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<std::byte>(high * 16 + low));
  }
  return bytes;
}

class Writer {
 public:
  Writer(std::string& out, int indent, std::size_t depth) : out_(out), indent_(indent), depth_(depth) {}

  void write(const Value& value) {
    std::visit([this](const auto& data) { write_data(data); }, value.data);
  }

 private:
  void write_data(std::monostate) { out_ += "null"; }
  void write_data(bool data) { out_ += data ? "true" : "false"; }
  void write_data(std::int64_t data) { out_ += std::to_string(data); }
  void write_data(double data) {
    if (!std::isfinite(data)) {
      // JSON has no such numbers.
      write(Value(Value::Object{{std::string(float_key), std::isnan(data) ? "nan" : data > 0 ? "inf" : "-inf", {}}}));
      return;
    }
    std::string text = fmt::format("{}", data);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    out_ += text;
  }
  void write_data(const std::string& data) { write_string(data); }
  void write_data(const Bytes& data) { write(Value(Value::Object{{std::string(bytes_key), hex(data), {}}})); }
  void write_data(const Value::Array& data) {
    open('[');
    for (std::size_t i = 0; i < data.size(); ++i) {
      next(i == 0);
      write(data[i]);
    }
    close(']', data.empty());
  }
  void write_data(const Value::Object& data) {
    open('{');
    for (std::size_t i = 0; i < data.size(); ++i) {
      next(i == 0);
      write_string(data[i].key);
      out_ += indent_ < 0 ? ":" : ": ";
      write(data[i].value);
    }
    close('}', data.empty());
  }

  void open(char bracket) {
    out_ += bracket;
    ++depth_;
  }
  void next(bool first) {
    if (!first) out_ += ',';
    new_line();
  }
  void close(char bracket, bool empty) {
    --depth_;
    if (!empty) new_line();
    out_ += bracket;
  }
  void new_line() {
    if (indent_ < 0) return;
    out_ += '\n';
    out_.append(depth_ * static_cast<std::size_t>(indent_), ' ');
  }

  void write_string(std::string_view text) {
    out_ += '"';
    while (!text.empty()) {
      const auto plain =
          std::find_if(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) < 0x20 || c == 0x7F || c == '"' || c == '\\'; });
      out_.append(text.begin(), plain);
      text.remove_prefix(static_cast<std::size_t>(plain - text.begin()));
      if (text.empty()) break;
      const CodePoint point = decode_utf8(text);
      if (!point.valid) {
        out_ += "\xEF\xBF\xBD";
      } else if (point.value == '"' || point.value == '\\') {
        out_ += '\\';
        out_ += text.front();
      } else if (point.value == '\n') {
        out_ += "\\n";
      } else if (point.value == '\t') {
        out_ += "\\t";
      } else if (point.value < 0x20 || point.value == 0x7F) {
        out_ += fmt::format("\\u{:04x}", static_cast<unsigned>(point.value));
      } else {
        out_ += text.substr(0, point.length);
      }
      text.remove_prefix(point.length);
    }
    out_ += '"';
  }

  std::string& out_;
  int indent_;
  std::size_t depth_;
};

/// Counts what the parser has consumed, for it does not tell.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(const char* at, const char** furthest) : at_(at), furthest_(furthest) {}
  reference operator*() const { return *at_; }
  CountingIterator& operator++() {
    *furthest_ = ++at_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return at_ == other.at_; }
  bool operator!=(const CountingIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** furthest_;
};

class Reader : public nlohmann::json_sax<nlohmann::json> {
 public:
  Reader(std::string_view text, std::string_view name) : text_(text), name_(name), position_(text.data()), counted_(text.data()) {}

  Value read() {
    const char* begin = text_.data();
    const char* end = begin + text_.size();
    nlohmann::json::sax_parse(CountingIterator(begin, &position_), CountingIterator(end, &position_), this);
    return std::move(root_);
  }

  bool null() override { return add(Value(), word_start(4)); }
  bool boolean(bool value) override { return add(Value(value), word_start(value ? 4 : 5)); }
  bool number_integer(number_integer_t value) override { return add(Value(std::int64_t{value}), number_start()); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max())) {
      fail(number_start(), fmt::format("the number {} does not fit into a 64-bit integer", value), "write it as a string");
    }
    return add(Value(static_cast<std::int64_t>(value)), number_start());
  }
  bool number_float(number_float_t value, const string_t& digits) override {
    // What is written as an integer and is read as a float has lost digits.
    if (digits.find_first_of(".eE") == string_t::npos) {
      fail(number_start(), fmt::format("the number {} does not fit into a 64-bit integer", printable(digits, 60)), "write it as a string");
    }
    return add(Value(value), number_start());
  }
  bool string(string_t& value) override { return add(Value(std::move(value)), string_start()); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Value(Value::Object{})); }
  bool key(string_t& value) override {
    key_mark_ = mark(string_start());
    key_ = std::move(value);
    return true;
  }
  bool end_object() override {
    Value& value = *open_.back();
    check_keys(*value.object());
    open_.pop_back();
    unwrap(value);
    return true;
  }
  bool start_array(std::size_t) override { return open(Value(Value::Array{})); }
  bool end_array() override {
    open_.pop_back();
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: what was wrong"
    std::string_view message = error.what();
    if (const auto end = message.find("] "); end != std::string_view::npos) message.remove_prefix(end + 2);
    if (message.substr(0, 11) == "parse error") {
      if (const auto colon = message.find(": "); colon != std::string_view::npos) message.remove_prefix(colon + 2);
    }
    // The parser stands behind what it could not take, unless that is the end.
    const bool cut_short =
        message.find("unexpected end of input") != std::string_view::npos || message.find("missing closing") != std::string_view::npos;
    const char* at = cut_short || position_ == text_.data() ? position_ : position_ - 1;
    fail(at, fmt::format("this is no JSON: {}", printable(message, 300)));
  }

 private:
  [[noreturn]] void fail(Mark place, std::string message, std::string hint = {}) const {
    throw Error(ErrorKind::syntax, std::move(message)).at({name_, place.line, place.column}).with_hint(std::move(hint));
  }
  [[noreturn]] void fail(const char* at, std::string message, std::string hint = {}) { fail(mark(at), std::move(message), std::move(hint)); }

  /// Tokens come in order, so lines are counted once.
  Mark mark(const char* at) {
    if (at < counted_) {
      counted_ = line_start_ = text_.data();
      line_ = 1;
    }
    for (; counted_ < at; ++counted_) {
      if (*counted_ == '\n') {
        ++line_;
        line_start_ = counted_ + 1;
      }
    }
    return {line_, static_cast<std::uint32_t>(at - line_start_ + 1)};
  }

  const char* word_start(std::ptrdiff_t length) const { return position_ - length; }
  /// The parser reads one byte beyond a number.
  const char* number_start() const {
    const auto part = [](char character) { return std::string_view("0123456789+-.eE").find(character) != std::string_view::npos; };
    const char* at = position_;
    if (at > text_.data() && !part(at[-1])) --at;
    while (at > text_.data() && part(at[-1])) --at;
    return at;
  }
  /// Inside a string every quote is escaped, so the last one before its end that is not opened it.
  const char* string_start() const {
    const char* begin = text_.data();
    for (const char* at = position_ - 2; at > begin; --at) {
      if (*at != '"') continue;
      const char* slash = at;
      while (slash > begin && slash[-1] == '\\') --slash;
      if ((at - slash) % 2 == 0) return at;
    }
    return begin;
  }

  Value& place(Value value) {
    if (open_.empty()) return root_ = std::move(value);
    if (Value::Array* array = open_.back()->array()) return array->emplace_back(std::move(value));
    return open_.back()->object()->emplace_back(Member{std::move(key_), std::move(value), key_mark_}).value;
  }
  bool add(Value value, const char* at) {
    value.mark = mark(at);
    place(std::move(value));
    return true;
  }
  bool open(Value value) {
    value.mark = mark(word_start(1));
    if (open_.size() >= deepest) fail(value.mark, fmt::format("this is nested more than {} levels deep", deepest));
    open_.push_back(&place(std::move(value)));
    return true;
  }

  void check_keys(const Value::Object& object) const {
    if (object.size() < 2) return;
    std::vector<const Member*> members;
    members.reserve(object.size());
    for (const Member& member : object) members.push_back(&member);
    std::stable_sort(members.begin(), members.end(), [](const Member* a, const Member* b) { return a->key < b->key; });
    const auto twice = std::adjacent_find(members.begin(), members.end(), [](const Member* a, const Member* b) { return a->key == b->key; });
    if (twice == members.end()) return;
    const Member& second = **std::next(twice);
    fail(second.mark, fmt::format("the key {} stands here a second time", quoted(second.key)));
  }

  /// {"$bytes": "hex"} and {"$float": "nan"} stand for what JSON has no form for.
  void unwrap(Value& value) const {
    const Value::Object& object = *value.object();
    if (object.size() != 1 || object.front().value.string() == nullptr) return;
    const std::string text = *object.front().value.string();
    if (object.front().key == bytes_key) {
      std::optional<Bytes> bytes = from_hex(text);
      if (!bytes) fail(object.front().value.mark, fmt::format("{} is no hexadecimal text", quoted(text)));
      value.data = std::move(*bytes);
    } else if (object.front().key == float_key) {
      constexpr double infinity = std::numeric_limits<double>::infinity();
      if (text == "nan") {
        value.data = std::numeric_limits<double>::quiet_NaN();
      } else if (text == "inf" || text == "-inf") {
        value.data = text == "inf" ? infinity : -infinity;
      } else {
        fail(object.front().value.mark, fmt::format("{} is no such number: nan, inf or -inf was expected", quoted(text)));
      }
    }
  }

  std::string_view text_;
  std::string name_;
  const char* position_;
  const char* counted_;
  const char* line_start_ = counted_;
  std::uint32_t line_ = 1;
  Value root_;
  std::vector<Value*> open_;
  std::string key_;
  Mark key_mark_;
};

}  // namespace

std::string to_json(const Value& value, int indent) {
  std::string text;
  append_json(text, value, indent, 0);
  return text;
}

void append_json(std::string& out, const Value& value, int indent, std::size_t depth) { Writer(out, indent, depth).write(value); }

Value from_json(std::string_view text, std::string_view name) { return Reader(text, name).read(); }

}  // namespace aludel
