#include "plugin/elf.hpp"

#include <aludel/plugin/abi.hpp>
#include <aludel/text.hpp>

#include <fcntl.h>
#include <link.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

namespace aludel::plugin {
namespace {

#if defined(__x86_64__)
constexpr unsigned own_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr unsigned own_machine = EM_AARCH64;
#elif defined(__riscv)
constexpr unsigned own_machine = EM_RISCV;
#elif defined(__powerpc64__)
constexpr unsigned own_machine = EM_PPC64;
#elif defined(__s390x__)
constexpr unsigned own_machine = EM_S390;
#elif defined(__i386__)
constexpr unsigned own_machine = EM_386;
#elif defined(__arm__)
constexpr unsigned own_machine = EM_ARM;
#else
constexpr unsigned own_machine = EM_NONE;  // not compared
#endif
constexpr unsigned char own_class = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
constexpr unsigned char own_order = std::uint16_t{1} == 1 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;

class File {
 public:
  // Not blocking: the file might be a pipe.
  explicit File(const std::filesystem::path& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int descriptor() const { return descriptor_; }
  /// As many bytes as there are, at most `size`.
  std::string read(std::uint64_t offset, std::uint64_t size) const {
    std::string bytes(size, '\0');
    std::size_t have = 0;
    while (have < bytes.size()) {
      ssize_t n = ::pread(descriptor_, bytes.data() + have, bytes.size() - have, static_cast<off_t>(offset + have));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) break;
      have += static_cast<std::size_t>(n);
    }
    bytes.resize(have);
    return bytes;
  }

 private:
  int descriptor_;
};

std::string magic() { return {record_magic_reversed.rbegin(), record_magic_reversed.rend()}; }

Refusal not_a_library(std::string problem) {
  return {Verdict::not_a_library, std::move(problem), "put a shared library built for this machine there, or remove the file"};
}

Refusal truncated(std::string problem) { return {Verdict::truncated, std::move(problem), "copy or build it again: it was cut short"}; }

/// The loadable part of the file, and look-ups by address in it. Segments are read when something in them is asked for: most of a library is code,
/// which holds nothing that is looked for here.
class Image {
 public:
  Image(const File& file, std::vector<ElfW(Phdr)> segments) : file_(&file), segments_(std::move(segments)), bytes_(segments_.size()) {}

  /// At most `size` bytes from an address; empty when the address is not in the file.
  std::string_view at(std::uint64_t address, std::uint64_t size = UINT64_MAX) const {
    for (std::size_t i = 0; i < segments_.size(); ++i) {
      const auto& segment = segments_[i];
      if (segment.p_type != PT_LOAD || address < segment.p_vaddr || address - segment.p_vaddr >= segment.p_filesz) continue;
      const std::string_view bytes = content(i);
      const std::uint64_t skip = address - segment.p_vaddr;
      return skip < bytes.size() ? bytes.substr(skip, size) : std::string_view();
    }
    return {};
  }
  template <class T>
  std::optional<T> read(std::uint64_t address) const {
    std::string_view bytes = at(address, sizeof(T));
    if (bytes.size() < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }
  std::string string(std::uint64_t address) const {
    std::string_view bytes = at(address);
    return std::string(bytes.substr(0, bytes.find('\0')));
  }
  /// What stands behind each occurrence of `start` among constants, at most `size` bytes; with `code` among code, where some linkers put constants
  /// too.
  std::vector<std::string> behind(std::string_view start, std::size_t size, bool code) const {
    std::vector<std::string> result;
    for (const auto& segment : segments_) {
      if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0 || ((segment.p_flags & PF_X) != 0) != code) continue;
      // In pieces, each with the next one's beginning: a large plugin's constants would take as many new pages of memory.
      constexpr std::uint64_t piece = 32'768;
      for (std::uint64_t at = 0; at < segment.p_filesz; at += piece) {
        const std::uint64_t wanted = std::min<std::uint64_t>(segment.p_filesz - at, piece + start.size() + size);
        const std::string bytes = file_->read(segment.p_offset + at, wanted);
        for (std::size_t found = bytes.find(start); found < piece; found = bytes.find(start, found + 1))
          result.push_back(bytes.substr(found + start.size(), size));
      }
    }
    return result;
  }
  /// The dynamic section's entries, in order.
  std::vector<ElfW(Dyn)> dynamic() const {
    std::vector<ElfW(Dyn)> result;
    for (std::size_t i = 0; i < segments_.size(); ++i) {
      if (segments_[i].p_type != PT_DYNAMIC) continue;
      std::string_view bytes = content(i);
      for (; bytes.size() >= sizeof(ElfW(Dyn)); bytes.remove_prefix(sizeof(ElfW(Dyn)))) {
        ElfW(Dyn) entry;
        std::memcpy(&entry, bytes.data(), sizeof entry);
        if (entry.d_tag == DT_NULL) break;
        result.push_back(entry);
      }
    }
    return result;
  }

