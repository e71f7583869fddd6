#include <aludel/embedded.hpp>

#include <aludel/op/codec.hpp>
#include <aludel/text.hpp>
#include <aludel/value.hpp>

#include <algorithm>
#include <charconv>

namespace aludel::embedded {

namespace {

std::vector<std::string> words(std::string_view text) { return text.empty() ? std::vector<std::string>() : split(text, ' '); }

std::optional<std::chrono::milliseconds> duration(std::int64_t milliseconds) {
  if (milliseconds < 0) return std::nullopt;
  return std::chrono::milliseconds(milliseconds);
}

revision::Revision head_of(const RevisionData& data) {
  revision::Revision head;
  head.id = data.id;
  head.down_revisions = words(data.down_revisions);
  head.depends_on = words(data.depends_on);
  head.branch_labels = words(data.branch_labels);
  head.message = data.message;
  head.created = data.created;
  head.transaction = data.transaction;
  head.foreign_keys_off = data.foreign_keys_off;
  head.lock_timeout = duration(data.lock_timeout_ms);
  head.statement_timeout = duration(data.statement_timeout_ms);
  head.file = data.file;
  return head;
}

/// The operations, each with its place in the file that the developer has.
op::Operations operations_of(std::string_view json, std::string_view file, std::span<const std::string> lines) {
  auto operations = op::decode_all(from_json(json, file), file);
  for (std::size_t i = 0; i < operations.size(); ++i) {
    Location place{std::string(file), 0, 0};
    if (i < lines.size()) std::from_chars(lines[i].data(), lines[i].data() + lines[i].size(), place.line);
    if (place.line != 0) place.column = 1;
    operations[i].location = std::move(place);
  }
  return operations;
}

}  // namespace

std::vector<revision::Revision> Revisions::revisions() const {
  std::vector<revision::Revision> heads;
  heads.reserve(data_.size());
  for (const auto& data : data_) heads.push_back(head_of(data));
  return heads;
}

revision::Content Revisions::load(const std::string& id) const {
  const auto found = std::find_if(data_.begin(), data_.end(), [&](const RevisionData& data) { return data.id == id; });
  if (found == data_.end()) throw Error(ErrorKind::revision, "no revision " + quoted(id) + " is compiled into this program");
  const auto lines = words(found->lines);
  revision::Content content;
  content.revision = head_of(*found);
  content.checksum = found->checksum;
  content.upgrade = operations_of(found->upgrade, found->file, lines);
  const auto above = std::min(content.upgrade.size(), lines.size());
  if (found->has_downgrade) content.downgrade = operations_of(found->downgrade, found->file, std::span(lines).subspan(above));
  return content;
}

}  // namespace aludel::embedded
