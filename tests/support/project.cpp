#include "project.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "support/systems.hpp"

namespace aludel::test {
namespace {

void drain(int out, int err, Outcome& outcome) {
  std::array<pollfd, 2> waits{pollfd{out, POLLIN, 0}, pollfd{err, POLLIN, 0}};
  std::array<char, 65536> buffer;
  int open = 2;
  while (open > 0) {
    if (poll(waits.data(), waits.size(), -1) < 0) continue;
    for (std::size_t i = 0; i < waits.size(); ++i) {
      if (waits[i].fd < 0 || waits[i].revents == 0) continue;
      const ssize_t count = ::read(waits[i].fd, buffer.data(), buffer.size());
      if (count > 0) {
        (i == 0 ? outcome.out : outcome.err).append(buffer.data(), static_cast<std::size_t>(count));
      } else {
        waits[i].fd = -1;
        --open;
      }
    }
  }
}

}  // namespace

Program::Program(const std::vector<std::string>& command, const std::filesystem::path& directory,
                 const std::map<std::string, std::string>& environment) {
  std::array<int, 2> out{};
  std::array<int, 2> err{};
  if (pipe2(out.data(), O_CLOEXEC) != 0 || pipe2(err.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  process_ = fork();
  if (process_ < 0) throw std::runtime_error("fork");
  if (process_ == 0) {
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    close(STDIN_FILENO);
    if (chdir(directory.c_str()) != 0) _exit(126);
    for (const auto& [name, value] : environment) setenv(name.c_str(), value.c_str(), 1);
    std::vector<char*> arguments;
    for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  close(out[1]);
  close(err[1]);
  out_ = out[0];
  err_ = err[0];
}

Program::~Program() {
  if (process_ == 0) return;
  kill(process_, SIGKILL);
  wait();
}

Outcome Program::wait() {
  Outcome outcome;
  drain(out_, err_, outcome);
  close(out_);
  close(err_);
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) continue;
  process_ = 0;
  outcome.code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return outcome;
}

Outcome run_program(const std::vector<std::string>& command, const std::filesystem::path& directory,
                    const std::map<std::string, std::string>& environment) {
  return Program(command, directory, environment).wait();
}

Outcome run_client(const System& system, const std::string& target, const std::string& script, const std::filesystem::path& directory) {
  const std::string file = ".client-input";
  std::ofstream(directory / file, std::ios::binary) << script << "\n";
  Outcome outcome = run_program(system.client(target, file), directory);
  if (system.rows != nullptr) outcome.out = system.rows(outcome.out);
  return outcome;
}

Project::Project(const std::string& dialect) : system_(system_named(dialect)) {
  std::string pattern = (std::filesystem::temp_directory_path() / "aludel-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  directory_ = pattern;
  environment = {{"ALUDEL_URL", ""},
                 {"NO_COLOR", "1"},
                 {"HOME", directory_.string()},
                 {"XDG_DATA_HOME", (directory_ / ".data").string()},
                 {"ALUDEL_PLUGIN_PATH", ""}};
}

Project::~Project() {
  for (const std::string& database : databases_) administer("DROP DATABASE IF EXISTS " + database + system_.drop_options);
  std::error_code ignored;
  std::filesystem::permissions(directory_, std::filesystem::perms::owner_all, std::filesystem::perm_options::add, ignored);
  std::filesystem::remove_all(directory_, ignored);
}

void Project::write(const std::string& name, std::string_view text) const {
  std::filesystem::create_directories(file(name).parent_path());
  std::ofstream(file(name), std::ios::binary) << text;
}

std::string Project::read(const std::string& name) const {
  std::ostringstream text;
  text << std::ifstream(file(name), std::ios::binary).rdbuf();
  return text.str();
}

std::vector<std::string> Project::aludel_command(const std::vector<std::string>& arguments) const {
  std::vector<std::string> command{ALUDEL_BINARY_DIR "/bin/aludel"};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

Outcome Project::aludel(const std::vector<std::string>& arguments) const { return run_program(aludel_command(arguments), directory_, environment); }

std::string Project::database_name(const std::string& database) const {
  static const int process = getpid();
  std::string name = "aludel_test_" + std::to_string(process) + "_";
  for (const char c : directory_.filename().string()) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return name + "_" + database.substr(0, database.find('.'));
}

std::string Project::url(const std::string& database) const {
  if (system_.is_file()) return "sqlite:///" + (directory_ / database).string();
  const std::string name = database_name(database);
  if (databases_.insert(name).second) {
    const Outcome made = administer("CREATE DATABASE " + name + system_.create_options);
    if (made.code != 0) throw std::runtime_error("cannot make a database for the test: " + made.err);
  }
  return system_.server()->url(name);
}

Outcome Project::administer(const std::string& statement) const {
  return run_client(system_, system_.server()->url(system_.administration), statement + ";", directory_);
}

std::string Project::sql(const std::string& script, const std::string& database) const {
  const Outcome outcome = run_client(system_, system_.is_file() ? file(database).string() : url(database), script, directory_);
  EXPECT_EQ(outcome.code, 0) << script << "\n" << outcome.err;
  return outcome.out;
}

bool Project::has(const std::string& name, const std::string& database) const {
  return sql(system_.count_relations + "'" + name + "'", database) != "0\n";
}

void Project::with_sql_target(std::string_view schema) const {
  // A relative name is a file of the project's.
  const std::string database = system_.is_file() ? "sqlite:///app.db" : url();
  write("aludel.toml", "[database]\nurl = \"" + database + "\"\n\n[models]\nsource = \"schema.sql\"\n");
  std::filesystem::create_directories(file("migrations/versions"));
  write("schema.sql", schema);
}

void Project::revision(const std::string& id, const std::string& parent, std::string_view operations, const std::string& head) const {
  write("migrations/versions/" + id + ".toml", "revision = \"" + id + "\"\ndown_revision = \"" + parent + "\"\nmessage = \"" + id +
                                                   "\"\ncreated = 2026-01-01T00:00:00Z\n" + head + "\n" + std::string(operations));
}

std::vector<std::filesystem::path> Project::revisions() const {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(file("migrations/versions"))) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace aludel::test
