#pragma once

#include <aludel/environment/environment.hpp>
#include <aludel/plugin/abi.hpp>
#include <aludel/sdk/detail/record.hpp>

#include <exception>

namespace aludel::sdk {

/// `Descriptor::create` for an environment: no exception leaves it.
template <void (*body)(Environment&)>
void* create_environment(void* subject, const plugin::ErrorSink* errors) {
  try {
    body(*static_cast<Environment*>(subject));
    return subject;
  } catch (const Error& error) {
    errors->report(errors->context, error.what(), &error);
  } catch (const std::exception& error) {
    errors->report(errors->context, error.what(), nullptr);
  } catch (...) {
    errors->report(errors->context, "an exception that is no std::exception", nullptr);
  }
  return nullptr;
}

template <void (*body)(Environment&)>
plugin::Descriptor environment_descriptor(const char* record) {
  return {sizeof(plugin::Descriptor),
          plugin::abi_number,
          static_cast<std::uint32_t>(plugin::Kind::environment),
          0,
          ALUDEL_TOOLCHAIN,
          "environment",
          "",
          ALUDEL_SDK_VERSION,
          ALUDEL_SDK_VERSION,
          record,
          &create_environment<body>,
          nullptr};
}

}  // namespace aludel::sdk

/// Makes this shared library the application's environment: once, at global scope, in one .cpp file; what follows is the body of a function
/// that fills an aludel::Environment of the name given. Build it with aludel_add_environment().
///
///     ALUDEL_ENVIRONMENT(env) {
///       env.url(hero::database_url());
///       env.target_metadata(hero::metadata());
///       env.function("backfill_slugs", hero::backfill_slugs);
///     }
#define ALUDEL_ENVIRONMENT(parameter)                                                                                 \
  static void aludel_environment_body(::aludel::Environment& parameter);                                              \
  extern "C" {                                                                                                        \
  ALUDEL_DETAIL_RETAIN static constexpr ::aludel::sdk::detail::Text aludel_plugin_record =                            \
      ::aludel::sdk::detail::make_record(::aludel::plugin::Kind::environment, "environment", ALUDEL_SDK_VERSION, ""); \
  const ::aludel::plugin::Descriptor* aludel_plugin_v1() {                                                            \
    static const ::aludel::plugin::Descriptor descriptor =                                                            \
        ::aludel::sdk::environment_descriptor<aludel_environment_body>(aludel_plugin_record.data);                    \
    return &descriptor;                                                                                               \
  }                                                                                                                   \
  }                                                                                                                   \
  static void aludel_environment_body(::aludel::Environment& parameter)
