#include "render_plan.hpp"

#include <aludel/dialect/rows.hpp>
#include <aludel/postgresql/postgresql.hpp>

namespace aludel::postgresql {

void Planner::insert(const op::Insert& operation) {
  for (std::string& sql : dialect::insert_texts(operation, dialect())) write(std::move(sql));
}

void Planner::erase(const op::Delete& operation) {
  for (std::string& sql : dialect::delete_texts(operation, dialect())) write(std::move(sql));
}

}  // namespace aludel::postgresql
