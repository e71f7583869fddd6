#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/export.hpp>
#include <aludel/plugin/abi.hpp>
#include <aludel/plugin/search_path.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Finds, checks and loads dialects at run time. Only the one that is asked for is opened, and none is ever closed again.
namespace aludel::plugin {

/// What a library says about itself, read from its file without running anything of it.
struct Record {
  Kind kind = Kind::dialect;
  std::string name;
  std::vector<std::string> schemes;
  std::string version;
  std::uint32_t abi = 0;
  std::string toolchain;
  std::string sdk_version;
  bool operator==(const Record&) const = default;
};

/// What came of looking at a library.
enum class Verdict {
  fine,
  shadowed,            ///< another one of its name comes earlier in the search path
  unreadable,          ///< cannot be opened
  not_a_library,       ///< no ELF shared library, or one for another machine
  truncated,           ///< shorter than its own headers say
  no_record,           ///< a library, but none made with aludel's SDK
  wrong_kind,          ///< an environment where a dialect is wanted, or the reverse
  misnamed,            ///< its file name says another name than its record
  wrong_abi,           ///< made for another aludel
  wrong_toolchain,     ///< made with another standard library, string ABI, debug mode or sanitizer
  no_entry_point,      ///< does not export aludel_plugin_v1, or its descriptor contradicts its record
  writable_by_others,  ///< the file or its directory can be changed by somebody else
  missing_dependency,  ///< needs a shared library that is not there
  does_not_load,       ///< refused by the dynamic loader for another reason
  create_failed,       ///< loaded, but could not make its dialect
};
/// "fine", "shadowed", "wrong ABI", "missing dependency", ...: as `aludel plugins` prints it.
ALUDEL_API std::string_view to_string(Verdict verdict);

/// One library that was looked at.
struct ALUDEL_API Candidate {
  std::filesystem::path file;  ///< empty for a dialect linked into the program
  std::string origin;          ///< SearchDirectory::origin, or "linked in"
  Verdict verdict = Verdict::fine;
  std::string problem{};           ///< one line: what is wrong; for `fine` perhaps a remark
  std::string remedy{};            ///< one line: how to mend it
  std::optional<Record> record{};  ///< as far as it could be read
  bool binds_now = false;          ///< the file asks for all its symbols to be looked up when it is loaded

  /// The record's name, else what the file name says.
  std::string name() const;
};

/// The dialects within reach. Cheap to make (nothing is read until something is asked for); const members may be called from any thread.
///
/// The first library in search order that claims a name or scheme decides: when it is refused, that is an error, and not a reason to take
/// a later one silently. A library loaded once stays loaded, and its dialect lives, until the process ends, whatever happens to the Loader.
class ALUDEL_API Loader {
 public:
  /// The usual places.
  Loader();
  explicit Loader(SearchPath path);
  ~Loader();
  Loader(Loader&&) noexcept;
  Loader& operator=(Loader&&) noexcept;

  /// Registers a dialect that is linked into the program (sdk::dialect_descriptor), after the same checks; it comes before the search path.
  /// Throws Error(plugin) when the descriptor is not for this aludel, its create() fails, or the name is registered already.
  void add(const Descriptor& descriptor);

  /// The dialect for a URL's scheme. Throws Error(plugin): unknown scheme (the known ones, the nearest, where was searched and what was refused there
  /// and why), or the reason why the library that claims the scheme was refused.
  const dialect::Dialect& dialect_for_scheme(std::string_view scheme) const;
  /// The dialect of that name ("sqlite"). Throws as dialect_for_scheme.
  const dialect::Dialect& dialect(std::string_view name) const;

  /// Every library in the search path that is named like a dialect (aludel-dialect-NAME.so), in search order, with its verdict, which is found
  /// without loading it; dialects linked in first.
  std::vector<Candidate> candidates() const;
  const SearchPath& search_path() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Looks at one library without running anything of it: file, owner and mode, record, kind, ABI, toolchain, entry point, dependencies.
/// Any kind is welcome when none is given. Never throws but for memory.
ALUDEL_API Candidate inspect(const std::filesystem::path& file, std::optional<Kind> kind = std::nullopt);
/// `inspect`, then loads it for good and makes its dialect (an environment's body is not run): `aludel plugins check FILE`.
ALUDEL_API Candidate check(const std::filesystem::path& file);

/// Loads a library for good, after all checks, and returns its descriptor. A relative path is relative to the working directory; a bare name is
/// never searched for. Throws Error(plugin | environment, after `kind`) with what is wrong as its message and how to mend it as its hint.
ALUDEL_API const Descriptor& open_library(const std::filesystem::path& file, Kind kind);
/// Runs a descriptor's create(). Whatever it reports or throws becomes Error(plugin | environment), its own Errors keeping their hint and context;
/// `who` names it in messages.
ALUDEL_API void* create(const Descriptor& descriptor, void* subject, std::string_view who);

}  // namespace aludel::plugin