 private:
  std::string_view content(std::size_t segment) const {
    auto& bytes = bytes_[segment];
    if (!bytes) bytes = file_->read(segments_[segment].p_offset, segments_[segment].p_filesz);
    return *bytes;
  }

  const File* file_;
  std::vector<ElfW(Phdr)> segments_;
  mutable std::vector<std::optional<std::string>> bytes_;
};

std::optional<Refusal> check_header(const ElfW(Ehdr) & header) {
  if (header.e_ident[EI_CLASS] != own_class || header.e_ident[EI_DATA] != own_order || (own_machine != EM_NONE && header.e_machine != own_machine)) {
    return not_a_library("it is built for another machine (ELF machine " + std::to_string(header.e_machine) + ", class " +
                         (header.e_ident[EI_CLASS] == ELFCLASS64 ? "64" : "32") + ")");
  }
  if (header.e_type != ET_DYN) return not_a_library("it is an ELF file, but no shared library (an object file or a program)");
  if (header.e_phentsize != sizeof(ElfW(Phdr))) return not_a_library("its ELF program headers make no sense");
  return std::nullopt;
}

/// Does a range promised by the headers lie in the file?
bool inside(std::uint64_t offset, std::uint64_t size, std::uint64_t file_size) { return offset <= file_size && size <= file_size - offset; }

std::variant<Image, Refusal> read_image(const File& file, std::uint64_t file_size) {
  std::string head = file.read(0, sizeof(ElfW(Ehdr)));
  if (head.empty()) return truncated("it is empty");
  if (head.substr(0, SELFMAG) != std::string_view(ELFMAG, SELFMAG).substr(0, head.size())) return not_a_library("it is no ELF file");
  if (head.size() < sizeof(ElfW(Ehdr))) return truncated("it ends within its ELF header");
  ElfW(Ehdr) header;
  std::memcpy(&header, head.data(), sizeof header);
  if (auto refusal = check_header(header)) return *std::move(refusal);

  std::uint64_t table_size = std::uint64_t{header.e_phnum} * sizeof(ElfW(Phdr));
  if (!inside(header.e_phoff, table_size, file_size)) return truncated("it ends before its program headers");
  std::string table = file.read(header.e_phoff, table_size);
  if (table.size() < table_size) return truncated("it ends before its program headers");
  std::vector<ElfW(Phdr)> segments(header.e_phnum);
  if (!segments.empty()) std::memcpy(segments.data(), table.data(), table.size());

  for (const auto& segment : segments) {
    if (segment.p_type != PT_LOAD && segment.p_type != PT_DYNAMIC) continue;
    if (!inside(segment.p_offset, segment.p_filesz, file_size)) {
      return truncated("its headers promise more than its " + counted(file_size, "byte"));
    }
  }
  // Section headers stand last in what linkers write, so that they give away a file cut anywhere; a stripped one has none.
  if (header.e_shoff != 0 && !inside(header.e_shoff, std::uint64_t{header.e_shnum} * header.e_shentsize, file_size)) {
    return truncated("its headers promise more than its " + counted(file_size, "byte"));
  }
  return Image(file, std::move(segments));
}

struct DynamicTable {
  std::uint64_t strings = 0, symbols = 0, hash = 0, gnu_hash = 0;
  std::vector<std::uint64_t> needed, run_path, rpath;
  bool binds_now = false;
};

DynamicTable read_dynamic(const Image& image) {
  DynamicTable table;
  for (const auto& entry : image.dynamic()) {
    std::uint64_t value = entry.d_un.d_val;
    switch (entry.d_tag) {
      case DT_STRTAB:
        table.strings = value;
        break;
      case DT_SYMTAB:
        table.symbols = value;
        break;
      case DT_HASH:
        table.hash = value;
        break;
      case DT_GNU_HASH:
        table.gnu_hash = value;
        break;
      case DT_NEEDED:
        table.needed.push_back(value);
        break;
      case DT_RUNPATH:
        table.run_path.push_back(value);
        break;
      case DT_RPATH:
        table.rpath.push_back(value);
        break;
      case DT_BIND_NOW:
        table.binds_now = true;
        break;
      case DT_FLAGS:
        table.binds_now = table.binds_now || (value & DF_BIND_NOW) != 0;
        break;
      case DT_FLAGS_1:
        table.binds_now = table.binds_now || (value & DF_1_NOW) != 0;
        break;
      default:
        break;  // there are dozens of tags
    }
  }
  return table;
}

bool is_exported(const Image& image, const DynamicTable& table, std::uint64_t index, std::string_view name) {
  auto symbol = image.read<ElfW(Sym)>(table.symbols + index * sizeof(ElfW(Sym)));
  return symbol && symbol->st_shndx != SHN_UNDEF && image.string(table.strings + symbol->st_name) == name;
}

/// The look-up the dynamic loader does, in the GNU hash table.
bool exports_by_gnu_hash(const Image& image, const DynamicTable& table, std::string_view name) {
  std::uint32_t hash = 5381;
  for (char c : name) hash = hash * 33 + static_cast<unsigned char>(c);
  auto buckets = image.read<std::uint32_t>(table.gnu_hash);
  auto first = image.read<std::uint32_t>(table.gnu_hash + 4);
  auto bloom = image.read<std::uint32_t>(table.gnu_hash + 8);
  if (!buckets || !first || !bloom || *buckets == 0) return false;
  std::uint64_t bucket_table = table.gnu_hash + 16 + std::uint64_t{*bloom} * sizeof(ElfW(Addr));
  std::uint64_t chains = bucket_table + std::uint64_t{*buckets} * 4;
  auto index = image.read<std::uint32_t>(bucket_table + std::uint64_t{hash % *buckets} * 4);
  if (!index || *index < *first) return false;
  for (std::uint64_t i = *index;; ++i) {
    auto chain = image.read<std::uint32_t>(chains + (i - *first) * 4);
    if (!chain) return false;
    if ((*chain | 1) == (hash | 1) && is_exported(image, table, i, name)) return true;
    if (*chain & 1) return false;
  }
}

bool exports(const Image& image, const DynamicTable& table, std::string_view name) {
  if (table.symbols == 0 || table.strings == 0) return false;
  if (table.gnu_hash != 0) return exports_by_gnu_hash(image, table, name);
  auto count = table.hash == 0 ? std::nullopt : image.read<std::uint32_t>(table.hash + 4);
  for (std::uint64_t i = 0; count && i < *count; ++i) {
    if (!image.read<ElfW(Sym)>(table.symbols + i * sizeof(ElfW(Sym)))) return false;
    if (is_exported(image, table, i, name)) return true;
  }
  return false;
}

std::vector<std::string> find_records(const Image& image) {
  std::vector<std::string> result;
  const std::string start = magic();
  for (const bool code : {false, true}) {
    for (const std::string& text : image.behind(start, record_size, code)) result.push_back(text.substr(0, text.find('\0')));
    if (!result.empty()) break;
  }
  return result;
}

Refusal unreadable(int error) {
  return {Verdict::unreadable, std::string("it cannot be opened: ") + std::strerror(error),
          error == ENOENT ? "check the path" : "make it readable for this user"};
}

}  // namespace

std::variant<ElfFacts, Refusal> read_elf(const std::filesystem::path& path) {
  File file(path);
  if (file.descriptor() < 0) return unreadable(errno);
  struct stat status;
  if (::fstat(file.descriptor(), &status) != 0) return unreadable(errno);
  if (!S_ISREG(status.st_mode)) return not_a_library("it is no regular file");

  auto image = read_image(file, static_cast<std::uint64_t>(status.st_size));
  if (auto* refusal = std::get_if<Refusal>(&image)) return std::move(*refusal);
  const Image& library = std::get<Image>(image);
  DynamicTable table = read_dynamic(library);
  ElfFacts facts;
  facts.records = find_records(library);
  for (std::uint64_t name : table.needed) facts.needed.push_back(library.string(table.strings + name));
  for (std::uint64_t text : table.run_path.empty() ? table.rpath : table.run_path) {
    for (std::string& part : split(library.string(table.strings + text), ':')) facts.run_path.push_back(std::move(part));
  }
  facts.exports_entry_point = exports(library, table, entry_point);
  facts.binds_now = table.binds_now;
  return facts;
}

}  // namespace aludel::plugin
