#pragma once

#include <aludel/dialect/recovery.hpp>
#include <aludel/dialect/session_settings.hpp>
#include <aludel/dialect/sessions.hpp>

namespace aludel::postgresql {

/// What a run that was interrupted asks of the server; see the interfaces.
dialect::Sessions& sessions();
dialect::SessionSettings& session_settings();
dialect::Recovery& recovery();

}  // namespace aludel::postgresql
