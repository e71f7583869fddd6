#include <aludel/connect.hpp>
#include <aludel/dialect/native_connection.hpp>
#include <aludel/plugin/loader.hpp>
#include <aludel/text.hpp>

namespace aludel {

std::unique_ptr<dialect::Connection> connect(const Url& url, const dialect::ConnectOptions& options) {
  return plugin::Loader().dialect_for_scheme(url.scheme).connect(url, options);
}

std::unique_ptr<dialect::Connection> connect(std::string_view url, const dialect::ConnectOptions& options) {
  return connect(parse_url(url), options);
}

std::unique_ptr<dialect::Connection> adopt(std::string_view dialect, void* handle, const void* library) {
  const dialect::Dialect& found = plugin::Loader().dialect(dialect);
  const auto* native = static_cast<const dialect::NativeConnection*>(found.extension(dialect::NativeConnection::extension_name));
  if (native == nullptr) {
    throw Error(ErrorKind::unsupported, "the dialect " + quoted(dialect) + " cannot work on a connection that the application opened")
        .with_hint("let it open one of its own: aludel::connect(url)");
  }
  return native->adopt(handle, library);
}

}  // namespace aludel
