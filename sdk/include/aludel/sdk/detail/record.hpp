#pragma once

#include <aludel/plugin/abi.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

/// How the two macros of the SDK write a library's record and descriptor. Not for direct use.
namespace aludel::sdk::detail {

struct Text {
  char data[plugin::record_size] = {};
};

// Deliberately no constexpr function: reaching one of them in a constant expression stops the compiler, and its name is the message.
void a_name_or_scheme_must_be_made_of_lower_case_letters_digits_plus_dot_dash_or_underscore();
void name_version_and_schemes_are_too_long();
void a_version_must_not_hold_control_characters();

class Writer {
 public:
  constexpr void add(char c) {
    if (size_ + 1 >= plugin::record_size) name_version_and_schemes_are_too_long();
    text_.data[size_++] = c;
  }
  constexpr void add(std::string_view text) {
    for (char c : text) add(c);
  }
  constexpr void number(std::uint32_t value) {
    if (value >= 10) number(value / 10);
    add(static_cast<char>('0' + value % 10));
  }
  constexpr void line(std::string_view key, std::string_view value) {
    add(key);
    add('=');
    add(value);
    add('\n');
  }
  constexpr Text text() const { return text_; }

 private:
  Text text_;
  std::size_t size_ = 0;
};

constexpr void check_word(std::string_view word) {
  if (word.empty()) a_name_or_scheme_must_be_made_of_lower_case_letters_digits_plus_dot_dash_or_underscore();
  for (char c : word) {
    bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '.' || c == '-' || c == '_';
    if (!good) a_name_or_scheme_must_be_made_of_lower_case_letters_digits_plus_dot_dash_or_underscore();
  }
}

/// "sqlite,sqlite3"
constexpr Text join_schemes(std::initializer_list<std::string_view> schemes) {
  Writer writer;
  bool first = true;
  for (std::string_view scheme : schemes) {
    check_word(scheme);
    if (!first) writer.add(',');
    writer.add(scheme);
    first = false;
  }
  return writer.text();
}

constexpr Text make_record(plugin::Kind kind, std::string_view name, std::string_view version, std::string_view schemes) {
  check_word(name);
  for (char c : version) {
    if (static_cast<unsigned char>(c) < 0x20) a_version_must_not_hold_control_characters();
  }
  Writer writer;
  for (std::size_t i = plugin::record_magic_reversed.size(); i > 0; --i) writer.add(plugin::record_magic_reversed[i - 1]);
  writer.add("record=1\nabi=");
  writer.number(plugin::abi_number);
  writer.add('\n');
  writer.line("toolchain", ALUDEL_TOOLCHAIN);
  writer.line("kind", kind == plugin::Kind::dialect ? "dialect" : "environment");
  writer.line("name", name);
  writer.line("schemes", schemes);
  writer.line("version", version);
  writer.line("sdk", ALUDEL_SDK_VERSION);
  return writer.text();
}

}  // namespace aludel::sdk::detail

// A record that nothing names must survive -O2 and --gc-sections.
#if __has_attribute(retain)
#define ALUDEL_DETAIL_RETAIN __attribute__((used, retain))
#else
#define ALUDEL_DETAIL_RETAIN __attribute__((used))
#endif

/// The entry point's declaration, for both macros.
extern "C" __attribute__((visibility("default"))) const aludel::plugin::Descriptor* aludel_plugin_v1();
