#include <aludel/error.hpp>
#include <aludel/source/command.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace aludel::source {
namespace {

/// Both ends are closed on exec, so that grandchildren which outlive the command do not keep us waiting on an end they never knew of.
struct Pipe {
  int read_end = -1;
  int write_end = -1;

  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw Error(ErrorKind::io, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
    read_end = ends[0];
    write_end = ends[1];
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(read_end);
    close_writing();
  }
  void close_writing() {
    if (write_end >= 0) close(write_end);
    write_end = -1;
  }
};

/// Reads both until both are closed: neither may fill up while the other is waited for.
void drain(const Pipe& output, const Pipe& errors, CommandResult& result) {
  std::array<pollfd, 2> waits{pollfd{output.read_end, POLLIN, 0}, pollfd{errors.read_end, POLLIN, 0}};
  std::array<std::string*, 2> texts{&result.output, &result.errors};
  std::array<char, 16384> buffer;
  for (int open = 2; open > 0;) {
    if (poll(waits.data(), waits.size(), -1) < 0) continue;  // EINTR
    for (std::size_t i = 0; i < waits.size(); ++i) {
      if (waits[i].fd < 0 || waits[i].revents == 0) continue;
      const ssize_t count = read(waits[i].fd, buffer.data(), buffer.size());
      if (count > 0) {
        texts[i]->append(buffer.data(), static_cast<std::size_t>(count));
      } else if (count == 0 || errno != EINTR) {
        waits[i].fd = -1;
        --open;
      }
    }
  }
}

}  // namespace

CommandResult run_command(const std::string& command, const std::filesystem::path& directory) {
  Pipe output;
  Pipe errors;
  const std::string where = directory.empty() ? "." : directory.string();
  const pid_t child = fork();
  if (child < 0) throw Error(ErrorKind::io, fmt::format("cannot start a process: {}", std::strerror(errno)));
  if (child == 0) {
    const int nothing = open("/dev/null", O_RDONLY);
    if (nothing >= 0) dup2(nothing, STDIN_FILENO);
    dup2(output.write_end, STDOUT_FILENO);
    dup2(errors.write_end, STDERR_FILENO);
    if (chdir(where.c_str()) != 0) _exit(126);
    execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  output.close_writing();
  errors.close_writing();
  CommandResult result;
  drain(output, errors, result);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (WIFSIGNALED(status)) {
    result.status = 128 + WTERMSIG(status);
    result.outcome = fmt::format("killed by signal {}", WTERMSIG(status));
  } else {
    result.status = WEXITSTATUS(status);
    result.outcome = fmt::format("exit code {}", result.status);
  }
  return result;
}

}  // namespace aludel::source
