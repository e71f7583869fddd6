#include <aludel/url.hpp>

#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include "utf8.hpp"

#include <fmt/format.h>
#include <uriparser/Uri.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

namespace aludel {

namespace {

constexpr std::string_view mask = "***";

bool is_alpha(char character) { return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z'); }
bool is_digit(char character) { return character >= '0' && character <= '9'; }
bool is_hex(char character) { return is_digit(character) || (character >= 'a' && character <= 'f') || (character >= 'A' && character <= 'F'); }
bool is_scheme_part(char character) { return is_alpha(character) || is_digit(character) || character == '+' || character == '-' || character == '.'; }
bool is_unreserved(char character) {
  return is_alpha(character) || is_digit(character) || character == '-' || character == '.' || character == '_' || character == '~';
}

bool contains_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}
/// Does a name in `name=value` say that the value is a secret?
bool names_secret(std::string_view name, bool in_url) {
  const std::string lowered = to_lower(name);
  return contains_any(lowered, {"password", "passwd", "pwd", "secret", "token"}) || (in_url && contains_any(lowered, {"key"}));
}

/// The whole text as one URL that may be broken: everything between the first colon behind "//" and the last "@" goes, whatever stands there.
std::string mask_broken_url(std::string_view text) {
  const std::size_t begin = text.find("://");
  if (begin == std::string_view::npos) return mask_passwords(text);
  const std::size_t at = text.rfind('@');
  const std::size_t colon = text.find(':', begin + 3);
  if (at == std::string_view::npos || colon == std::string_view::npos || colon > at) return mask_passwords(text);
  return std::string(text.substr(0, colon + 1)) + std::string(mask) + mask_passwords(text.substr(at));
}

[[noreturn]] void bad_url(std::string_view text, std::string_view why, std::string hint) {
  throw Error(ErrorKind::syntax, fmt::format("{} is no database URL: {}", quoted(mask_broken_url(text)), why)).with_hint(std::move(hint));
}

const std::string form_hint = "a database URL is written scheme://user:password@host:port/database?option=value, or sqlite:///file.db";
const std::string encoding_hint =
    "percent-encode what has a meaning in URLs where it has none in yours: '@' as %40, ':' as %3A, '/' as %2F, '?' as %3F, '#' as %23, '%' as %25";

/// Bytes that RFC 3986 allows nowhere but that have no meaning in a URL either (spaces, UTF-8, ...) are encoded, so that a path can be typed as it
/// is.
std::string encode_harmless(std::string_view text) {
  // Brackets are an address's in the host, and nothing's behind it.
  const std::size_t begin = text.find("://");
  const std::size_t path = begin == std::string_view::npos ? begin : text.find_first_of("/?", begin + 3);
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char character = text[i];
    const auto byte = static_cast<unsigned char>(character);
    const bool forbidden = byte <= 0x20 || byte >= 0x7F || std::string_view("\"<>\\^`{|}").find(character) != std::string_view::npos;
    if (forbidden || (i > path && (character == '[' || character == ']'))) {
      result += fmt::format("%{:02X}", byte);
    } else {
      result += character;
    }
  }
  return result;
}

std::string percent_decode(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2])) {
      unsigned byte = 0;
      std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
      result += static_cast<char>(byte);
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

std::string percent_encode(std::string_view text, std::string_view also_allowed = {}) {
  std::string result;
  for (char character : text) {
    if (is_unreserved(character) || also_allowed.find(character) != std::string_view::npos) {
      result += character;
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(character));
    }
  }
  return result;
}

/// For people: spaces and UTF-8 stay readable, whatever would change the URL's meaning is encoded.
std::string percent_encode_readable(std::string_view text, std::string_view also_allowed = {}) {
  std::string result;
  while (!text.empty()) {
    const CodePoint point = decode_utf8(text);
    const std::string_view piece = text.substr(0, point.length);
    result += point.valid && (point.value > 0x9F || point.value == ' ') ? std::string(piece) : percent_encode(piece, also_allowed);
    text.remove_prefix(point.length);
  }
  return result;
}

