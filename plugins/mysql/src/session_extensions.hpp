#pragma once

#include <aludel/dialect/session_settings.hpp>
#include <aludel/dialect/sessions.hpp>

namespace aludel::mysql {

/// What a run that was interrupted asks of the server; see the interfaces.
dialect::Sessions& sessions();
dialect::SessionSettings& session_settings();

}  // namespace aludel::mysql
