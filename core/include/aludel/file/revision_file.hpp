#pragma once

#include <aludel/export.hpp>
#include <aludel/revision/revision.hpp>
#include <aludel/value.hpp>

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace aludel::file {

/// The two spellings of a revision: TOML operations, or plain SQL under a head of `-- key = value` comments.
enum class RevisionFormat { toml, sql };
/// By the name's ending; nullopt for what is no revision file.
ALUDEL_API std::optional<RevisionFormat> revision_format(const std::filesystem::path& file);

/// The head alone: nothing after the first table header (in SQL: after the leading comments) is looked at.
///
/// `file` names the text in errors and becomes Revision::file. Throws Error(syntax) with file:line:column for what is no TOML, an unknown key (with
/// the nearest), a missing one or a wrong type, Error(revision) for an impossible id. Pure, thread-safe.
ALUDEL_API revision::Revision read_revision_head(std::string_view text, RevisionFormat format, std::string_view file);
/// How many bytes of the text the head takes, when all of it is here: up to the first table header or first line of SQL. npos: not yet found.
ALUDEL_API std::size_t revision_head_size(std::string_view text, RevisionFormat format);

/// The whole file, checksum included; the same errors. A TOML file without [[downgrade]] has none; `downgrade = []` in the head is an empty one, a
/// downgrade that does nothing. An SQL file's sections become one `sql` operation each; an empty `-- downgrade` section is an empty one too.
ALUDEL_API revision::Content read_revision(std::string_view text, RevisionFormat format, std::string_view file);

/// The text of a file: read_revision(write_revision(c)) gives the same head and operations, and writing what it wrote gives the same text.
///
/// Operation::remarks become comment lines above the operation. Content::checksum and Revision::file are not written. Throws Error(unsupported) for
/// what the format cannot hold: text that is not UTF-8; in SQL, any operation but a plain `sql`.
ALUDEL_API std::string write_revision(const revision::Content& content, RevisionFormat format = RevisionFormat::toml);
/// Operations alone, as [[section]] tables: what `diff --as toml` prints.
ALUDEL_API std::string write_operations(std::span<const op::Operation> operations, std::string_view section = "upgrade");

/// "sha256:<hex>" of the canonical text (aludel::canonical_text) without its data_loss lines. Of the text, not of what was parsed, so that it stays
/// what it is in every later version; test vectors are frozen in tests/unit/file/revision_file_test.cpp.
ALUDEL_API std::string revision_checksum(std::string_view text, RevisionFormat format);

}  // namespace aludel::file
