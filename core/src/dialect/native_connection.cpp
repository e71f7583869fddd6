#include <aludel/dialect/native_connection.hpp>

namespace aludel::dialect {

NativeConnection::~NativeConnection() = default;

}  // namespace aludel::dialect
