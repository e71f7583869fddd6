#include <aludel/autogenerate/autogenerate.hpp>
#include <aludel/op/apply.hpp>
#include <aludel/revision/graph.hpp>
#include <aludel/schema/stale.hpp>
#include <aludel/text.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>

namespace aludel::autogenerate {
namespace {

using Ids = std::vector<std::string>;

Ids stands_on(const revision::Revision& revision) {
  Ids ids = revision.down_revisions;
  ids.insert(ids.end(), revision.depends_on.begin(), revision.depends_on.end());
  return ids;
}

/// What an operation that cannot be undone says; empty when all can be.
std::string why_not_undone(const revision::Content& content, const schema::Metadata& before, const op::Rewriter& rewriter) {
  const op::Operations& down = content.downgrade ? *content.downgrade : content.upgrade;
  for (const op::Operation& operation : down) {
    if (const auto* mark = std::get_if<op::Irreversible>(&operation.body)) return mark->reason;
  }
  if (content.downgrade) return "";
  try {
    op::invert(content.upgrade, before, rewriter);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::unsupported) return error.message();
    throw;
  }
  return "";
}

/// Revisions run one by one in a scratch database. A history that branches gets a new one where it goes back.
class Verifier {
 public:
  Verifier(const revision::Store& store, const Verification& how) : store_(store), how_(how), graph_(store.revisions()) {
    options_ = comparison_options(*how.dialect, how.dialect->default_server());
    run_options_.accept_data_loss = true;  // the only rows are those that the revisions themselves put in
    scope_.ignored_tables = run_options_.names.tables();
  }

  Verdict verify(const std::string& id) {
    Verdict verdict{id, {}, ""};
    const revision::Revision& revision = graph_.at(id);
    const Ids below = stands_on(revision);
    for (const std::string& parent : graph_.ancestors(below)) {
      if (!broken_.contains(parent)) continue;
      verdict.problems.push_back(fmt::format("not tried: it stands on {}, which does not hold", parent));
      return verdict;
    }
    have_scratch(below);  // where there can be none, nothing is known of the revision
    std::string step = "bringing a scratch database to where it starts";
    try {
      if (!below.empty()) upgrade(below);
      const schema::Metadata before = read();
      const revision::Content content = store_.load(id);
      step = "upgrade";
      upgrade(Ids{id});
      const schema::Metadata after = read();
      differences("after the upgrade", after, promised(content, before, after), verdict.problems);
      verdict.not_undone = why_not_undone(content, before, how_.dialect->rewriter());
      if (verdict.not_undone.empty()) {
        step = "downgrade";
        runner_->downgrade(below.empty() ? Ids{"base"} : below);
        differences("after the downgrade", read(), before, verdict.problems);
        step = "upgrade after the downgrade";
        upgrade(Ids{id});
        differences("after the second upgrade", read(), after, verdict.problems);
      }
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::connection || error.kind() == ErrorKind::interrupted) throw;
      verdict.problems.push_back(fmt::format("{}: {}", step, error.text()));
      scratch_.reset();  // wherever it stands now
    }
    if (!verdict.problems.empty()) broken_.insert(id);
    return verdict;
  }

 private:
  /// One that can be brought to these revisions. Throws what keeps it from being made.
  void have_scratch(const Ids& ids) {
    const std::set<std::string> wanted = graph_.ancestors(ids);
    if (scratch_ && std::includes(wanted.begin(), wanted.end(), applied_.begin(), applied_.end())) return;
    runner_.reset();
    applied_.clear();
    scratch_ = how_.dialect->scratch(how_.connection, how_.scratch);
    options_ = comparison_options(*how_.dialect, scratch_->connection().server());
    runner_ = std::make_unique<migrate::Runner>(scratch_->connection(), store_, run_options_, how_.hooks);
  }

  void upgrade(const Ids& ids) {
    runner_->upgrade(ids);
    applied_.merge(graph_.ancestors(ids));
  }

  schema::Metadata read() { return how_.dialect->introspector().introspect(scratch_->connection(), scope_); }

  /// The schema that the operations say; where one is opaque or leaves text stale nothing is said, and what is found stands.
  schema::Metadata promised(const revision::Content& content, const schema::Metadata& before, const schema::Metadata& found) {
    if (std::any_of(content.upgrade.begin(), content.upgrade.end(), op::is_opaque)) return found;
    op::ApplyOptions options;
    options.comparison = options_.comparison;
    schema::Metadata said = op::apply(content.upgrade, before, how_.dialect->rewriter(), options);
    if (schema::has_stale_text(said)) return found;
    return how_.dialect->canonicalise(std::move(said), &scratch_->connection());
  }

  void differences(std::string_view when, const schema::Metadata& found, const schema::Metadata& wanted, std::vector<std::string>& into) const {
    for (const op::Operation& operation : diff::compare(found, wanted, options_).operations) {
      into.push_back(fmt::format("{}: still to do: {}", when, op::describe(operation)));
    }
  }

  const revision::Store& store_;
  const Verification& how_;
  revision::Graph graph_;
  diff::Options options_;
  migrate::RunOptions run_options_;
  dialect::Scope scope_;
  std::unique_ptr<dialect::Scratch> scratch_;
  std::unique_ptr<migrate::Runner> runner_;
  std::set<std::string> applied_;  ///< in the scratch database
  std::set<std::string> broken_;
};

}  // namespace

std::vector<Verdict> verify(const revision::Store& store, std::span<const std::string> revisions, const Verification& how) {
  Verifier verifier(store, how);
  std::vector<Verdict> verdicts;
  for (const std::string& id : revisions) {
    verdicts.push_back(verifier.verify(id));
    if (how.finished) how.finished(verdicts.back());
  }
  return verdicts;
}

}  // namespace aludel::autogenerate
