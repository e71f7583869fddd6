#pragma once

#include <aludel/export.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aludel {

/// Text that is never printed: no stream operator, no formatter, masked in `Url::redacted()`.
class ALUDEL_API Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}
  /// For the client library's connect call and for nothing else.
  const std::string& reveal() const { return text_; }
  bool empty() const { return text_.empty(); }
  bool operator==(const Secret&) const = default;

 private:
  std::string text_;
};

/// A database URL: `scheme://user:password@host:port/path?key=value` (RFC 3986), percent-decoded.
///
/// `sqlite:///relative.db` has path "relative.db", `sqlite:////absolute.db` "/absolute.db", `sqlite://` none (in memory).
struct ALUDEL_API Url {
  std::string scheme;  ///< lower case, without "+driver"
  std::string user;
  Secret password;
  std::string host;
  std::optional<std::uint16_t> port;
  std::string path;  ///< without the slash that parts it from the host
  std::vector<std::pair<std::string, std::string>> query;

  const std::string* option(std::string_view key) const;
  /// The URL with the password (and query values whose key says password, secret, token or key) as "***".
  std::string redacted() const;
  /// The URL whole, for handing it on to another process; never for printing.
  std::string revealed() const;
  bool operator==(const Url&) const = default;
};

/// Throws Error(syntax); the message shows the text with whatever could be a password masked, even when it cannot be parsed.
ALUDEL_API Url parse_url(std::string_view text);
/// Does the text look like a URL ("word://...")?
ALUDEL_API bool looks_like_url(std::string_view text);
/// Masks what could be a password in arbitrary text: the userinfo of anything that looks like a URL, and password=... pairs.
ALUDEL_API std::string mask_passwords(std::string_view text);

}  // namespace aludel
