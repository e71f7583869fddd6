#include <aludel/embedded.hpp>

#include "embedded_backup.hpp"
#include "identity.hpp"

#include <aludel/dialect/dialect.hpp>
#include <aludel/dialect/file_database.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>

namespace aludel::embedded {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds pause(50);

/// What the caller is told, out of what the runner tells.
migrate::Listener listener_of(const Options& options, Result& result) {
  return [&options, &result](const migrate::Event& event) {
    using Kind = migrate::Event::Kind;
    if (event.kind == Kind::warning) result.warnings.push_back(event.text);
    if (event.kind == Kind::revision_finished) result.applied.push_back(event.revision);
    if (!options.progress || event.kind == Kind::warning || event.kind == Kind::revision_finished) return;
    Progress progress;
    progress.stage = event.kind == Kind::waiting            ? Progress::Stage::waiting
                     : event.kind == Kind::revision_started ? Progress::Stage::revision
                                                            : Progress::Stage::statement;
    progress.revision = event.revision;
    progress.message = event.text;
    progress.step = event.step;
    progress.steps = event.steps;
    progress.statement = event.statement;
    progress.statements = event.statements;
    options.progress(progress);
  };
}

void tell(const Options& options, Progress::Stage stage, const std::string& message) {
  if (!options.progress) return;
  Progress progress;
  progress.stage = stage;
  progress.message = message;
  options.progress(progress);
}

migrate::RunOptions run_options(const Options& options) {
  migrate::RunOptions run;
  run.names = options.names;
  run.lock_wait = options.lock_wait;
  run.accept_data_loss = options.accept_data_loss;
  run.tool = options.tool;
  return run;
}

/// One upgrade: looks, copies, runs, and tells what came of it.
class Upgrade {
 public:
  Upgrade(dialect::Connection& connection, const revision::Store& revisions, const Options& options)
      : connection_(connection), revisions_(revisions), options_(options), deadline_(Clock::now() + options.lock_wait) {}

  Result run() {
    try {
      if (connection_.in_transaction()) {
        throw Error(ErrorKind::usage, "the connection is in a transaction").with_hint("upgrade before anything is begun on it");
      }
      work();
    } catch (const NoRoom& error) {
      stop(Outcome::no_space, error);
    } catch (const Error& error) {
      stop(outcome_of(error), error);
    } catch (const std::exception& exception) {
      stop(Outcome::failed, Error(ErrorKind::internal, std::string("unexpected: ") + exception.what()));
    }
    return std::move(result_);
  }

 private:
  void work() {
    if (!needs_work()) return;
    if (options_.backup) prepare_backup();
    if (backups_) {
      take_lock();
      if (!needs_work() || !copy()) return;
    }
    if (options_.baseline && position_ <= 0) take_over();
    const auto applied = runner().upgrade(std::vector<std::string>{"heads"});
    result_.outcome = applied.empty() ? Outcome::current : Outcome::upgraded;
    result_.heads = runner().graph().heads();
    if (!result_.backup.empty()) backups_->prune(options_.backup->keep);
  }

  /// The journal of a database that was there before it begins with the revision that the database stands on.
  void take_over() {
    const auto journal = options_.names.tables();
    // The application's own connection may wait for nobody.
    const auto schema = patiently([&] { return connection_.dialect().introspector().introspect(connection_, {}); });
    const auto is_own = [&](const auto& entry) { return std::find(journal.begin(), journal.end(), entry.first) == journal.end(); };
    if (std::none_of(schema.tables.begin(), schema.tables.end(), is_own)) return;
    const std::string revision = patiently([&] { return options_.baseline(connection_); });
    if (!revision.empty()) runner().baseline(std::vector<std::string>{revision});
  }

  migrate::Runner& runner() {
    if (!runner_) {
      runner_ = std::make_unique<migrate::Runner>(connection_, revisions_, run_options(options_), options_.hooks, listener_of(options_, result_));
    }
    return *runner_;
  }

