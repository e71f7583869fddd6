#include <aludel/dialect/file_database.hpp>

#include <aludel/dialect/dialect.hpp>

namespace aludel::dialect {

FileDatabase::~FileDatabase() = default;

const FileDatabase* FileDatabase::of(const Connection& connection) {
  return static_cast<const FileDatabase*>(connection.dialect().extension(extension_name));
}

}  // namespace aludel::dialect
