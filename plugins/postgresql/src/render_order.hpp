#pragma once

#include <aludel/op/operation.hpp>

#include <cstddef>
#include <span>
#include <vector>

namespace aludel::postgresql {

/// The order in which a revision's operations can run: as `order` has them, but for neighbours that only create things. Of those, what one needs
/// stands before it: the types and functions of a table's columns, what an object says it depends on or is a part of, and what is named in its text.
/// Pure.
std::vector<std::size_t> creation_order(std::span<const op::Operation> operations, std::span<const std::size_t> order);

/// The identifiers in a text, strings included ('hero_id_seq'::regclass names a sequence): bare ones folded to lower case.
std::vector<std::string> identifiers_in(std::string_view text);

}  // namespace aludel::postgresql
