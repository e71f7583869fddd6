// Any bytes as a URL: read, or refused with an Error; what was read is printed and read again the same; no password gets out.
#include <aludel/error.hpp>
#include <aludel/url.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  aludel::looks_like_url(text);
  aludel::mask_passwords(text);
  try {
    const aludel::Url url = aludel::parse_url(text);
    const aludel::Url again = aludel::parse_url(url.revealed());
    if (again.revealed() != url.revealed()) std::abort();
  } catch (const aludel::Error& error) {
    if (error.kind() == aludel::ErrorKind::internal) std::abort();
  }
  return 0;
}
