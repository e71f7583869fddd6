#include <aludel/connect.hpp>
#include <aludel/plugin/loader.hpp>

namespace aludel {

std::unique_ptr<dialect::Connection> connect(const Url& url, const dialect::ConnectOptions& options) {
  return plugin::Loader().dialect_for_scheme(url.scheme).connect(url, options);
}

std::unique_ptr<dialect::Connection> connect(std::string_view url, const dialect::ConnectOptions& options) {
  return connect(parse_url(url), options);
}

}  // namespace aludel
