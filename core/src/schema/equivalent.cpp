#include <aludel/schema/equivalent.hpp>

#include <aludel/text.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <unordered_map>
#include <utility>

namespace aludel::schema {

bool equivalent(const Type& a, const Type& b) {
  if (!a.canonical.empty() && !b.canonical.empty()) return a.canonical == b.canonical;
  if (a.kind != b.kind || a.length != b.length || a.precision != b.precision || a.scale != b.scale || a.with_zone != b.with_zone ||
      a.name != b.name || a.values != b.values || !equals_ignoring_case(trim(a.text), trim(b.text))) {
    return false;
  }
  return std::equal(a.element.begin(), a.element.end(), b.element.begin(), b.element.end(),
                    [](const Type& x, const Type& y) { return equivalent(x, y); });
}

bool equivalent(const Expression& a, const Expression& b) {
  if (!a.canonical.empty() && !b.canonical.empty()) return a.canonical == b.canonical;
  return trim(a.declared) == trim(b.declared);
}

bool equivalent(const Boxed<Expression>& a, const schema::Boxed<Expression>& b) {
  return a.has_value() == b.has_value() && (!a || equivalent(*a, *b));
}

std::map<std::string, Value> effective_options(const Options& options, const Comparison& how) {
  std::map<std::string, Value> result;
  if (how.dialects.empty()) {
    for (const auto& [dialect, entries] : options) {
      for (const auto& [key, value] : entries) result.insert_or_assign(dialect + "." + key, value);
    }
  }
  for (const std::string& dialect : how.dialects) {
    const auto found = options.find(dialect);
    if (found == options.end()) continue;
    for (const auto& [key, value] : found->second) result.insert_or_assign(key, value);
  }
  return result;
}

bool equivalent(const Options& a, const Options& b, const Comparison& how) {
  return (a.empty() && b.empty()) || effective_options(a, how) == effective_options(b, how);
}

namespace {

bool comments_match(const std::string& a, const std::string& b, const Comparison& how) { return !how.comments || a == b; }

bool names_match(const std::string& a, const std::string& b) { return a == b || a.empty() || b.empty(); }

bool equivalent(const Boxed<Generated>& a, const schema::Boxed<Generated>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->stored == b->stored && schema::equivalent(a->expression, b->expression);
}

bool equivalent(const std::vector<IndexPart>& a, const std::vector<IndexPart>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const IndexPart& x, const IndexPart& y) { return schema::equivalent(x, y); });
}

bool same_content(const PrimaryKey& a, const PrimaryKey& b) { return equivalent(a.columns, b.columns) && a.deferrable == b.deferrable; }

bool same_content(const Unique& a, const Unique& b) {
  return equivalent(a.columns, b.columns) && a.nulls_distinct == b.nulls_distinct && a.deferrable == b.deferrable && a.include == b.include;
}

bool same_content(const Check& a, const Check& b) {
  return schema::equivalent(a.expression, b.expression) && a.validated == b.validated && a.enforced == b.enforced && a.inherit == b.inherit;
}

bool same_content(const ForeignKey& a, const ForeignKey& b) {
  return a.columns == b.columns && a.referenced_table == b.referenced_table && a.referenced_columns == b.referenced_columns &&
         a.on_delete == b.on_delete && a.on_update == b.on_update && a.on_delete_columns == b.on_delete_columns && a.match == b.match &&
         a.deferrable == b.deferrable && a.validated == b.validated;
}

bool same_content(const Exclude& a, const Exclude& b) {
  return a.method == b.method && schema::equivalent(a.where, b.where) && a.deferrable == b.deferrable &&
         std::equal(a.elements.begin(), a.elements.end(), b.elements.begin(), b.elements.end(),
                    [](const Exclude::Element& x, const Exclude::Element& y) { return x.with == y.with && schema::equivalent(x.part, y.part); });
}

bool same_constraint(const Constraint& a, const Constraint& b, const Comparison& how) {
  return std::visit(
      [&]<class T>(const T& held) {
        const T* other = std::get_if<T>(&b);
        return other != nullptr && same_content(held, *other) && comments_match(held.comment, other->comment, how) &&
               schema::equivalent(held.options, other->options, how);
      },
      a);
}

bool same_index(const Index& a, const Index& b, const Comparison& how) {
  return equivalent(a.columns, b.columns) && a.unique == b.unique && a.nulls_distinct == b.nulls_distinct && a.include == b.include &&
         schema::equivalent(a.where, b.where) && comments_match(a.comment, b.comment, how) && schema::equivalent(a.options, b.options, how);
}

