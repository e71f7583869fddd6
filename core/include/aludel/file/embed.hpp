#pragma once

#include <aludel/export.hpp>
#include <aludel/file/script_directory.hpp>

#include <string>
#include <vector>

namespace aludel::file {

struct EmbedOptions {
  /// The function that hands the revisions out, `embedded::<name>()`, and the header, `embedded/<name>.hpp`. A C++ identifier.
  std::string name = "revisions";
  /// What the program registers for `call` operations. A call of anything else is refused: on the user's machine it would be too late.
  std::vector<std::string> functions{};
};

/// Two C++ files that compile the revisions of a directory into a program as aludel::embedded::RevisionData.
struct EmbeddedSource {
  std::string header;
  std::string source;
};

/// Reads every file whole and checks the graph, so that what is wrong with them is found when the program is built: throws what ScriptDirectory and
/// revision::Graph throw, Error(usage) for a name that is no identifier, Error(revision) for an empty directory or an operation that calls a function
/// which `functions` does not name. Only the files' names go into the text, no directory; the same files give the same text.
ALUDEL_API EmbeddedSource embed_revisions(const ScriptDirectory& versions, const EmbedOptions& options = {});

}  // namespace aludel::file
