#include <aludel/environment/environment.hpp>
#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <algorithm>
#include <exception>
#include <memory>

namespace aludel {
namespace {

/// Runs application code: whatever it throws leaves as an Error that says where it came from.
template <class Call>
auto guarded(const std::string& what, const Call& call) -> decltype(call()) {
  try {
    return call();
  } catch (Error& error) {
    error.add_context("in " + what);
    throw;
  } catch (const std::exception& error) {
    throw Error(ErrorKind::environment, what + " failed: " + error.what());
  } catch (...) {
    throw Error(ErrorKind::environment, what + " failed with an exception that is no std::exception");
  }
}

}  // namespace

Environment::Environment(EnvironmentOptions options) : options_(std::move(options)) {}
Environment::~Environment() = default;
Environment::Environment(const Environment&) = default;
Environment::Environment(Environment&&) noexcept = default;
Environment& Environment::operator=(const Environment&) = default;
Environment& Environment::operator=(Environment&&) noexcept = default;

void Environment::url(std::string_view text) { url_ = parse_url(text); }
void Environment::url(Url url) { url_ = std::move(url); }

void Environment::target_metadata(const schema::Metadata& metadata) {
  if (!target_) {
    target_ = metadata;
    return;
  }
  for (const auto& [name, table] : metadata.tables) target_->add(table);
  for (const auto& [name, type] : metadata.enums) target_->add(type);
  for (const auto& [name, sequence] : metadata.sequences) target_->add(sequence);
  for (const auto& [name, space] : metadata.schemas) target_->add(space);
  for (const auto& [key, object] : metadata.objects) target_->add(object);
  target_->unsupported.insert(target_->unsupported.end(), metadata.unsupported.begin(), metadata.unsupported.end());
}

void Environment::include_name(IncludeName hook) { include_name_ = std::move(hook); }
void Environment::include_object(IncludeObject hook) { include_object_ = std::move(hook); }
void Environment::process_operations(ProcessOperations hook) {
  if (hook) process_operations_.push_back(std::move(hook));
}
void Environment::add_on_apply(OnApply hook) {
  if (hook) on_apply_.push_back(std::move(hook));
}

std::optional<std::string> Environment::argument(std::string_view key) const {
  auto found = options_.arguments.find(key);
  return found == options_.arguments.end() ? std::nullopt : std::optional(found->second);
}

void Environment::add_function(std::string name, Function function) {
  if (name.empty()) throw Error(ErrorKind::environment, "a function without a name").with_hint("give it the name that revisions `call`");
  if (!function) throw Error(ErrorKind::environment, "the function " + quoted(name) + " is empty").with_hint("pass something that can be called");
  if (functions_.count(name) != 0) {
    throw Error(ErrorKind::environment, "two functions are called " + quoted(name)).with_hint("give every function a name of its own");
  }
  functions_.emplace(name, [what = "the environment's function " + quoted(name), function](dialect::Connection& connection, const Value& arguments) {
    guarded(what, [&] { function(connection, arguments); });
  });
}

migrate::Hooks Environment::hooks() const {
  migrate::Hooks hooks;
  hooks.functions = functions_;
  if (!on_apply_.empty()) {
    hooks.on_apply = [all = on_apply_](const migrate::Applied& applied, dialect::Connection& connection) {
      guarded("the environment's on_apply hook", [&] {
        for (const OnApply& hook : all) hook(applied, connection);
      });
    };
  }
  return hooks;
}

void Environment::process(op::Operations& operations) const {
  guarded("the environment's process_operations hook", [&] {
    for (const ProcessOperations& hook : process_operations_) hook(operations);
  });
}

}  // namespace aludel