std::string_view view(const UriTextRangeA& range) {
  if (range.first == nullptr) return {};
  return {range.first, static_cast<std::size_t>(range.afterLast - range.first)};
}

struct FreeUri {
  void operator()(UriUriA* uri) const {
    uriFreeUriMembersA(uri);
    delete uri;
  }
};

std::uint16_t parse_port(std::string_view text, std::string_view whole) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) {
    bad_url(whole, fmt::format("the port {} is not between 1 and 65535", quoted(text)), form_hint);
  }
  return port;
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> result;
  if (text.empty()) return result;
  for (const std::string& pair : split(text, '&')) {
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    const std::string_view whole = pair;
    if (equals == std::string::npos) {
      result.emplace_back(percent_decode(whole), "");
    } else {
      result.emplace_back(percent_decode(whole.substr(0, equals)), percent_decode(whole.substr(equals + 1)));
    }
  }
  return result;
}

/// What uriparser does not say: why it stopped.
[[noreturn]] void explain(std::string_view text) {
  for (std::size_t i = text.find('%'); i != std::string_view::npos; i = text.find('%', i + 1)) {
    if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) {
      bad_url(text, "a '%' is not followed by two hexadecimal digits", encoding_hint);
    }
  }
  bad_url(text, "it cannot be parsed", encoding_hint + "; " + form_hint);
}

std::string build(const Url& url, bool reveal) {
  const auto encode = [reveal](std::string_view text, std::string_view also_allowed = {}) {
    return reveal ? percent_encode(text, also_allowed) : percent_encode_readable(text, also_allowed);
  };
  std::string result = url.scheme + "://";
  if (!url.user.empty() || !url.password.empty()) {
    result += encode(url.user);
    if (!url.password.empty()) result += ":" + (reveal ? encode(url.password.reveal()) : std::string(mask));
    result += "@";
  }
  result += url.host.find(':') != std::string::npos ? "[" + url.host + "]" : encode(url.host, "!$&'()*+,;=");
  if (url.port) result += fmt::format(":{}", *url.port);
  if (!url.path.empty()) result += "/" + encode(url.path, "/:@!$&'()*+,;=");
  char separator = '?';
  for (const auto& [key, value] : url.query) {
    result += separator + encode(key, "/:@!$'()*,;") + "=";
    result += !reveal && names_secret(key, true) ? std::string(mask) : encode(value, "/:@!$'()*,;");
    separator = '&';
  }
  return result;
}

}  // namespace

const std::string* Url::option(std::string_view key) const {
  const auto found = std::find_if(query.begin(), query.end(), [&](const auto& pair) { return pair.first == key; });
  return found == query.end() ? nullptr : &found->second;
}

std::string Url::redacted() const { return build(*this, false); }
std::string Url::revealed() const { return build(*this, true); }

