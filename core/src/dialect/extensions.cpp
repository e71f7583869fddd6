#include <aludel/dialect/dialect.hpp>
#include <aludel/dialect/recovery.hpp>
#include <aludel/dialect/session_settings.hpp>
#include <aludel/dialect/sessions.hpp>

namespace aludel::dialect {

Sessions::~Sessions() = default;
SessionSettings::~SessionSettings() = default;
Recovery::~Recovery() = default;

const Sessions* Sessions::of(const Connection& connection) { return static_cast<const Sessions*>(connection.dialect().extension(extension_name)); }

const SessionSettings* SessionSettings::of(const Connection& connection) {
  return static_cast<const SessionSettings*>(connection.dialect().extension(extension_name));
}

const Recovery* Recovery::of(const Connection& connection) { return static_cast<const Recovery*>(connection.dialect().extension(extension_name)); }

}  // namespace aludel::dialect
