#pragma once

#include <aludel/schema/schema.hpp>

#include <string>
#include <string_view>
#include <vector>

/// Does what was read of a spelling still say what the schema says? Pure. `table` is the one whose columns the expressions are about.
namespace aludel::sqlite {

/// As normal_expression sees them; what has no declared text is taken by its canonical one.
bool same_normal(const schema::Expression& a, const schema::Expression& b, const schema::Table& table);
bool same_parts(const std::vector<schema::IndexPart>& a, const std::vector<schema::IndexPart>& b, const schema::Table& table);
/// A conflict clause in lower case; empty for ABORT, which is what SQLite does unsaid.
std::string text_option(const schema::Options& options, std::string_view key);
/// The columns that REFERENCES without columns means; empty where `around` does not tell.
std::vector<std::string> referenced_columns(const schema::ForeignKey& key, const schema::Table& table, const schema::Metadata& around);
/// Does the constraint that was read say what the schema's does?
bool same_meaning(const schema::Constraint& read, const schema::Constraint& wanted, const schema::Table& table, const schema::Metadata& around);
/// Likewise, but perhaps under another name.
bool same_but_for_name(const schema::Constraint& read, const schema::Constraint& wanted, const schema::Table& table, const schema::Metadata& around);

}  // namespace aludel::sqlite
