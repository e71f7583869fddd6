#pragma once

#include <aludel/dialect/dialect.hpp>
#include <aludel/plugin/abi.hpp>
#include <aludel/sdk/detail/record.hpp>

#include <exception>

namespace aludel::sdk {

/// A function that gives the dialect: one object, alive as long as the process (a function-local static).
using DialectFunction = const dialect::Dialect& (*)();

/// `Descriptor::create` for a dialect: no exception leaves it.
template <DialectFunction get>
void* create_dialect(void*, const plugin::ErrorSink* errors) {
  try {
    return const_cast<dialect::Dialect*>(&get());
  } catch (const Error& error) {
    errors->report(errors->context, error.what(), &error);
  } catch (const std::exception& error) {
    errors->report(errors->context, error.what(), nullptr);
  } catch (...) {
    errors->report(errors->context, "an exception that is no std::exception", nullptr);
  }
  return nullptr;
}

/// A descriptor for a dialect that is linked into the program, for plugin::Loader::add:
/// `loader.add(dialect_descriptor<toy::dialect>("toy", "1.0", "toy,toydb"))`. The texts must live as long as the process (string literals).
template <DialectFunction get>
plugin::Descriptor dialect_descriptor(const char* name, const char* version, const char* schemes) {
  return {sizeof(plugin::Descriptor),
          plugin::abi_number,
          static_cast<std::uint32_t>(plugin::Kind::dialect),
          0,
          ALUDEL_TOOLCHAIN,
          name,
          schemes,
          version,
          ALUDEL_SDK_VERSION,
          nullptr,
          &create_dialect<get>,
          nullptr};
}

}  // namespace aludel::sdk

/// Makes this shared library a dialect plugin: once, at global scope, in one .cpp file.
///
///     ALUDEL_DIALECT(toy::dialect, "toy", "1.0", "toy", "toydb");
///
/// A function `const aludel::dialect::Dialect& dialect()`, the dialect's name (also the NAME in the file name aludel-dialect-NAME.so), the plugin's
/// own version, and the URL schemes it serves, one or more; all string literals. Build it with aludel_add_plugin().
#define ALUDEL_DIALECT(function, dialect_name, dialect_version, ...)                                                                  \
  namespace {                                                                                                                         \
  constexpr ::aludel::sdk::detail::Text aludel_plugin_schemes = ::aludel::sdk::detail::join_schemes({__VA_ARGS__});                   \
  }                                                                                                                                   \
  extern "C" {                                                                                                                        \
  ALUDEL_DETAIL_RETAIN static constexpr ::aludel::sdk::detail::Text aludel_plugin_record =                                            \
      ::aludel::sdk::detail::make_record(::aludel::plugin::Kind::dialect, dialect_name, dialect_version, aludel_plugin_schemes.data); \
  const ::aludel::plugin::Descriptor* aludel_plugin_v1() {                                                                            \
    static const ::aludel::plugin::Descriptor descriptor = [] {                                                                       \
      auto result = ::aludel::sdk::dialect_descriptor<function>(dialect_name, dialect_version, aludel_plugin_schemes.data);           \
      result.record = aludel_plugin_record.data;                                                                                      \
      return result;                                                                                                                  \
    }();                                                                                                                              \
    return &descriptor;                                                                                                               \
  }                                                                                                                                   \
  }                                                                                                                                   \
  static_assert(true, "")
