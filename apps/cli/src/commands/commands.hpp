#pragma once

#include "../command.hpp"

namespace aludel::cli {

extern const Command init_command;
extern const Command revision_command;
extern const Command upgrade_command;
extern const Command downgrade_command;
extern const Command status_command;
extern const Command current_command;
extern const Command heads_command;
extern const Command branches_command;
extern const Command history_command;
extern const Command show_command;
extern const Command stamp_command;
extern const Command edit_command;
extern const Command check_command;
extern const Command verify_command;
extern const Command diff_command;
extern const Command inspect_command;
extern const Command journal_command;
extern const Command resolve_command;
extern const Command unlock_command;
extern const Command plugins_command;
extern const Command config_command;

}  // namespace aludel::cli
