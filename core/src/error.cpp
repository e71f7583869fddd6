#include <aludel/error.hpp>

#include <utility>

namespace aludel {

std::string Location::text() const {
  std::string result = file;
  if (line == 0) return result;
  if (result.empty()) {
    result = "line " + std::to_string(line);
    if (column != 0) result += ", column " + std::to_string(column);
    return result;
  }
  result += ":" + std::to_string(line);
  if (column != 0) result += ":" + std::to_string(column);
  return result;
}

Error::Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) { refresh(); }
Error::~Error() = default;
Error::Error(const Error&) = default;
Error::Error(Error&&) noexcept = default;
Error& Error::operator=(const Error&) = default;
Error& Error::operator=(Error&&) noexcept = default;

Error&& Error::with_hint(std::string hint) && {
  hint_ = std::move(hint);
  return std::move(*this);
}

Error&& Error::at(Location location) && {
  location_ = std::move(location);
  refresh();
  return std::move(*this);
}

Error&& Error::in_revision(std::string revision) && {
  revision_ = std::move(revision);
  return std::move(*this);
}

Error&& Error::with_statement(std::string sql) && {
  statement_ = std::move(sql);
  return std::move(*this);
}

Error&& Error::with_code(std::string code) && {
  code_ = std::move(code);
  return std::move(*this);
}

Error& Error::set_hint(std::string hint) & {
  hint_ = std::move(hint);
  return *this;
}

Error& Error::set_location(Location location) & {
  if (!location_.known()) {
    location_ = std::move(location);
    refresh();
  }
  return *this;
}

Error& Error::set_revision(std::string revision) & {
  revision_ = std::move(revision);
  return *this;
}

Error& Error::add_context(std::string context) & {
  contexts_.push_back(std::move(context));
  return *this;
}

Error& Error::add_note(std::string note) & {
  notes_.push_back(std::move(note));
  return *this;
}

Error& Error::set_kind(ErrorKind kind) & {
  kind_ = kind;
  return *this;
}

const char* Error::what() const noexcept { return what_.c_str(); }

namespace {

/// Appends "  label: text" with the text's further lines indented below it.
void append_field(std::string& result, std::string_view label, std::string_view text) {
  result += "\n  ";
  result += label;
  const std::string indent = text.find('\n') == std::string_view::npos ? "" : "    ";
  result += indent.empty() ? " " : "\n" + indent;
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  for (char character : text) {
    result += character;
    if (character == '\n') result += indent;
  }
}

/// A statement may be a row of megabytes, and whoever reads the message wants its beginning.
constexpr std::size_t longest_statement = 4000;

std::string beginning_of(std::string_view statement) {
  if (statement.size() <= longest_statement) return std::string(statement);
  std::size_t end = longest_statement;
  while ((static_cast<unsigned char>(statement[end]) & 0xC0U) == 0x80U) --end;  // not within a character of UTF-8
  return std::string(statement.substr(0, end)) + " ... (" + std::to_string(statement.size() - end) + " bytes more)";
}

}  // namespace

std::string Error::text() const {
  std::string result = what_;
  if (!code_.empty()) result += " [" + code_ + "]";
  for (const std::string& context : contexts_) result += "\n  " + context;
  if (!revision_.empty()) append_field(result, "revision:", revision_);
  if (!statement_.empty()) append_field(result, "statement:", beginning_of(statement_));
  for (const std::string& note : notes_) append_field(result, "note:", note);
  if (!hint_.empty()) append_field(result, "hint:", hint_);
  return result;
}

void Error::refresh() { what_ = location_.known() ? location_.text() + ": " + message_ : message_; }

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return "usage";
    case ErrorKind::configuration:
      return "configuration";
    case ErrorKind::syntax:
      return "syntax";
    case ErrorKind::model:
      return "model";
    case ErrorKind::schema:
      return "schema";
    case ErrorKind::revision:
      return "revision";
    case ErrorKind::plugin:
      return "plugin";
    case ErrorKind::environment:
      return "environment";
    case ErrorKind::connection:
      return "connection";
    case ErrorKind::database:
      return "database";
    case ErrorKind::constraint:
      return "constraint";
    case ErrorKind::busy:
      return "busy";
    case ErrorKind::guard:
      return "guard";
    case ErrorKind::half_applied:
      return "half_applied";
    case ErrorKind::interrupted:
      return "interrupted";
    case ErrorKind::unsupported:
      return "unsupported";
    case ErrorKind::io:
      return "io";
    case ErrorKind::internal:
      return "internal";
  }
  return "internal";
}

}  // namespace aludel
