#include <aludel/dialect/statement.hpp>
#include <aludel/text.hpp>

namespace aludel::dialect {

std::string failure_text(const Expectation& expectation, const Value& found) {
  if (!expectation.counted) return expectation.message;
  const std::int64_t* count = found.integer();
  return (count != nullptr && *count >= 0 ? counted(static_cast<std::size_t>(*count), "row") : std::string("some rows")) + expectation.message;
}

}  // namespace aludel::dialect
