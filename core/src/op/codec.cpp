#include <aludel/op/codec.hpp>

#include "op/codec_visitors.hpp"

#include <cctype>

namespace aludel::op {
namespace codec {

bool may_name_dialect(std::string_view key, const Keys& known) {
  const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  if (key.empty() || key.front() < 'a' || key.front() > 'z' || !std::all_of(key.begin(), key.end(), is_word)) return false;
  const auto starts = [&](std::string_view other) { return other.starts_with(key) || key.starts_with(other); };
  return std::none_of(known.begin(), known.end(), starts) && !nearest(key, std::vector<std::string>(known.begin(), known.end()));
}

namespace {

bool is_operation(std::string_view name) {
  const auto names = operation_names();
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Known in every operation, so that no dialect's options are mistaken for a second one.
const Keys& operation_keys() {
  static const Keys known = [] {
    const auto names = operation_names();
    Keys keys(names.begin(), names.end());
    keys.emplace_back("data_loss");
    return keys;
  }();
  return known;
}

}  // namespace

std::string title_of(std::string_view name) {
  if (is_operation(name) || name.find('.') != std::string_view::npos) return std::string(name);
  const bool vowel = std::string_view("aeiou").find(name.front()) != std::string_view::npos && !name.starts_with("uni");
  return (vowel ? "an " : "a ") + std::string(name);
}

void Encoder::finish_options() {
  if (!options_) return;
  Options others;
  for (const auto& [dialect, entries] : *options_) {
    if (may_name_dialect(dialect, known_)) {
      Options one{{dialect, entries}};
      object_.push_back({dialect, *Codec<Options>::encode(one).find(dialect)});
    } else {
      others.emplace(dialect, entries);
    }
  }
  if (!others.empty()) object_.push_back({"options", encode_value(others)});
  options_ = nullptr;
}

Decoder::Decoder(const Input& input, std::string_view name, Keys known)
    : object_(input.value.object()), file_(input.file), mark_(input.value.mark), name_(name), known_(std::move(known)) {
  if (!object_) fail_type(input, "a table that describes " + title_of(name_));
  claimed_.resize(object_->size());
}

const Value* Decoder::claim(std::string_view key) {
  for (std::size_t i = 0; i < object_->size(); ++i) {
    if ((*object_)[i].key != key) continue;
    claimed_[i] = true;
    return &(*object_)[i].value;
  }
  return nullptr;
}

Mark Decoder::mark_of(std::string_view key) const {
  for (const auto& member : *object_) {
    if (member.key == key) return member.value.mark;
  }
  return {};
}

bool Decoder::has_any(const Keys& keys, bool takes_options) const {
  auto known = known_;
  known.insert(known.end(), keys.begin(), keys.end());
  return std::any_of(object_->begin(), object_->end(), [&](const Member& member) {
    if (std::find(keys.begin(), keys.end(), member.key) != keys.end()) return true;
    return takes_options && member.value.object() && may_name_dialect(member.key, known);
  });
}

void Decoder::options(Options& options) {
  options_ = &options;
  takes_options_ = true;
  read("options", options);
}

void Decoder::finish_options() {
  if (!options_) return;
  for (std::size_t i = 0; i < object_->size(); ++i) {
    const auto& member = (*object_)[i];
    if (claimed_[i] || !member.value.object() || !may_name_dialect(member.key, known_)) continue;
    claimed_[i] = true;
    Codec<Options>::decode({Value::Object{member}, file_, quoted(member.key)}, *options_);
  }
  options_ = nullptr;
}

void Decoder::finish() {
  finish_options();
  for (std::size_t i = 0; i < object_->size(); ++i) {
    const auto& member = (*object_)[i];
    if (claimed_[i]) continue;
    std::vector<std::string> own(known_.begin(), known_.end());
    std::erase_if(own, is_operation);
    std::sort(own.begin(), own.end());
    own.erase(std::unique(own.begin(), own.end()), own.end());
    std::string hint = "known keys: " + join(own, ", ");
    if (takes_options_) hint += "; a dialect's options stand in a table under its name, as mysql = {engine = \"InnoDB\"}";
    codec::fail(file_, member.mark, "unknown key " + quoted(member.key) + " in " + title_of(name_) + did_you_mean(member.key, own), std::move(hint));
  }
  for (const auto& [key, documentation] : missing_) {
    codec::fail(file_, mark_, "missing " + quoted(key) + " in " + title_of(name_), key + ": " + std::string(documentation));
  }
  if (!complaint_.empty()) codec::fail(file_, mark_, title_of(name_) + ' ' + complaint_);
}

Value Describer::finish() {
  auto result = Schemas::of_type("object");
  result.set("properties", std::move(properties_));
  if (!required_.empty()) result.set("required", std::move(required_));
  result.set("additionalProperties", takes_options_ ? Schemas::of_type("object") : Value(false));
  return result;
}

namespace {

template <class T>
Operation decode_as(const Value& value, std::string_view file) {
  auto known = operation_keys();
  Decoder decoder({value, file, "an operation"}, Fields<T>::name, std::move(known));
  T body{};
  DataLoss data_loss = DataLoss::unsaid;
  decoder.optional("data_loss", data_loss, "");
  Fields<T>::visit(decoder, body);
  decoder.finish();
  Operation result(std::move(body));
  result.data_loss = data_loss;
  result.location = {std::string(file), value.mark.line, value.mark.column};
  return result;
}

template <class T>
Value describe(Schemas& schemas) {
  Describer describer(schemas);
  const T none{};
  Fields<T>::visit(describer, none);
  describer.optional("data_loss", DataLoss::unsaid, "what is to happen when rows would be lost: refused at \"review\"");
  return describer.finish();
}

using Decode = Operation (*)(const Value&, std::string_view);
using Describe = Value (*)(Schemas&);
struct Entry {
  std::string_view name;
  Decode decode;
  Describe describe;
};

template <std::size_t... I>
constexpr auto make_entries(std::index_sequence<I...>) {
  return std::array<Entry, sizeof...(I)>{Entry{Fields<std::variant_alternative_t<I, Body>>::name, &decode_as<std::variant_alternative_t<I, Body>>,
                                               &describe<std::variant_alternative_t<I, Body>>}...};
}
constexpr auto entries = make_entries(std::make_index_sequence<std::variant_size_v<Body>>());

const Entry* find_entry(std::string_view name) {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.name == name; });
  return found == entries.end() ? nullptr : &*found;
}

[[noreturn]] void fail_without_operation(const Value& value, const Value::Object& object, std::string_view file) {
  const auto names = operation_names();
  std::string hint = "operations: " + join(names, ", ");
  for (const auto& member : object) {
    if (!nearest(member.key, names)) continue;
    fail(file, member.mark, "unknown operation " + quoted(member.key) + did_you_mean(member.key, names), std::move(hint));
  }
  std::vector<std::string> keys;
  for (const auto& member : object) keys.push_back(quoted(member.key));
  std::string found = keys.empty() ? "an empty table" : "only " + join(keys, ", ");
  fail(file, value.mark, "no operation here: expected a key that names one, found " + found, std::move(hint));
}

}  // namespace
}  // namespace codec

