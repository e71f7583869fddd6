#pragma once

#include <aludel/autogenerate/autogenerate.hpp>
#include <aludel/source/source.hpp>

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>

#include "command.hpp"

namespace aludel::cli {

class Output;

/// What loading sources needs, wired to this command line. `dialect` may be null until a URL says it.
source::Context source_context(Context& context, const dialect::Dialect* dialect);

/// Where throwaway databases may be made: --scratch, else the target's scratch_url, else the target's own server unless it is marked production, else
/// the server of one of the sources; nullopt where nobody says.
std::optional<Url> scratch_url(Context& context, const Arguments& arguments, const dialect::Dialect* dialect,
                               std::initializer_list<const source::Source*> sources = {});

/// Builds the environment first when the source is the models.
schema::Metadata load_source(Context& context, const source::Source& source, const source::Context& how);

/// The target (--target, or aludel.toml's) compared with the command's database: what `revision --autogenerate` and `check` share.
autogenerate::Result compare_with_database(Context& context, const Arguments& arguments, dialect::Connection& connection);
/// The same with what the revision files give at `revisions`; without a connection, no database is touched.
autogenerate::Result compare_with_revisions(Context& context, const Arguments& arguments, const dialect::Dialect& dialect,
                                            dialect::Connection* connection, const std::vector<std::string>& revisions);
/// What the files give at `revisions` compared with the database: what somebody changed in it by hand.
autogenerate::Result compare_revisions_with_database(Context& context, const Arguments& arguments, dialect::Connection& connection,
                                                     const std::vector<std::string>& revisions);
/// The first revision of a database without history.
autogenerate::Result take_baseline(Context& context, const Arguments& arguments, dialect::Connection& connection);
/// --against: true for `revisions`, false for `database` (which is what is meant when it is not given).
bool against_revisions(const Arguments& arguments);

/// Summary, suggestions, warnings and the unmanaged line, for people.
void print_result(Output& output, const autogenerate::Result& result);
void print_summary(Output& output, const std::vector<autogenerate::Line>& lines);
/// The same as members of a JSON document.
void add_result(Value& document, const autogenerate::Result& result);

void describe_comparison(options::options_description& shown);
std::vector<diff::RenameHint> rename_hints(const Arguments& arguments);

}  // namespace aludel::cli