Url parse_url(std::string_view text) {
  text = trim(text);
  if (text.empty()) bad_url(text, "it is empty", form_hint);
  if (!looks_like_url(text)) bad_url(text, "it does not begin with a scheme and '://'", form_hint);
  const std::string encoded = encode_harmless(text);

  std::unique_ptr<UriUriA, FreeUri> uri(new UriUriA{});
  const char* stopped = nullptr;
  if (uriParseSingleUriExA(uri.get(), encoded.data(), encoded.data() + encoded.size(), &stopped) != URI_SUCCESS) explain(text);
  if (uri->fragment.first != nullptr)
    bad_url(text, "a '#' has no meaning in a database URL", "write a '#' that belongs to a name or a password as %23");

  Url url;
  const std::string_view scheme = view(uri->scheme);
  url.scheme = to_lower(scheme.substr(0, scheme.find('+')));
  const std::string_view user_info = view(uri->userInfo);
  const std::size_t colon = user_info.find(':');
  url.user = percent_decode(user_info.substr(0, colon));
  if (colon != std::string_view::npos) url.password = Secret(percent_decode(user_info.substr(colon + 1)));
  url.host = percent_decode(view(uri->hostText));
  if (const std::string_view port = view(uri->portText); !port.empty()) url.port = parse_port(port, text);
  if (user_info.empty() && url.port && encoded.find('@') != std::string::npos) {
    // "user:12/34@host": what follows the colon was meant to be a password, and would be shown as a port and a path.
    bad_url(text, "there is an '@' behind the port", "percent-encode a '/' in the password as %2F; an '@' in the path or query as %40");
  }
  for (const UriPathSegmentA* segment = uri->pathHead; segment != nullptr; segment = segment->next) {
    if (segment != uri->pathHead) url.path += '/';
    url.path += percent_decode(view(segment->text));
  }
  url.query = parse_query(view(uri->query));
  const auto has_nul = [](const std::string& part) { return part.find('\0') != std::string::npos; };
  if (has_nul(url.user) || has_nul(url.password.reveal()) || has_nul(url.host) || has_nul(url.path) ||
      std::any_of(url.query.begin(), url.query.end(), [&](const auto& pair) { return has_nul(pair.first) || has_nul(pair.second); })) {
    bad_url(text, "it holds a zero byte (%00)", form_hint);
  }
  return url;
}

bool looks_like_url(std::string_view text) {
  if (text.empty() || !is_alpha(text.front())) return false;
  const auto end = std::find_if_not(text.begin(), text.end(), is_scheme_part);
  return text.substr(static_cast<std::size_t>(end - text.begin()), 3) == "://";
}

namespace {

bool ends_url(char character) {
  return static_cast<unsigned char>(character) <= 0x20 || std::string_view("\"'`<>").find(character) != std::string_view::npos;
}

/// Masks the userinfo of the URL whose "://" begins at `i`; returns where to go on.
std::size_t mask_userinfo(std::string_view text, std::size_t i, std::string& result) {
  const std::size_t begin = i + 3;
  std::size_t end = begin;
  while (end < text.size() && !ends_url(text[end])) ++end;
  const std::string_view rest = text.substr(begin, end - begin);
  const std::size_t at = rest.rfind('@');
  const std::size_t colon = rest.find(':');
  result += "://";
  if (at == std::string_view::npos || colon == std::string_view::npos || colon > at) return begin;
  result += rest.substr(0, colon + 1);
  result += mask;
  return begin + at;
}

/// Masks the value that begins at `i`, quoted or bare; returns where to go on.
std::size_t mask_value(std::string_view text, std::size_t i, std::string& result) {
  if (i < text.size() && (text[i] == '\'' || text[i] == '"')) {
    const char quote = text[i];
    std::size_t end = i + 1;
    while (end < text.size() && text[end] != quote) end += text[end] == '\\' ? 2 : 1;
    result += quote;
    result += mask;
    return std::min(end, text.size());
  }
  std::size_t end = i;
  while (end < text.size() && !ends_url(text[end]) && std::string_view("&;,)").find(text[end]) == std::string_view::npos) ++end;
  if (end != i) result += mask;
  return end;
}

}  // namespace

std::string mask_passwords(std::string_view text) {
  std::string result;
  std::string word;
  bool word_ended = false;
  bool in_url = false;
  for (std::size_t i = 0; i < text.size();) {
    if (text.substr(i, 3) == "://") {
      in_url = true;
      word.clear();
      i = mask_userinfo(text, i, result);
      continue;
    }
    const char character = text[i++];
    result += character;
    if (ends_url(character)) in_url = false;
    if (character == '=' && names_secret(word, in_url)) {
      while (!in_url && i < text.size() && text[i] == ' ') result += text[i++];
      i = mask_value(text, i, result);
      word.clear();
    } else if (is_alpha(character) || is_digit(character) || character == '_' || character == '-') {
      if (word_ended) word.clear();
      word_ended = false;
      word += character;
    } else if (character == ' ') {
      word_ended = true;  // "password = x"
    } else {
      word.clear();
    }
  }
  return result;
}

}  // namespace aludel
