#pragma once

#include "op/codec_tables.hpp"

#include <algorithm>

/// The three walks over a table of keys, and the codec of everything that has one.
namespace aludel::op::codec {

/// Keys, all of them literals.
using Keys = std::vector<std::string_view>;

/// Is this a key under which a dialect's options may stand: a lower-case word that no known key could have been meant by?
bool may_name_dialect(std::string_view key, const Keys& known);

/// "add_column" for an operation, "a column" for all else.
std::string title_of(std::string_view name);

/// Only looks which keys there are.
class Collector {
 public:
  static constexpr bool reading = false;
  explicit Collector(Keys& keys) : keys_(keys) {}

  template <class M>
  void required(std::string_view key, const M&, std::string_view) {
    keys_.emplace_back(key);
  }
  template <class M>
  void optional(std::string_view key, const M&, std::string_view, const std::type_identity_t<M>& = M()) {
    keys_.emplace_back(key);
  }
  void options(const Options&) { takes_options_ = true, keys_.emplace_back("options"); }
  void finish_options() {}
  bool takes_options() const { return takes_options_; }

 private:
  Keys& keys_;
  bool takes_options_ = false;
};

/// Writes the members that say something.
class Encoder {
 public:
  static constexpr bool reading = false;
  explicit Encoder(Keys known = {}) : known_(std::move(known)) {
    object_.reserve(4);
    known_.reserve(known_.size() + 24);
  }

  template <class M>
  void required(std::string_view key, const M& member, std::string_view) {
    known_.emplace_back(key);
    object_.push_back({std::string(key), encode_value(member)});
  }
  template <class M>
  void optional(std::string_view key, const M& member, std::string_view, const std::type_identity_t<M>& fallback = M()) {
    known_.emplace_back(key);
    if (!(member == fallback)) object_.push_back({std::string(key), encode_value(member)});
  }
  /// Written by finish_options, or at the latest by finish: only then every key is known that a dialect's name could clash with.
  void options(const Options& options) { options_ = &options, known_.emplace_back("options"); }
  void finish_options();
  /// A definition whose keys stand among the operation's own.
  template <class D>
  void group(const std::optional<D>& definition) {
    if (definition) {
      Fields<D>::visit(*this, *definition);
    } else {
      Collector collector(known_);
      const D none{};
      Fields<D>::visit(collector, none);
    }
    finish_options();
  }
  Value::Object finish() {
    finish_options();
    return std::move(object_);
  }

 private:
  Value::Object object_;
  Keys known_;
  const Options* options_ = nullptr;
};

/// Reads the members, then complains: first of unknown keys, since a misspelt key is often the missing one, then of missing ones, then of the rest.
class Decoder {
 public:
  static constexpr bool reading = true;
  Decoder(const Input& input, std::string_view name, Keys known = {});

  template <class M>
  void required(std::string_view key, M& member, std::string_view documentation) {
    if (!read(key, member)) missing_.emplace_back(key, documentation);
  }
  template <class M>
  void optional(std::string_view key, M& member, std::string_view, const std::type_identity_t<M>& = M()) {
    read(key, member);
  }
  void options(Options& options);
  void finish_options();
  template <class D>
  void group(std::optional<D>& definition) {
    Keys keys;
    Collector collector(keys);
    const D none{};
    Fields<D>::visit(collector, none);
    if (!has_any(keys, collector.takes_options())) {
      known_.insert(known_.end(), keys.begin(), keys.end());
      return;
    }
    definition.emplace();
    Fields<D>::visit(*this, *definition);
    finish_options();
  }
  /// Where a member's value stands, if it is there.
  Mark mark_of(std::string_view key) const;
  void fail(std::string_view complaint) {
    if (complaint_.empty()) complaint_ = complaint;
  }
  void finish();

 private:
  template <class M>
  bool read(std::string_view key, M& member) {
    known_.emplace_back(key);
    const auto* found = claim(key);
    if (found) Codec<M>::decode({*found, file_, quoted(key)}, member);
    return found != nullptr;
  }
  const Value* claim(std::string_view key);
  bool has_any(const Keys& keys, bool takes_options) const;

  const Value::Object* object_;
  std::string_view file_;
  Mark mark_;
  std::string_view name_;
  std::vector<bool> claimed_;
  Keys known_;
  std::vector<std::pair<std::string, std::string_view>> missing_;
  Options* options_ = nullptr;
  bool takes_options_ = false;
  std::string complaint_;
};

/// Builds the JSON Schema of an object.
class Describer {
 public:
  static constexpr bool reading = false;
  explicit Describer(Schemas& schemas) : schemas_(schemas) {}

