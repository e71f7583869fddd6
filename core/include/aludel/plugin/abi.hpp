#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <version>

/// The handshake between libaludel and a shared library that it loads (a dialect or an environment): plain C layout, frozen, append-only.
///
/// A library says who it is twice. Its *record* is text in read-only data that is read from the file before anything of the library runs; its
/// *descriptor*, returned by the one symbol `aludel_plugin_v1`, says the same and has the functions. Only when record and descriptor are right is
/// anything of C++ shared. Nobody writes these by hand: <aludel/sdk/plugin.hpp> and <aludel/sdk/environment.hpp> do (docs/decisions/0011).
namespace aludel::plugin {

/// The number of the frozen interfaces and layouts: equal on both sides or the library is refused. tests/unit/plugin/abi.txt fingerprints what it
/// stands for, and its test says when this must be raised.
inline constexpr std::uint32_t abi_number = 1;

/// The version of the headers a library was compiled with; a test holds it to aludel::version().
#define ALUDEL_SDK_VERSION "0.1.0"

enum class Kind : std::uint32_t { dialect = 1, environment = 2 };

/// How `Descriptor::create` says why it failed: `report(context, message, error)`, where `error` is an aludel::Error or null. Both are copied.
struct ErrorSink {
  std::uint32_t size;
  void* context;
  void (*report)(void* context, const char* message, const void* error);
};

/// What `aludel_plugin_v1` returns; lives as long as the process. Fields are only ever appended; `size` tells how many there are.
struct Descriptor {
  std::uint32_t size;
  std::uint32_t abi;
  std::uint32_t kind;
  std::uint32_t reserved;
  const char* toolchain;
  const char* name;         ///< "sqlite"
  const char* schemes;      ///< "sqlite,sqlite3"; empty for an environment
  const char* version;      ///< the plugin's own
  const char* sdk_version;  ///< the aludel it was compiled with
  const char* record;       ///< keeps the record from being thrown away by a linker
  /// A dialect returns a dialect::Dialect* and ignores `subject`; an environment fills the aludel::Environment that `subject` points to and
  /// returns `subject`. Null after having reported to the sink.
  void* (*create)(void* subject, const ErrorSink* errors);
  /// Destroys what `create` returned; null where the library keeps it alive as long as the process.
  void (*destroy)(void* object);
};

/// The one symbol, as dlsym wants it.
inline constexpr const char* entry_point = "aludel_plugin_v1";

// The toolchain tag: whatever must be equal so that C++ objects may cross. Compiler and its version are no part of it: g++ and clang++ agree.

#if defined(__clang__)
#define ALUDEL_DETAIL_HAS_FEATURE(feature) __has_feature(feature)
#else
#define ALUDEL_DETAIL_HAS_FEATURE(feature) 0
#endif

#if defined(__GXX_ABI_VERSION)
#define ALUDEL_DETAIL_CXX_ABI "itanium"
#else
#define ALUDEL_DETAIL_CXX_ABI "other"
#endif
#if defined(__LP64__)
#define ALUDEL_DETAIL_WIDTH "lp64"
#else
#define ALUDEL_DETAIL_WIDTH "ilp32"
#endif
#if defined(_LIBCPP_VERSION)
#define ALUDEL_DETAIL_STDLIB "libc++"
#elif defined(__GLIBCXX__) && defined(_GLIBCXX_INLINE_VERSION) && _GLIBCXX_INLINE_VERSION
#define ALUDEL_DETAIL_STDLIB "libstdc++v8"
#elif defined(__GLIBCXX__)
#define ALUDEL_DETAIL_STDLIB "libstdc++"
#else
#define ALUDEL_DETAIL_STDLIB "other"
#endif
#if defined(_GLIBCXX_USE_CXX11_ABI) && _GLIBCXX_USE_CXX11_ABI
#define ALUDEL_DETAIL_DUAL_ABI "1"
#else
#define ALUDEL_DETAIL_DUAL_ABI "0"
#endif
#if defined(_GLIBCXX_DEBUG) || (defined(_LIBCPP_HARDENING_MODE) && defined(_LIBCPP_ABI_BOUNDED_ITERATORS))
#define ALUDEL_DETAIL_DEBUG "1"
#else
#define ALUDEL_DETAIL_DEBUG "0"
#endif
#if defined(__SANITIZE_ADDRESS__) || ALUDEL_DETAIL_HAS_FEATURE(address_sanitizer)
#define ALUDEL_DETAIL_SANITIZER "address"
#elif defined(__SANITIZE_THREAD__) || ALUDEL_DETAIL_HAS_FEATURE(thread_sanitizer)
#define ALUDEL_DETAIL_SANITIZER "thread"
#elif ALUDEL_DETAIL_HAS_FEATURE(memory_sanitizer)
#define ALUDEL_DETAIL_SANITIZER "memory"
#else
#define ALUDEL_DETAIL_SANITIZER "none"
#endif

/// "itanium lp64 libstdc++ cxx11abi=1 debug=0 sanitizer=none", of whoever includes this.
#define ALUDEL_TOOLCHAIN                                                                                                                   \
  ALUDEL_DETAIL_CXX_ABI " " ALUDEL_DETAIL_WIDTH " " ALUDEL_DETAIL_STDLIB " cxx11abi=" ALUDEL_DETAIL_DUAL_ABI " debug=" ALUDEL_DETAIL_DEBUG \
                        " sanitizer=" ALUDEL_DETAIL_SANITIZER

/// A record begins with this, spelt backwards here so that a library which merely reads records does not contain one.
inline constexpr std::string_view record_magic_reversed =
    "\n\x1a\n\r"
    "GULP"
    " LEDULA"
    "\x89";
inline constexpr std::size_t record_size = 1024;

}  // namespace aludel::plugin
