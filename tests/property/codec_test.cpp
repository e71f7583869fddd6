// Whatever an operation says survives being written: as a value, as JSON, and as a TOML revision.
#include <aludel/file/revision_file.hpp>
#include <aludel/file/snapshot.hpp>
#include <aludel/op/codec.hpp>
#include <aludel/schema/equivalent.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <limits>
#include <random>
#include <set>

namespace aludel::op {
namespace {

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const auto* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// Random operations, with all the names and texts that people put into databases.
class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  Operation operation(int depth = 0) {
    const auto index = number(0, static_cast<int>(std::variant_size_v<Body>) - 1);
    Operation result(make_body(static_cast<std::size_t>(index), depth, std::make_index_sequence<std::variant_size_v<Body>>()));
    result.data_loss = pick<DataLoss>({DataLoss::unsaid, DataLoss::unsaid, DataLoss::review, DataLoss::accepted});
    return result;
  }
  Operations operations(int depth = 0) {
    return list<Operation>(depth == 0 ? 6 : 2, [&] { return operation(depth); });
  }
  std::string remark() {
    return pick<std::string>({"", "hero.age may hold NULL", "# doubled", " indented", "[[upgrade]]", "\"\"\"", "\xf0\x9f\xa6\x8a"});
  }

  schema::Metadata metadata() {
    schema::Metadata result;
    for (int i = number(0, 5); i-- > 0;) {
      auto made = table();
      result.tables.insert_or_assign(made.name, made);
    }
    for (int i = number(0, 2); i-- > 0;) result.unsupported.push_back({name(), name(), text()});
    for (int i = number(0, 2); i-- > 0;) {
      auto made = object();
      result.objects.insert_or_assign(made.key, made);
    }
    for (int i = number(0, 2); i-- > 0;) {
      auto made = sequence();
      result.sequences.insert_or_assign(made.name, made);
    }
    for (int i = number(0, 2); i-- > 0;) {
      auto made = enumeration();
      result.enums.insert_or_assign(made.name, made);
    }
    for (int i = number(0, 2); i-- > 0;) {
      schema::Namespace made{name(), text(), options()};
      result.schemas.insert_or_assign(made.name, made);
    }
    return result;
  }

