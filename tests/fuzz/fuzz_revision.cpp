// Any bytes as a revision file, in both forms: read, or refused with an Error that is no fault of ours; what was read is written and read again the
// same.
#include <aludel/error.hpp>
#include <aludel/file/revision_file.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using aludel::Error;
using aludel::ErrorKind;
using aludel::file::RevisionFormat;

void read(const std::string& text, RevisionFormat format) {
  aludel::revision::Content content;
  try {
    aludel::file::read_revision_head(text, format, "fuzz");
    content = aludel::file::read_revision(text, format, "fuzz");
    aludel::file::revision_checksum(text, format);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::internal) std::abort();
    return;
  }
  // What the form cannot say (operations in an .sql file) is written in the other.
  const std::string written = aludel::file::write_revision(content, RevisionFormat::toml);
  const aludel::revision::Content again = aludel::file::read_revision(written, RevisionFormat::toml, "fuzz");
  if (!(again.upgrade == content.upgrade) || !(again.downgrade == content.downgrade)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  read(text, RevisionFormat::toml);
  read(text, RevisionFormat::sql);
  return 0;
}
