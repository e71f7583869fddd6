#pragma once

#include <aludel/autogenerate/autogenerate.hpp>

#include <map>
#include <string>

namespace aludel::autogenerate {

// How Managed::others spells what is no table; objects are ObjectKey::text().
inline std::string enum_key(const schema::Name& name) { return "enum " + name.text(); }
inline std::string sequence_key(const schema::Name& name) { return "sequence " + name.text(); }
inline std::string schema_key(const std::string& name) { return "schema " + name; }

/// Leaves out, of both, what the patterns of aludel.toml leave out.
void apply_patterns(schema::Metadata& metadata, const std::vector<std::string>& include, const std::vector<std::string>& exclude);

/// Leaves out of `request.current` what neither the target nor a revision made, counting it by kind.
void leave_unmanaged(Request& request, bool fold_case, std::map<std::string, std::size_t>& counts);

}  // namespace aludel::autogenerate