  /// Is there anything to run? Sets the outcome when there is not.
  bool needs_work() {
    migrate::State state;
    try {
      state = runner().state(false);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::revision || !journal_is_newer()) throw;
      stop(Outcome::newer, error);
      return false;
    }
    result_.heads = state.heads;
    position_ = state.position;
    if (!state.unknown.empty()) {
      Error error(ErrorKind::revision,
                  fmt::format("{} was upgraded by a newer version of this program: it stands on revision {}, which this one does "
                              "not have",
                              connection_.description(), quoted(state.unknown.front())));
      stop(Outcome::newer, std::move(error).with_hint("start the newer version, or put a backup from before back; nothing was changed"));
      return false;
    }
    if (!state.pending.empty() || state.half_applied) return true;
    result_.outcome = Outcome::current;
    return false;
  }

  /// A journal of a layout that this library does not know.
  bool journal_is_newer() {
    const auto& dialect = connection_.dialect();
    const auto sql = fmt::format("SELECT max({}) FROM {}", dialect.quote_identifier("layout"), dialect.quote_name(options_.names.journal()));
    try {
      const Value layout = connection_.execute(sql).scalar();
      return layout.integer() != nullptr && *layout.integer() > migrate::journal_layout;
    } catch (const Error&) {
      return false;  // no journal at all: what was wrong before is the error
    }
  }

  /// A database in memory, and one with nothing in it, has nothing to lose.
  void prepare_backup() {
    files_ = dialect::FileDatabase::of(connection_);
    if (files_ == nullptr) {
      throw Error(ErrorKind::unsupported, fmt::format("{} databases are no files that could be copied first", connection_.dialect().name()))
          .with_hint("leave Options::backup out, and back up by the server's own means");
    }
    const auto file = files_->file(connection_);
    if (file.empty() || patiently([&] { return files_->size(connection_); }) == 0) return;
    backups_.emplace(file, options_.backup->directory);
    std::error_code error;
    std::filesystem::create_directories(backups_->directory(), error);
    if (error) {
      throw Error(ErrorKind::io,
                  fmt::format("cannot make the directory for backups {}: {}", quoted(backups_->directory().string()), error.message()));
    }
  }

  /// Until the database is not busy, or the caller's patience is at its end.
  template <class Action>
  auto patiently(Action action) -> decltype(action()) {
    for (bool told = false;; told = true) try {
        return action();
      } catch (const Error& error) {
        if (error.kind() != ErrorKind::busy || Clock::now() >= deadline_) throw;
        if (options_.hooks.interrupted && options_.hooks.interrupted()) throw Error(ErrorKind::interrupted, "interrupted");
        if (!told) tell(options_, Progress::Stage::waiting, error.message());
        std::this_thread::sleep_for(pause);
      }
  }

  void take_lock() {
    lock_.emplace(backups_->lock_file());
    patiently([&] {
      if (lock_->try_take()) return;
      throw Error(ErrorKind::busy, "another process is upgrading " + connection_.description()).with_hint("wait until it is done, then start again");
    });
  }

  /// A copy of what is about to be changed, not of what somebody who takes no copies (the command line) has changed meanwhile. False when that has
  /// left nothing to do.
  bool copy() {
    for (;;) {
      tell(options_, Progress::Stage::backup, backups_->directory().string());
      const auto copy = patiently([&] { return backups_->take(connection_, *files_); });
      if (patiently([&] { return migrate::Journal(connection_, options_.names).position(); }) == position_) {
        result_.backup = copy;
        return true;
      }
      remove(copy);
      if (!needs_work()) return false;
    }
  }

  static void remove(const std::filesystem::path& copy) {
    std::error_code ignored;  // one more copy does no harm
    std::filesystem::remove(copy, ignored);
  }

  Outcome outcome_of(const Error& error) const {
    if (error.kind() == ErrorKind::busy) return Outcome::locked;
    if (error.kind() == ErrorKind::interrupted) return Outcome::interrupted;
    const auto* files = dialect::FileDatabase::of(connection_);
    return files != nullptr && files->is_full(error) ? Outcome::no_space : Outcome::failed;
  }

