#pragma once

#include <aludel/export.hpp>
#include <aludel/schema/schema.hpp>

#include <string>

/// A schema drawn for people. What a drawing leaves out (options, comments) it leaves out on purpose; none of these reads back.
namespace aludel::schema {

/// An indented list of tables with their columns, keys and indexes, then everything else.
ALUDEL_API std::string to_tree(const Metadata& metadata);
/// A Mermaid entity-relationship diagram (mermaid.js.org, "Entity Relationship Diagrams"): names it cannot spell are made of letters, digits and "_".
ALUDEL_API std::string to_mermaid(const Metadata& metadata);
/// A Graphviz graph (graphviz.org, "DOT Language"), one record a table, one edge a foreign key.
ALUDEL_API std::string to_dot(const Metadata& metadata);

}  // namespace aludel::schema
