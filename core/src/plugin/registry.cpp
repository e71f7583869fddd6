#include "plugin/registry.hpp"

#include "plugin/inspect.hpp"
#include "plugin/record.hpp"

#include <aludel/text.hpp>

#include <boost/dll/shared_library.hpp>

#include <cxxabi.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace aludel::plugin {
namespace {

/// Everything that was ever loaded, what was refused afterwards included: closing it is what crashes. Recursive, since a library's static
/// initialisers or create() may come back for another dialect.
struct Registry {
  std::recursive_mutex mutex;
  std::deque<boost::dll::shared_library> libraries;
  std::map<std::string, Opened> opened;  // by canonical path
  std::map<std::pair<void* (*)(void*, const ErrorSink*), std::string>, const dialect::Dialect*> dialects;
};

/// Leaked on purpose: an exception, deleter or connection that outlives its library crashes (docs/decisions/0012).
Registry& registry() {
  static Registry& instance = *new Registry;
  return instance;
}

/// The dynamic loader's own words, out of the sentence that Boost.DLL makes of them.
std::string loader_text(std::string text) {
  constexpr std::string_view start = "dlerror system message: ", end = "): ";
  std::size_t from = text.find(start);
  if (from == std::string::npos) return text;
  text.erase(0, from + start.size());
  std::size_t to = text.rfind(end);
  return to == std::string::npos ? text : text.substr(0, to);
}

std::string demangled(const std::string& symbol) {
  int status = 0;
  std::unique_ptr<char, decltype(&std::free)> text(abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status), &std::free);
  return status == 0 ? text.get() : symbol;
}

Refusal does_not_load(const std::filesystem::path& file, std::string text) {
  constexpr std::string_view undefined = "undefined symbol: ", absent = ": cannot open shared object file";
  // glibc's messages begin with the file they are about: this library, or one that it needs.
  const std::string self = file.string() + ": ";
  if (text.compare(0, self.size(), self) == 0) {
    text.erase(0, self.size());
  } else if (std::size_t at = text.find(absent); at != std::string::npos) {
    return missing_library(text.substr(0, at));
  }
  if (std::size_t at = text.find(undefined); at != std::string::npos) {
    std::string symbol = text.substr(at + undefined.size());
    symbol = symbol.substr(0, symbol.find_first_of(", "));
    return {Verdict::does_not_load, fmt::format("nothing defines {}, which it uses", quoted(demangled(symbol))),
            "link the source file or library that defines it; the linker says so when given -Wl,--no-undefined"};
  }
  if (text.find("' not found (required by") != std::string::npos) {
    return {Verdict::does_not_load, printable(text, 500), "it was built on a newer system than this: rebuild it here"};
  }
  return {Verdict::does_not_load, printable(text, 500), "rebuild it on this machine with the compiler of this aludel"};
}

/// Does the loaded library say of itself what its file said?
std::optional<Refusal> check_descriptor(const Descriptor* descriptor, const Record& record) {
  auto contradicts = [](std::string_view what) {
    return Refusal{Verdict::no_entry_point, fmt::format("its {}() {}", entry_point, what), "let ALUDEL_DIALECT or ALUDEL_ENVIRONMENT write it"};
  };
  if (descriptor == nullptr) return contradicts("returns nothing");
  if (descriptor->size < sizeof(Descriptor)) return contradicts("returns a descriptor that is too small");
  if (record_of(*descriptor) != record) return contradicts("says something else than its record");
  if (descriptor->create == nullptr) return contradicts("lacks a function");
  return std::nullopt;
}

bool is_loaded(const std::filesystem::path& file) { return ::dlopen(file.c_str(), RTLD_LAZY | RTLD_NOLOAD) != nullptr; }

/// Loads the library a first time, only to survive static initialisers that throw: dlopen is declared as one that cannot throw, so that called as
/// Boost.DLL does it ends the process. Everything else that may go wrong is left to Boost.DLL, which then loads what is loaded already.
std::optional<Refusal> run_initialisers(const std::filesystem::path& file, bool lazily) {
  void* (*volatile load)(const char*, int) = &::dlopen;
  auto refusal = [](std::string_view what) {
    return Refusal{Verdict::does_not_load, fmt::format("a static initialiser throws: {}", what),
                   "build such objects when they are first used, not at start-up"};
  };
  try {
    load(file.c_str(), (lazily ? RTLD_LAZY : RTLD_NOW) | RTLD_LOCAL);
  } catch (const std::exception& error) {
    return refusal(printable(error.what(), 500));
  } catch (...) {
    return refusal("an exception that is no std::exception");
  }
  return std::nullopt;
}