  void stop(Outcome outcome, Error error) {
    result_.outcome = outcome;
    result_.error = std::move(error);
    if (result_.backup.empty() && result_.applied.empty()) return;
    try {
      clean_up();
    } catch (const Error& second) {
      result_.error->add_note("afterwards: " + second.message());
    } catch (const std::exception& second) {
      result_.error->add_note(std::string("afterwards: ") + second.what());
    }
  }

  /// Where nothing ran, the database itself is what the copy is; where something did, the copy stays or is put back.
  void clean_up() {
    const bool copied = !result_.backup.empty();
    // Position 0 is the journal's own creation; a revision that was left in the middle has a position of its own.
    const auto position = patiently([&] { return migrate::Journal(connection_, options_.names).position(); });
    const bool untouched = result_.applied.empty() && position <= std::max<std::int64_t>(position_, 0);
    if (copied && untouched) {
      remove(result_.backup);
      result_.backup.clear();
    } else if (copied && options_.backup->restore) {
      tell(options_, Progress::Stage::restore, result_.backup.string());
      restore(connection_, result_.backup, options_.lock_wait);
      result_.restored = true;
    }
    result_.heads = migrate::Journal(connection_, options_.names).heads();
  }

  dialect::Connection& connection_;
  const revision::Store& revisions_;
  const Options& options_;
  Clock::time_point deadline_;
  Result result_;
  std::unique_ptr<migrate::Runner> runner_;
  const dialect::FileDatabase* files_ = nullptr;
  std::optional<Backups> backups_;
  std::optional<ProcessLock> lock_;
  std::int64_t position_ = -1;
};

const dialect::FileDatabase& files_of(dialect::Connection& connection) {
  const auto* files = dialect::FileDatabase::of(connection);
  if (files != nullptr) return *files;
  throw Error(ErrorKind::unsupported, fmt::format("{} databases are no files", connection.dialect().name()));
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::upgraded:
      return "upgraded";
    case Outcome::current:
      return "current";
    case Outcome::newer:
      return "newer";
    case Outcome::locked:
      return "locked";
    case Outcome::no_space:
      return "no_space";
    case Outcome::interrupted:
      return "interrupted";
    case Outcome::failed:
      return "failed";
  }
  return "";
}

double Progress::fraction() const {
  if (steps == 0 || step == 0) return 0;
  const double inside = statements == 0 || statement == 0 ? 0 : static_cast<double>(statement - 1) / static_cast<double>(statements);
  return (static_cast<double>(step - 1) + inside) / static_cast<double>(steps);
}

std::string Result::text() const {
  std::string text(to_string(outcome));
  if (!applied.empty()) text += ": " + counted(applied.size(), "revision") + " applied (" + join(applied, ", ") + ")";
  if (error) text += "\n" + error->text();
  if (restored) {
    text += "\nput back from " + backup.string();
  } else if (!backup.empty()) {
    text += "\nthe database as it was before is in " + backup.string();
  }
  for (const auto& warning : warnings) text += "\nwarning: " + warning;
  return text;
}

Result upgrade(dialect::Connection& connection, const revision::Store& revisions, const Options& options) {
  return Upgrade(connection, revisions, options).run();
}

std::vector<std::filesystem::path> backups(dialect::Connection& connection, const std::filesystem::path& directory) {
  const auto file = files_of(connection).file(connection);
  return file.empty() ? std::vector<std::filesystem::path>() : Backups(file, directory).list();
}

void restore(dialect::Connection& connection, const std::filesystem::path& copy, std::chrono::milliseconds lock_wait) {
  const auto& files = files_of(connection);
  const auto deadline = Clock::now() + lock_wait;
  for (;;) try {
      files.restore_from(connection, copy);
      return;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::busy || Clock::now() >= deadline) throw;
      std::this_thread::sleep_for(pause);
    }
}

}  // namespace aludel::embedded
