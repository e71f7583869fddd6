#pragma once

#include "parser.hpp"

#include <aludel/dialect/dialect.hpp>
#include <aludel/schema/schema.hpp>
#include <aludel/value.hpp>

#include <string>
#include <vector>

namespace aludel::mysql {

/// One thing of a database as the server prints it.
struct Printed {
  std::string kind;  ///< "table", "view", "sequence", "trigger", "procedure", "function", "event"
  std::string name;
  std::string text;      ///< of SHOW CREATE; of a trigger: what stands behind its name
  std::string parent;    ///< a trigger's table
  std::string follows;   ///< the trigger that fires before it, of the same table, time and event
  std::string sql_mode;  ///< of routines, triggers and events
  std::string
      created;  ///< of an event: when it starts, where it did not say so; of a trigger that is yet to be asked for: what stands before its body
  std::string status;   ///< of an event that was made disabled to be looked at: what it would be
  std::string failure;  ///< why there is no text
};

/// Everything that a database holds, as its server prints it.
struct PrintedSchema {
  ParseContext context;
  std::string sql_mode;  ///< of the session: what routines with the same do not say
  std::vector<Printed> things;
};

/// Asks the server: a few set queries for names, then SHOW CREATE a thousand at a time. Throws Error(connection | database | usage).
PrintedSchema print_schema(dialect::Connection& connection, const dialect::Scope& scope);

/// Reads it. Pure.
schema::Metadata read_printed(const PrintedSchema& printed);

Value to_value(const PrintedSchema& printed);
PrintedSchema printed_from(const Value& value);

}  // namespace aludel::mysql