 private:
  int number(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
  bool coin() { return number(0, 1) == 1; }
  template <class T>
  T pick(std::vector<T> of) {
    return of[static_cast<std::size_t>(number(0, static_cast<int>(of.size()) - 1))];
  }
  template <class T, class F>
  std::vector<T> list(int most, F make, int least = 0) {
    std::vector<T> result;
    for (int i = number(least, most); i > 0; --i) result.push_back(make());
    return result;
  }
  template <class F>
  auto maybe(F make) -> std::optional<decltype(make())> {
    return coin() ? std::optional(make()) : std::nullopt;
  }

  std::string name() {
    return pick<std::string>({"hero",
                              "id",
                              "Team",
                              "select",
                              "a b",
                              " outer ",
                              "dot.ted",
                              "quo\"te",
                              "it's",
                              "a,b",
                              "(x)",
                              "line\nbreak",
                              "\xc3\xa4\xc3\xb6",
                              "\xf0\x9f\xa6\x8a",
                              "\x01",
                              "tab\t",
                              "\\",
                              "null",
                              "hex",
                              "columns",
                              "sql",
                              "x" + std::string(static_cast<std::size_t>(number(0, 200)), 'y'),
                              "`",
                              "[b]",
                              "-- c"});
  }
  std::string optional_name() { return coin() ? name() : ""; }
  std::string text() {
    return pick<std::string>({"", "age >= 0", "SELECT '\\d' FROM \"x\"\n", "a\nb\"\"\"c", "'''\n\"\"\"", "lower(\"Na me\") || '\xf0\x9f\xa6\x8a'",
                              "# not a comment", "\r\n", "x\ty\n\n", std::string("a\0b", 3), "BEGIN\n  SELECT 1;\nEND", "\"", "'", "\n'", "\n\\",
                              std::string(130, 'z')});
  }
  Expression expression() { return text(); }
  schema::Name table_name() { return {coin() ? "" : name(), name()}; }
  Value scalar() {
    switch (number(0, 7)) {
      case 0:
        return {};
      case 1:
        return coin();
      case 2:
        return std::int64_t{number(-1000, 1000)} * 9'007'199'254'740'993;
      case 3:
        return number(-1000, 1000) / 7.0;
      case 4:
        return std::numeric_limits<double>::infinity();
      case 5:
        return Bytes(static_cast<std::size_t>(number(0, 5)), static_cast<std::byte>(number(0, 255)));
      default:
        return text();
    }
  }
  Value value(int depth = 0) {
    const int kind = depth > 2 ? 2 : number(0, 4);
    if (kind == 0) return list<Value>(3, [&] { return value(depth + 1); });
    if (kind > 1) return scalar();
    Value result{Value::Object{}};
    for (int i = number(0, 3); i > 0; --i) result.set(name(), value(depth + 1));
    return result;
  }
  Options options() {
    Options result;
    if (number(0, 3) > 0) return result;
    for (int i = number(1, 3); i > 0; --i) {
      auto& entries =
          result[pick<std::string>({"sqlite", "postgresql", "mysql", "mariadb", "other_db", "Odd Name", "sql", "wher", "options", "name"})];
      for (int j = number(0, 2); j > 0; --j) entries[name()] = value();
    }
    return result;
  }
  Type type(int depth = 0) {
    switch (number(0, depth > 1 ? 7 : 8)) {
      case 0:
        return Type::integer();
      case 1:
        return Type::varchar(number(1, 300));
      case 2:
        return Type::decimal(number(1, 30), number(0, 9));
      case 3:
        return Type::timestamp(coin(), maybe([&] { return number(0, 6); }));
      case 4:
        return Type::enumeration(pick<std::string>({"", "rank", "app.rank"}), list<std::string>(
                                                                                  3, [&] { return name(); }, 1));
      case 5:
        return Type::native(pick<std::string>({"tsvector", "it's odd", "POINT(4)"}));
      case 6:
        return Type::binary(maybe([&] { return number(1, 99); }));
      case 7:
        return Type::string();
      default:
        return Type::array(type(depth + 1));
    }
  }
  schema::Identity identity() {
    const auto setting = [&] { return maybe([&] { return std::int64_t{number(-9, 9)}; }); };
    return {coin(), setting(), setting(), setting(), setting(), setting(), coin()};
  }
  schema::Generated generated() { return {expression(), coin()}; }
  Column column(std::string column_name) {
    Column result;
    result.name = std::move(column_name);
    result.type = type();
    result.nullable = coin();
    result.server_default = maybe([&] { return expression(); });
    if (number(0, 4) == 0) result.generated = generated();
    if (number(0, 4) == 0) result.identity = coin() ? schema::Identity() : identity();
    result.collation = optional_name();
    result.comment = text();
    result.options = options();
    if (number(0, 4) == 0) result.renamed_from = {name(), name()};
    if (number(0, 4) == 0) result.backfill = expression();
    return result;
  }
  Column column() { return column(name()); }
  schema::IndexPart part() {
    schema::IndexPart result;
    if (coin()) {
      result.expression = expression();
    } else {
      result.column = name();
    }
    if (coin()) return result;
    result.order = pick<schema::Order>({schema::Order::ascending, schema::Order::descending});
    result.nulls = pick<schema::Nulls>({schema::Nulls::unspecified, schema::Nulls::first, schema::Nulls::last});
    result.collation = optional_name();
    result.operator_class = optional_name();
    result.length = maybe([&] { return number(0, 99); });
    return result;
  }
  std::vector<schema::IndexPart> parts() {
    return list<schema::IndexPart>(3, [&] { return part(); });
  }
  std::vector<std::string> names(int most = 3) {
    return list<std::string>(most, [&] { return name(); });
  }
  schema::Deferrable deferrable() {
    return pick<schema::Deferrable>({schema::Deferrable::no, schema::Deferrable::initially_immediate, schema::Deferrable::initially_deferred});
  }
  schema::ForeignKeyAction action() {
    using Action = schema::ForeignKeyAction;
    return pick<Action>({Action::no_action, Action::restrict, Action::cascade, Action::set_null, Action::set_default});
  }
  schema::Match match() { return pick<schema::Match>({schema::Match::simple, schema::Match::full, schema::Match::partial}); }
  schema::PrimaryKey primary_key(std::string own) { return {std::move(own), parts(), deferrable(), text(), options()}; }
  schema::Unique unique(std::string own) { return {std::move(own), parts(), coin(), deferrable(), names(), text(), options()}; }
  schema::Check check(std::string own) {
    if (coin()) return {std::move(own), expression(), true, true, true, "", {}};
    return {std::move(own), expression(), coin(), coin(), coin(), text(), options()};
  }
  schema::ForeignKey foreign_key(std::string own) {
    return {std::move(own), names(), table_name(), names(), action(), action(), names(), match(), deferrable(), coin(), text(), options()};
  }
  schema::Exclude exclude(std::string own) {
    return {std::move(own),
            optional_name(),
            list<schema::Exclude::Element>(2,
                                           [&] {
                                             return schema::Exclude::Element{part(), name()};
                                           }),
            maybe([&] { return expression(); }),
            deferrable(),
            text(),
            options()};
  }
  Constraint constraint(std::string own) {
    switch (number(0, 4)) {
      case 0:
        return primary_key(std::move(own));
      case 1:
        return unique(std::move(own));
      case 2:
        return check(std::move(own));
      case 3:
        return foreign_key(std::move(own));
      default:
        return exclude(std::move(own));
    }
  }
  Index index(std::string own) {
    return {std::move(own), parts(), coin(), coin(), names(), maybe([&] { return expression(); }), text(), options()};
  }
  Table table(schema::Name own) {
    Table result;
    result.name = std::move(own);
    result.columns = list<Column>(5, [&] { return column(); });
    // No table has a name twice: which of the two is meant could not be told.
    std::set<std::string> taken;
    const auto own_name = [&] {
      auto name = optional_name();
      return taken.insert(name).second ? name : "";
    };
    // Constraints come back kind by kind.
    if (coin()) result.constraints.emplace_back(primary_key(own_name()));
    for (int i = number(0, 2); i > 0; --i) result.constraints.emplace_back(unique(own_name()));
    for (int i = number(0, 2); i > 0; --i) result.constraints.emplace_back(check(own_name()));
    for (int i = number(0, 2); i > 0; --i) result.constraints.emplace_back(foreign_key(own_name()));
    for (int i = number(0, 1); i > 0; --i) result.constraints.emplace_back(exclude(own_name()));
    result.indexes = list<Index>(2, [&] { return index(name()); });
    result.comment = text();
    result.options = options();
    if (number(0, 4) == 0) result.renamed_from = names();
    result.partial = number(0, 4) == 0;
    result.external = number(0, 4) == 0;
    return result;
  }
  Table table() { return table(table_name()); }
  schema::EnumType enumeration(schema::Name own) {
    return {std::move(own), names(), text(), number(0, 4) == 0 ? names() : std::vector<std::string>()};
  }
  schema::EnumType enumeration() { return enumeration(table_name()); }
  schema::Sequence sequence(schema::Name own) {
    auto settings = identity();
    settings.always = false;
    return {std::move(own), optional_name(), settings, optional_name(), text(), options()};
  }
  schema::Sequence sequence() { return sequence(table_name()); }
  schema::ObjectKey object_key() {
    return {pick<std::string>({"view", "trigger", "function", "table", "odd kind"}), table_name(), coin() ? "" : table_name().text(),
            optional_name()};
  }
  schema::Object object(schema::ObjectKey key) {
    return {std::move(key), expression(), list<schema::ObjectKey>(2, [&] { return object_key(); }), text(), options()};
  }
  schema::Object object() { return object(object_key()); }
  std::vector<Row> rows() {
    return list<Row>(3, [&] {
      Row row;
      for (int i = number(0, 3); i > 0; --i) row.emplace_back(name() + std::to_string(i), value());
      return row;
    });
  }
  SqlByDialect sql() {
    if (coin()) return {{"default", text()}};
    return {{"default", text()}, {"sqlite", text()}, {name(), text()}};
  }
  template <class F>
  auto change(F make) -> std::optional<Change<decltype(make())>> {
    if (coin()) return std::nullopt;
    return Change<decltype(make())>{make(), make()};
  }

  Body make(const CreateTable*, int) { return CreateTable{table(), coin()}; }
  Body make(const DropTable*, int) {
    auto own = table_name();
    auto definition = maybe([&] { return table(own); });
    return DropTable{std::move(own), std::move(definition), coin()};
  }
  Body make(const RenameTable*, int) { return RenameTable{table_name(), name()}; }
  Body make(const AlterTable*, int) {
    return AlterTable{table_name(), change([&] { return text(); }), change([&] { return options(); }), change([&] { return optional_name(); })};
  }
  Body make(const AddColumn*, int) { return AddColumn{table_name(), column(), coin()}; }
  Body make(const DropColumn*, int) {
    auto own = name();
    auto definition = maybe([&] { return column(own); });
    return DropColumn{table_name(), std::move(own), std::move(definition), coin()};
  }
  Body make(const AlterColumn*, int) {
    AlterColumn result;
    result.table = table_name();
    result.column = name();
    result.type = change([&] { return type(); });
    result.nullable = change([&] { return coin(); });
    result.server_default = change([&] { return schema::Boxed(maybe([&] { return expression(); })); });
    result.generated = change([&] { return schema::Boxed(maybe([&] { return generated(); })); });
    result.identity = change([&] { return schema::Boxed(maybe([&] { return identity(); })); });
    result.collation = change([&] { return optional_name(); });
    result.comment = change([&] { return text(); });
    result.options = change([&] { return options(); });
    result.backfill = maybe([&] { return expression(); });
    result.using_ = maybe([&] { return expression(); });
    return result;
  }
  Body make(const RenameColumn*, int) { return RenameColumn{table_name(), name(), name()}; }
  Body make(const AddConstraint*, int) { return AddConstraint{table_name(), constraint(optional_name())}; }
  Body make(const DropConstraint*, int) {
    auto own = optional_name();
    auto definition = own.empty() ? std::optional(constraint(own)) : maybe([&] { return constraint(own); });
    return DropConstraint{table_name(), std::move(own), std::move(definition), coin()};
  }
  Body make(const AlterConstraint*, int) {
    const auto own = optional_name();
    return AlterConstraint{table_name(), constraint(own), constraint(own)};
  }
  Body make(const RenameConstraint*, int) { return RenameConstraint{table_name(), name(), name()}; }
  Body make(const ValidateConstraint*, int) { return ValidateConstraint{table_name(), name()}; }
  Body make(const CreateIndex*, int) { return CreateIndex{table_name(), index(name()), coin()}; }
  Body make(const DropIndex*, int) {
    auto own = name();
    auto definition = maybe([&] { return index(own); });
    return DropIndex{table_name(), std::move(own), std::move(definition), coin()};
  }
  Body make(const AlterIndex*, int) {
    const auto own = name();
    return AlterIndex{table_name(), index(own), index(own)};
  }
  Body make(const RenameIndex*, int) { return RenameIndex{table_name(), name(), name()}; }
  Body make(const CreateEnum*, int) { return CreateEnum{enumeration(), coin()}; }
  Body make(const AlterEnum*, int) {
    AlterEnum result;
    result.type = table_name();
    result.add = list<AlterEnum::AddValue>(2, [&] {
      AlterEnum::AddValue add{name(), "", ""};
      if (coin()) (coin() ? add.before : add.after) = name();
      return add;
    });
    result.rename = list<AlterEnum::RenameValue>(2, [&] { return AlterEnum::RenameValue{name(), name()}; });
    result.comment = change([&] { return text(); });
    return result;
  }
  Body make(const DropEnum*, int) {
    auto own = table_name();
    auto definition = maybe([&] { return enumeration(own); });
    return DropEnum{std::move(own), std::move(definition), coin()};
  }
  Body make(const CreateSequence*, int) { return CreateSequence{sequence(), coin()}; }
  Body make(const AlterSequence*, int) {
    const auto own = table_name();
    return AlterSequence{sequence(own), sequence(own)};
  }
  Body make(const DropSequence*, int) {
    auto own = table_name();
    auto definition = maybe([&] { return sequence(own); });
    return DropSequence{std::move(own), std::move(definition), coin()};
  }
  Body make(const CreateSchema*, int) { return CreateSchema{{name(), text(), options()}, coin()}; }
  Body make(const AlterSchema*, int) {
    const std::string own = name();
    return AlterSchema{{own, text(), options()}, {own, text(), options()}};
  }
  Body make(const DropSchema*, int) {
    auto own = name();
    auto definition = maybe([&] { return schema::Namespace{own, text(), options()}; });
    return DropSchema{std::move(own), std::move(definition), coin()};
  }
  Body make(const CreateObject*, int) { return CreateObject{object(), coin()}; }
  Body make(const ReplaceObject*, int) {
    const auto key = object_key();
    return ReplaceObject{object(key), object(key)};
  }
  Body make(const RenameObject*, int) { return RenameObject{object_key(), name()}; }
  Body make(const DropObject*, int) {
    auto key = object_key();
    auto definition = maybe([&] { return object(key); });
    return DropObject{std::move(key), std::move(definition), coin()};
  }
  Body make(const AttachPartition*, int) { return AttachPartition{table_name(), table_name(), text()}; }
  Body make(const DetachPartition*, int) { return DetachPartition{table_name(), table_name(), text()}; }
  Body make(const Insert*, int) { return Insert{table_name(), rows()}; }
  Body make(const Delete*, int) { return Delete{table_name(), rows()}; }
  Body make(const Sql*, int depth) {
    Sql result{sql(), maybe([&] { return sql(); }), {}};
    if (depth < 2 && number(0, 2) == 0) result.effect = operations(depth + 1);
    return result;
  }
  Body make(const Call*, int) {
    return Call{name(), coin() ? value() : Value(), maybe([&] { return name(); })};
  }
  Body make(const Assert*, int) { return Assert{sql(), value(), text()}; }
  Body make(const Irreversible*, int) { return Irreversible{text()}; }
  Body make(const Custom*, int) { return Custom{name(), coin() ? value() : Value()}; }

  template <std::size_t... I>
  Body make_body(std::size_t index, int depth, std::index_sequence<I...>) {
    std::optional<Body> body;
    ((I == index ? static_cast<void>(body = make(static_cast<const std::variant_alternative_t<I, Body>*>(nullptr), depth)) : void()), ...);
    return *std::move(body);
  }

  std::mt19937_64 random_;
};

class CodecProperty : public testing::Test {
 protected:
  void for_each_case(const std::function<void(Maker&)>& check) {
    const auto first = from_environment("ALUDEL_SEED", std::random_device{}());
    const auto cases = from_environment("ALUDEL_CASES", 2000);
    std::cout << "ALUDEL_SEED=" << first << " ALUDEL_CASES=" << cases << '\n';
    for (std::uint64_t i = 0; i < cases && !HasFailure(); ++i) {
      SCOPED_TRACE("ALUDEL_CASES=1 ALUDEL_SEED=" + std::to_string(first + i));
      Maker maker(first + i);
      try {
        check(maker);
      } catch (const std::exception& error) {
        ADD_FAILURE() << error.what();
      }
    }
  }
};

TEST_F(CodecProperty, DecodingUndoesEncoding) {
  for_each_case([](Maker& maker) {
    const auto operation = maker.operation();
    EXPECT_EQ(decode(encode(operation)), operation) << to_json(encode(operation), 2);
    EXPECT_EQ(decode(from_json(to_json(encode(operation)))), operation) << to_json(encode(operation), 2);
  });
}

TEST_F(CodecProperty, ReadingUndoesWritingARevision) {
  for_each_case([](Maker& maker) {
    revision::Content content;
    content.revision.id = "4f6c1a2b9d3e";
    content.revision.message = maker.remark();
    content.upgrade = maker.operations();
    for (auto& operation : content.upgrade) operation.remarks = {maker.remark()};
    content.downgrade = maker.operations();
    const auto text = file::write_revision(content);
    const auto read = file::read_revision(text, file::RevisionFormat::toml, "file.toml");
    EXPECT_EQ(read.upgrade, content.upgrade) << text;
    EXPECT_EQ(read.downgrade, content.downgrade) << text;
    EXPECT_EQ(read.revision.message, content.revision.message);
    EXPECT_EQ(file::write_revision(read), text);
    EXPECT_EQ(file::read_revision_head(text, file::RevisionFormat::toml, "file.toml"), read.revision);
  });
}

TEST_F(CodecProperty, ReadingUndoesWritingASnapshot) {
  for_each_case([](Maker& maker) {
    const file::Snapshot snapshot{"sqlite", "3.40.1", maker.metadata()};
    for (const auto format : {file::SnapshotFormat::toml, file::SnapshotFormat::json}) {
      const auto text = file::write_snapshot(snapshot, format);
      const auto read = file::read_snapshot(text);
      EXPECT_EQ(read.dialect, snapshot.dialect);
      EXPECT_TRUE(schema::equivalent(read.metadata, snapshot.metadata)) << text;
      EXPECT_EQ(file::write_snapshot(read, format), text);
    }
  });
}

}  // namespace
}  // namespace aludel::op