Value encode(const Operation& operation) {
  codec::Encoder encoder(codec::operation_keys());
  std::visit([&]<class T>(const T& body) { codec::Fields<T>::visit(encoder, body); }, operation.body);
  auto object = encoder.finish();
  if (operation.data_loss != DataLoss::unsaid) object.push_back({"data_loss", codec::encode_value(operation.data_loss)});
  return object;
}

Operation decode(const Value& value, std::string_view file) {
  const auto* object = value.object();
  if (!object) codec::fail_type({value, file, "an operation"}, "a table, as {drop_table = \"hero\"}");
  const Member* first = nullptr;
  for (const auto& member : *object) {
    if (!codec::find_entry(member.key)) continue;
    if (first) {
      codec::fail(file, member.mark, "two operations in one table: " + quoted(first->key) + " and " + quoted(member.key),
                  "give each operation a table of its own");
    }
    first = &member;
  }
  if (!first) codec::fail_without_operation(value, *object, file);
  return codec::find_entry(first->key)->decode(value, file);
}

Value encode(std::span<const Operation> operations) {
  Value::Array array;
  array.reserve(operations.size());
  for (const auto& operation : operations) array.push_back(encode(operation));
  return array;
}

Operations decode_all(const Value& array, std::string_view file) {
  const auto* items = array.array();
  if (!items) codec::fail_type({array, file, "the operations"}, "a list of tables");
  Operations operations;
  operations.reserve(items->size());
  for (const auto& item : *items) operations.push_back(decode(item, file));
  return operations;
}

Value operation_schema() {
  codec::Schemas schemas;
  Value::Array alternatives;
  schemas.begin("operation");
  for (const auto& entry : codec::entries) {
    auto schema = entry.describe(schemas);
    schema.set("title", entry.name);
    alternatives.push_back(std::move(schema));
  }
  schemas.finish("operation", codec::Schemas::one_of(std::move(alternatives)));
  Value result;
  result.set("$schema", "https://json-schema.org/draft/2020-12/schema");
  result.set("$ref", "#/$defs/operation");
  result.set("$defs", schemas.definitions());
  return result;
}

}  // namespace aludel::op