  template <class M>
  void required(std::string_view key, const M&, std::string_view documentation) {
    if (!relaxed_) required_.emplace_back(key);
    properties_.set(std::string(key), Schemas::described(Codec<M>::schema(schemas_), documentation));
  }
  template <class M>
  void optional(std::string_view key, const M&, std::string_view documentation, const std::type_identity_t<M>& = M()) {
    properties_.set(std::string(key), Schemas::described(Codec<M>::schema(schemas_), documentation));
  }
  void options(const Options&) {
    takes_options_ = true;
    properties_.set("options", Schemas::described(Codec<Options>::schema(schemas_), "options by dialect, where its name is no bare key"));
  }
  void finish_options() {}
  template <class D>
  void group(const std::optional<D>&) {
    relaxed_ = true;
    const D none{};
    Fields<D>::visit(*this, none);
    relaxed_ = false;
  }
  Value finish();

 private:
  Schemas& schemas_;
  Value properties_ = Value::Object{};
  Value::Array required_;
  bool relaxed_ = false;
  bool takes_options_ = false;
};

/// The table form of everything that has a table of keys.
template <class T>
struct ObjectCodec {
  static Value encode(const T& value) {
    Encoder encoder;
    Fields<T>::visit(encoder, value);
    return encoder.finish();
  }
  static void decode(const Input& input, T& value) {
    Decoder decoder(input, Fields<T>::name);
    Fields<T>::visit(decoder, value);
    decoder.finish();
  }
  static Value schema(Schemas& schemas) {
    const auto describe = [&] {
      Describer describer(schemas);
      const T none{};
      Fields<T>::visit(describer, none);
      return describer.finish();
    };
    if (Fields<T>::name == "change") return describe();
    std::string definition(Fields<T>::name);
    std::replace(definition.begin(), definition.end(), ' ', '_');
    if (schemas.begin(definition)) schemas.finish(definition, describe());
    return Schemas::reference(definition);
  }
};

template <class T>
requires requires { Fields<T>::name; }
struct Codec<T> : ObjectCodec<T> {};

/// A bare string is a column.
template <>
struct Codec<schema::IndexPart> {
  static Value encode(const schema::IndexPart& part) {
    return part == schema::IndexPart(part.column) ? Value(part.column) : ObjectCodec<schema::IndexPart>::encode(part);
  }
  static void decode(const Input& input, schema::IndexPart& part) {
    if (const auto* column = input.value.string()) {
      part.column = *column;
    } else {
      if (!input.value.object()) fail_type(input, "a column's name, or a table as {expression = \"...\", order = \"desc\"}");
      ObjectCodec<schema::IndexPart>::decode(input, part);
    }
  }
  static Value schema(Schemas& schemas) { return Schemas::one_of({Schemas::of_type("string"), ObjectCodec<schema::IndexPart>::schema(schemas)}); }
};

/// A bare string is the expression.
template <>
struct Codec<schema::Check> {
  static Value encode(const schema::Check& check) {
    schema::Check plain;
    plain.expression = check.expression;
    return check == plain ? encode_value(check.expression) : ObjectCodec<schema::Check>::encode(check);
  }
  static void decode(const Input& input, schema::Check& check) {
    if (input.value.string() || input.value.boolean()) {
      Codec<Expression>::decode(input, check.expression);
    } else {
      if (!input.value.object()) fail_type(input, "an SQL expression, or a table as {expression = \"...\"}");
      ObjectCodec<schema::Check>::decode(input, check);
    }
  }
  static Value schema(Schemas& schemas) { return Schemas::one_of({Schemas::of_type("string"), ObjectCodec<schema::Check>::schema(schemas)}); }
};

/// `true` is one with every default.
template <>
struct Codec<schema::Identity> {
  static Value encode(const schema::Identity& identity) {
    return identity == schema::Identity() ? Value(true) : ObjectCodec<schema::Identity>::encode(identity);
  }
  static void decode(const Input& input, schema::Identity& identity) {
    if (const auto* yes = input.value.boolean(); yes && *yes) return;
    if (!input.value.object()) fail_type(input, "true, or a table as {always = true, start = 100}; leave it out for none");
    ObjectCodec<schema::Identity>::decode(input, identity);
  }
  static Value schema(Schemas& schemas) {
    Value yes;
    yes.set("const", true);
    return Schemas::one_of({std::move(yes), ObjectCodec<schema::Identity>::schema(schemas)});
  }
};

/// A bare string is a table.
template <>
struct Codec<schema::ObjectKey> {
  static Value encode(const schema::ObjectKey& key) {
    const bool table = key.kind == "table" && key.parent.empty() && key.signature.empty();
    return table ? Value(key.name.text()) : ObjectCodec<schema::ObjectKey>::encode(key);
  }
  static void decode(const Input& input, schema::ObjectKey& key) {
    if (input.value.string()) {
      key.kind = "table";
      Codec<Name>::decode(input, key.name);
    } else {
      if (!input.value.object()) fail_type(input, "a table's name, or a table as {kind = \"view\", name = \"...\"}");
      ObjectCodec<schema::ObjectKey>::decode(input, key);
    }
  }
  static Value schema(Schemas& schemas) { return Schemas::one_of({Schemas::of_type("string"), ObjectCodec<schema::ObjectKey>::schema(schemas)}); }
};

}  // namespace aludel::op::codec
