#include "interrupt.hpp"

#include <atomic>
#include <csignal>

namespace aludel::cli {
namespace {

std::atomic<dialect::Connection*> running{nullptr};
std::atomic<bool> asked{false};
static_assert(std::atomic<dialect::Connection*>::is_always_lock_free && std::atomic<bool>::is_always_lock_free, "used in a signal handler");

struct sigaction previous_interrupt;
struct sigaction previous_terminate;

void on_signal(int signal) {
  if (asked.exchange(true)) {  // the second time: give up at once
    std::signal(signal, SIG_DFL);
    std::raise(signal);
    return;
  }
  if (dialect::Connection* connection = running.load()) connection->cancel();
}

}  // namespace

Interrupt::Interrupt(dialect::Connection& connection) {
  asked = false;
  running = &connection;
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &previous_interrupt);
  sigaction(SIGTERM, &action, &previous_terminate);
}

Interrupt::~Interrupt() {
  sigaction(SIGINT, &previous_interrupt, nullptr);
  sigaction(SIGTERM, &previous_terminate, nullptr);
  running = nullptr;
}

bool Interrupt::requested() { return asked; }

void Interrupt::turn_to(dialect::Connection& connection) { running = &connection; }

}  // namespace aludel::cli
