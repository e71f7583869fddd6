#include "commands/commands.hpp"

namespace aludel::cli {

std::span<const Command> commands() {
  static const Command all[] = {init_command,   revision_command, upgrade_command, downgrade_command, status_command,  current_command,
                                heads_command,  branches_command, history_command, show_command,      stamp_command,   edit_command,
                                check_command,  verify_command,   diff_command,    inspect_command,   journal_command, resolve_command,
                                unlock_command, plugins_command,  config_command};
  return all;
}

}  // namespace aludel::cli
