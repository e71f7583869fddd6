#pragma once

#include <aludel/dialect/connection.hpp>

namespace aludel::cli {

/// While it lives, Ctrl-C (and SIGTERM) asks the run to stop and cancels the running statement; the run rolls back and reports it. A second one ends
/// the process as usual, which loses nothing either. One at a time.
class Interrupt {
 public:
  explicit Interrupt(dialect::Connection& connection);
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();

  static bool requested();
  /// From now on this is the connection whose statement a signal cancels.
  static void turn_to(dialect::Connection& connection);
};

}  // namespace aludel::cli