/// A symbol that is nowhere must show now, and not when a migration first needs it. A library that binds all of its own by itself is loaded lazily:
/// then what it needs, such as a database's client with all that this needs, looks up only what is called.
Opened load(const std::filesystem::path& file, const Candidate& candidate, boost::dll::shared_library& library) {
  namespace load_mode = boost::dll::load_mode;
  if (auto refusal = run_initialisers(file, candidate.binds_now)) return {nullptr, std::move(refusal)};
  const Descriptor* descriptor = nullptr;
  try {
    library.load(file, (candidate.binds_now ? load_mode::rtld_lazy : load_mode::rtld_now) | load_mode::rtld_local);
    if (library.has(entry_point)) descriptor = library.get<const Descriptor*()>(entry_point)();
  } catch (const boost::dll::fs::system_error& error) {
    return {nullptr, does_not_load(file, loader_text(error.what()))};
  }
  if (auto refusal = check_descriptor(descriptor, *candidate.record)) return {nullptr, std::move(refusal)};
  return {descriptor};
}

struct Report {
  std::string message;
  std::optional<Error> error;
};

/// Called by the library, maybe right before it fails for good: copies and nothing else.
void take_report(void* context, const char* message, const void* error) {
  auto& report = *static_cast<Report*>(context);
  if (message != nullptr) report.message = message;
  if (error != nullptr) report.error = *static_cast<const Error*>(error);
}

}  // namespace

Opened open(const Candidate& candidate) {
  Registry& known = registry();
  std::lock_guard lock(known.mutex);
  std::error_code error;
  std::filesystem::path real = std::filesystem::canonical(candidate.file, error);
  if (error) return {nullptr, Refusal{Verdict::unreadable, "it cannot be opened: " + error.message(), "check the path"}};
  if (auto found = known.opened.find(real.string()); found != known.opened.end()) return found->second;

  Opened opened = load(real, candidate, known.libraries.emplace_back());
  // A refusal is remembered only for what is in the process by now: a second dlopen would find it there, half initialised, and call it well.
  if (!opened.refusal || is_loaded(real)) known.opened.emplace(real.string(), opened);
  return opened;
}

void* create(const Descriptor& descriptor, void* subject, std::string_view who) {
  const ErrorKind kind = descriptor.kind == static_cast<std::uint32_t>(Kind::dialect) ? ErrorKind::plugin : ErrorKind::environment;
  Report report;
  const ErrorSink sink{sizeof(ErrorSink), &report, &take_report};
  void* object = nullptr;
  // The SDK lets nothing escape from create(); a descriptor written by hand may.
  try {
    object = descriptor.create(subject, &sink);
  } catch (const Error& error) {
    take_report(&report, error.what(), &error);
  } catch (const std::exception& error) {
    take_report(&report, error.what(), nullptr);
  } catch (...) {
    take_report(&report, "an exception that is no std::exception", nullptr);
  }
  if (object != nullptr) return object;
  if (report.error) {
    report.error->add_context(std::string(who));
    throw *std::move(report.error);
  }
  throw Error(kind, fmt::format("{} failed: {}", who, report.message.empty() ? "it gives no reason" : report.message));
}

const dialect::Dialect& dialect_of(const Descriptor& descriptor, std::string_view who) {
  Registry& known = registry();
  std::lock_guard lock(known.mutex);
  auto key = std::make_pair(descriptor.create, std::string(descriptor.name));
  if (auto found = known.dialects.find(key); found != known.dialects.end()) return *found->second;
  auto* made = static_cast<dialect::Dialect*>(create(descriptor, nullptr, who));
  if (made->name() != descriptor.name) {
    std::string other(made->name());
    if (descriptor.destroy != nullptr) descriptor.destroy(made);
    throw Error(ErrorKind::plugin, fmt::format("{} calls itself {}, but is exported as {}", who, quoted(other), quoted(descriptor.name)))
        .with_hint("let Dialect::name() and ALUDEL_DIALECT say the same name");
  }
  known.dialects.emplace(std::move(key), made);
  return *made;
}

}  // namespace aludel::plugin
