#include <aludel/migrate/segment.hpp>

namespace aludel::migrate {

std::vector<Segment> cut(std::span<const dialect::Statement> statements, const CutOptions& options) {
  std::vector<Segment> segments;
  bool open = false;
  for (std::size_t i = 0; i < statements.size(); ++i) {
    const auto boundary = statements[i].boundary;
    const bool ends = boundary == dialect::Boundary::commit_after;
    if (!options.transaction || boundary == dialect::Boundary::outside_transaction || (ends && !options.transactional_ddl)) {
      segments.push_back(Segment{i, 1, false});
      open = false;
      continue;
    }
    if (open)
      ++segments.back().count;
    else
      segments.push_back(Segment{i, 1, true});
    open = !ends;
  }
  if (segments.empty()) segments.push_back(Segment{});
  return segments;
}

}  // namespace aludel::migrate
