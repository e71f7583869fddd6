#include <aludel/environment/environment.hpp>
#include <aludel/error.hpp>
#include <aludel/text.hpp>

#include <algorithm>
#include <exception>
#include <set>

namespace aludel {
namespace {

using schema::Table;

/// Asks both hooks; an exception leaves as an Error.
class Judge {
 public:
  Judge(const Environment::IncludeName& by_name, const Environment::IncludeObject& by_object, bool from_database)
      : by_name_(by_name), by_object_(by_object), from_database_(from_database) {}

  bool keeps(SchemaElement element) const {
    element.from_database = from_database_;
    const char* hook = "include_name";
    try {
      if (from_database_ && by_name_ && !by_name_(element.kind, element.name)) return false;
      hook = "include_object";
      return !by_object_ || by_object_(element);
    } catch (Error& error) {
      error.add_context(std::string("in the environment's ") + hook + " hook");
      throw;
    } catch (const std::exception& error) {
      throw Error(ErrorKind::environment, std::string("the environment's ") + hook + " hook failed: " + error.what());
    } catch (...) {
      throw Error(ErrorKind::environment, std::string("the environment's ") + hook + " hook failed with an exception that is no std::exception");
    }
  }

 private:
  const Environment::IncludeName& by_name_;
  const Environment::IncludeObject& by_object_;
  bool from_database_;
};

std::string member_name(const Table& table, const std::string& member) {
  std::vector<std::string> parts;
  if (!table.name.schema.empty()) parts.push_back(table.name.schema);
  parts.push_back(table.name.name);
  parts.push_back(member);
  return join_name(parts);
}

bool names_any(const std::vector<schema::IndexPart>& parts, const std::set<std::string>& columns) {
  return std::any_of(parts.begin(), parts.end(), [&](const schema::IndexPart& part) { return columns.count(part.column) != 0; });
}

bool names_any(const schema::Constraint& constraint, const std::set<std::string>& columns) {
  struct Visitor {
    const std::set<std::string>& columns;
    bool operator()(const schema::PrimaryKey& key) const { return names_any(key.columns, columns); }
    bool operator()(const schema::Unique& key) const { return names_any(key.columns, columns); }
    bool operator()(const schema::Check&) const { return false; }
    bool operator()(const schema::ForeignKey& key) const {
      return std::any_of(key.columns.begin(), key.columns.end(), [&](const std::string& column) { return columns.count(column) != 0; });
    }
    bool operator()(const schema::Exclude& exclude) const {
      return std::any_of(exclude.elements.begin(), exclude.elements.end(),
                         [&](const schema::Exclude::Element& element) { return columns.count(element.part.column) != 0; });
    }
  };
  return std::visit(Visitor{columns}, constraint);
}

void filter_members(Table& table, const Judge& judge) {
  const Table whole = table;
  std::set<std::string> gone;
  std::erase_if(table.columns, [&](const schema::Column& column) {
    bool leave_out = !judge.keeps({"column", member_name(whole, column.name), false, &whole, &column});
    if (leave_out) gone.insert(column.name);
    return leave_out;
  });
  std::erase_if(table.constraints, [&](const schema::Constraint& constraint) {
    SchemaElement element{schema::kind_of(constraint), member_name(whole, schema::name_of(constraint)), false, &whole};
    element.constraint = &constraint;
    return names_any(constraint, gone) || !judge.keeps(element);
  });
  std::erase_if(table.indexes, [&](const schema::Index& index) {
    SchemaElement element{"index", member_name(whole, index.name), false, &whole};
    element.index = &index;
    return names_any(index.columns, gone) || !judge.keeps(element);
  });
}

}  // namespace

schema::Metadata Environment::filtered(schema::Metadata metadata, bool from_database) const {
  if (!has_include_hooks()) return metadata;
  const Judge judge(include_name_, include_object_, from_database);
  std::set<std::string> gone;
  erase_if(metadata.tables, [&](const auto& entry) {
    bool leave_out = !judge.keeps({"table", entry.first.text(), false, &entry.second});
    if (leave_out) gone.insert(entry.first.text());
    return leave_out;
  });
  for (auto& [name, table] : metadata.tables.writable()) filter_members(table, judge);
  std::erase_if(metadata.enums, [&](const auto& entry) { return !judge.keeps({"enum", entry.first.text()}); });
  std::erase_if(metadata.sequences, [&](const auto& entry) { return !judge.keeps({"sequence", entry.first.text()}); });
  std::erase_if(metadata.schemas, [&](const auto& entry) { return !judge.keeps({"schema", schema::Name{"", entry.first}.text()}); });
  erase_if(metadata.objects, [&](const auto& entry) {
    SchemaElement element{entry.first.kind, entry.first.name.text()};
    element.object = &entry.second;
    return gone.count(entry.first.parent) != 0 || !judge.keeps(element);
  });
  return metadata;
}

}  // namespace aludel