/// Which spelling of the expressions goes into a content key. Two equivalent elements agree in at least the last.
enum class Spelling { canonical, declared, none };

class ContentKey {
 public:
  explicit ContentKey(Spelling spelling) : spelling_(spelling) {}

  void add_text(std::string_view text) {
    key_ += text;
    key_ += '\0';
  }
  void add(const Expression& expression) {
    if (spelling_ == Spelling::none) return;
    const bool canonical = spelling_ == Spelling::canonical && !expression.canonical.empty();
    add_text(canonical ? std::string_view(expression.canonical) : trim(expression.declared));
  }
  void add(const Boxed<Expression>& expression) {
    if (expression) add(*expression);
  }
  void add(const std::vector<IndexPart>& parts) {
    for (const IndexPart& part : parts) {
      add_text(part.column);
      add(part.expression);
    }
  }
  void add(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) add_text(text);
  }
  std::string take() { return std::move(key_); }

 private:
  Spelling spelling_;
  std::string key_;
};

struct AddContent {
  ContentKey& key;
  void operator()(const PrimaryKey& held) const { key.add(held.columns); }
  void operator()(const Unique& held) const { key.add(held.columns); }
  void operator()(const Check& held) const { key.add(held.expression); }
  void operator()(const ForeignKey& held) const {
    key.add(held.columns);
    key.add_text(held.referenced_table.schema);
    key.add_text(held.referenced_table.name);
  }
  void operator()(const Exclude& held) const {
    for (const Exclude::Element& element : held.elements) key.add(std::vector{element.part});
    key.add(held.where);
  }
};

std::string content_key(const Constraint& constraint, Spelling spelling) {
  ContentKey key(spelling);
  key.add_text(kind_of(constraint));
  std::visit(AddContent{key}, constraint);
  return key.take();
}

std::string content_key(const Index& index, Spelling spelling) {
  ContentKey key(spelling);
  key.add(index.columns);
  key.add(index.where);
  return key.take();
}

const std::string& name_of(const Index& index) { return index.name; }

/// Pairs the elements of two lists, one to one: by name where both sides have it, else by content. Maps keep the cost linear.
template <class T>
class Pairing {
 public:
  using Same = std::function<bool(const T&, const T&)>;

  Pairing(const std::vector<T>& a, const std::vector<T>& b, bool names_count, Same same)
      : a_(a), b_(b), names_count_(names_count), same_(std::move(same)) {}

  bool complete() {
    if (a_.size() != b_.size()) return false;
    if (a_.empty()) return true;
    taken_.assign(b_.size(), false);
    std::vector<const T*> named, unnamed;
    if (!pair_by_name(named, unnamed)) return false;
    if (named.empty() && unnamed.empty()) return true;
    index_contents();
    // Those with a name may only take partners without one, so they choose first.
    const auto pair = [this](const T* element) { return pair_by_content(*element); };
    return std::all_of(named.begin(), named.end(), pair) && std::all_of(unnamed.begin(), unnamed.end(), pair);
  }

 private:
  bool pair_by_name(std::vector<const T*>& named, std::vector<const T*>& unnamed) {
    std::unordered_map<std::string_view, std::size_t> by_name;
    if (names_count_) {
      for (std::size_t i = 0; i < b_.size(); ++i) {
        if (!name_of(b_[i]).empty()) by_name.emplace(name_of(b_[i]), i);
      }
    }
    for (const T& element : a_) {
      if (!names_count_ || name_of(element).empty()) {
        unnamed.push_back(&element);
        continue;
      }
      const auto found = by_name.find(name_of(element));
      if (found == by_name.end() || taken_[found->second]) {
        named.push_back(&element);
      } else if (same_(element, b_[found->second])) {
        taken_[found->second] = true;
      } else {
        return false;
      }
    }
    return true;
  }

  void index_contents() {
    for (std::size_t i = 0; i < b_.size(); ++i) {
      if (taken_[i]) continue;
      for (Spelling spelling : spellings) by_content_[index_of(spelling)][content_key(b_[i], spelling)].push_back(i);
    }
  }

  bool pair_by_content(const T& element) {
    for (Spelling spelling : spellings) {
      auto& bucket = by_content_[index_of(spelling)][content_key(element, spelling)];
      std::erase_if(bucket, [this](std::size_t i) { return taken_[i]; });
      for (std::size_t i : bucket) {
        if (names_count_ && !names_match(name_of(element), name_of(b_[i]))) continue;
        if (!same_(element, b_[i])) continue;
        taken_[i] = true;
        return true;
      }
    }
    return false;
  }

