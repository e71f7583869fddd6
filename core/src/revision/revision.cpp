#include <aludel/revision/revision.hpp>

#include <array>
#include <random>

namespace aludel::revision {

Store::~Store() = default;

std::string Store::checksum(const std::string& id) const { return load(id).checksum; }

std::string new_identifier() {
  constexpr std::size_t length = 12;
  constexpr std::string_view digits = "0123456789abcdef";
  std::random_device device;
  std::uniform_int_distribution<std::size_t> digit(0, digits.size() - 1);
  std::string id;
  for (std::size_t i = 0; i < length; ++i) id += digits[digit(device)];
  return id;
}

}  // namespace aludel::revision