  static constexpr std::array spellings = {Spelling::canonical, Spelling::declared, Spelling::none};
  static constexpr std::size_t index_of(Spelling spelling) { return static_cast<std::size_t>(spelling); }

  const std::vector<T>& a_;
  const std::vector<T>& b_;
  bool names_count_;
  Same same_;
  std::vector<bool> taken_;
  std::array<std::unordered_map<std::string, std::vector<std::size_t>>, 3> by_content_;
};

bool equivalent_columns(const std::vector<Column>& a, const std::vector<Column>& b, const Comparison& how) {
  if (a.size() != b.size()) return false;
  const auto in_order = [&](const Column& x, const Column& y) { return x.name == y.name; };
  if (std::equal(a.begin(), a.end(), b.begin(), in_order)) {
    return std::equal(a.begin(), a.end(), b.begin(), [&](const Column& x, const Column& y) { return schema::equivalent(x, y, how); });
  }
  std::unordered_map<std::string_view, const Column*> by_name;
  for (const Column& column : b) by_name.emplace(column.name, &column);
  for (const Column& column : a) {
    const auto found = by_name.find(column.name);
    if (found == by_name.end() || !schema::equivalent(column, *found->second, how)) return false;
    by_name.erase(found);
  }
  return true;
}

template <class Map>
bool equivalent_maps(const Map& a, const Map& b, const Comparison& how) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](const auto& x, const auto& y) { return x.first == y.first && schema::equivalent(x.second, y.second, how); });
}

bool same_namespace(const Namespace& a, const Namespace& b, const Comparison& how) {
  return a.name == b.name && comments_match(a.comment, b.comment, how) && schema::equivalent(a.options, b.options, how);
}

}  // namespace

bool equivalent(const Column& a, const Column& b, const Comparison& how) {
  return a.name == b.name && equivalent(a.type, b.type) && a.nullable == b.nullable && equivalent(a.server_default, b.server_default) &&
         equivalent(a.generated, b.generated) && a.identity == b.identity && a.collation == b.collation &&
         comments_match(a.comment, b.comment, how) && equivalent(a.options, b.options, how);
}

bool equivalent(const IndexPart& a, const IndexPart& b) {
  return a.column == b.column && equivalent(a.expression, b.expression) && a.order == b.order && a.nulls == b.nulls && a.collation == b.collation &&
         a.operator_class == b.operator_class && a.length == b.length;
}

bool equivalent(const Constraint& a, const Constraint& b, const Comparison& how) {
  return (!how.constraint_names || names_match(name_of(a), name_of(b))) && same_constraint(a, b, how);
}

bool equivalent(const Index& a, const Index& b, const Comparison& how) { return names_match(a.name, b.name) && same_index(a, b, how); }

bool equivalent(const Table& a, const Table& b, const Comparison& how) {
  if (a.name != b.name || !comments_match(a.comment, b.comment, how) || !equivalent(a.options, b.options, how)) return false;
  if (!equivalent_columns(a.columns, b.columns, how)) return false;
  const auto constraint = [&](const Constraint& x, const Constraint& y) { return same_constraint(x, y, how); };
  const auto index = [&](const Index& x, const Index& y) { return same_index(x, y, how); };
  return Pairing<Constraint>(a.constraints, b.constraints, how.constraint_names, constraint).complete() &&
         Pairing<Index>(a.indexes, b.indexes, true, index).complete();
}

bool equivalent(const Object& a, const Object& b, const Comparison& how) {
  return a.key == b.key && equivalent(a.definition, b.definition) && comments_match(a.comment, b.comment, how) &&
         equivalent(a.options, b.options, how);
}

bool equivalent(const EnumType& a, const EnumType& b, const Comparison& how) {
  return a.name == b.name && a.values == b.values && comments_match(a.comment, b.comment, how);
}

bool equivalent(const Sequence& a, const Sequence& b, const Comparison& how) {
  return a.name == b.name && a.type == b.type && a.settings == b.settings && a.owned_by == b.owned_by && comments_match(a.comment, b.comment, how) &&
         equivalent(a.options, b.options, how);
}

bool equivalent(const Metadata& a, const Metadata& b, const Comparison& how) {
  return equivalent_maps(a.tables, b.tables, how) && equivalent_maps(a.enums, b.enums, how) && equivalent_maps(a.sequences, b.sequences, how) &&
         equivalent_maps(a.objects, b.objects, how) &&
         std::equal(a.schemas.begin(), a.schemas.end(), b.schemas.begin(), b.schemas.end(),
                    [&](const auto& x, const auto& y) { return same_namespace(x.second, y.second, how); });
}

}  // namespace aludel::schema
