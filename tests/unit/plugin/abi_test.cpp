// What ABI number `plugin::abi_number` stands for: the layout of every value that crosses from libaludel to a plugin or an environment and back, and
// the order of the virtual functions that plugins implement, as text. When this differs from abi.txt, old plugins would crash.

#include "support.hpp"

#include <aludel/dialect/dialect.hpp>
#include <aludel/dialect/file_database.hpp>
#include <aludel/dialect/recovery.hpp>
#include <aludel/dialect/session_settings.hpp>
#include <aludel/dialect/sessions.hpp>
#include <aludel/environment/environment.hpp>
#include <aludel/model/detail/members.hpp>
#include <aludel/op/operation.hpp>
#include <aludel/plugin/abi.hpp>
#include <aludel/url.hpp>
#include <aludel/version.hpp>

#include <cxxabi.h>
#include <dlfcn.h>
#include <link.h>

#include <cstring>
#include <sstream>
#include <typeinfo>

namespace {

using namespace aludel;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
  return text;
}

/// A type's name without what makes it long and says nothing.
std::string readable(const std::type_info& type) {
  int status = 0;
  std::unique_ptr<char, decltype(&std::free)> text(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), &std::free);
  std::string name = status == 0 ? text.get() : type.name();
  name = replaced(name, "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >", "std::string");
  name = replaced(name, "std::basic_string_view<char, std::char_traits<char> >", "std::string_view");
  for (std::size_t at = name.find(", std::allocator<"); at != std::string::npos; at = name.find(", std::allocator<", at)) {
    std::size_t end = at + std::strlen(", std::allocator<");
    for (int depth = 1; depth > 0 && end < name.size(); ++end) depth += name[end] == '<' ? 1 : name[end] == '>' ? -1 : 0;
    name.erase(at, end - at);
  }
  return replaced(replaced(name, "aludel::", ""), " >", ">");
}
template <class T>
std::string readable() {
  return readable(typeid(T));
}

struct MemberLines {
  template <auto... Address>
  static std::string visit() {
    return (std::string() + ... +
            ("  " + std::string(detail::member_name(detail::member_signature<Address>())) + " " +
             readable<std::remove_cvref_t<decltype(*Address.address)>>() + "\n"));
  }
};

class Listing {
 public:
  /// Size, alignment and members in order; those of an aggregate are found by the models' own means.
  template <class T>
  void add() {
    header<T>();
    if constexpr (std::is_aggregate_v<T>) text_ << detail::bind_members<T, detail::count_members<T>(), MemberLines>();
  }
  /// For a class with constructors: the members are given.
  template <class T, class... Values>
  void add(Values T::*... members) {
    header<T>();
    (member<T>(members), ...);
  }
  template <class... Ts>
  void add_all() {
    (add<Ts>(), ...);
  }
  template <class Variant>
  void alternatives(const std::string& name) {
    text_ << name << "\n";
    list_alternatives<Variant>(std::make_index_sequence<std::variant_size_v<Variant>>());
  }
  template <class Enum>
  void enumeration() {
    text_ << "enum " << readable<Enum>() << "\n";
    for (const auto& label : detail::enum_info<Enum>().labels) text_ << "  " << label.value << " " << label.label << "\n";
  }
  /// The number of slots of a class's virtual table, and which function stands in which.
  template <class Class, class... Functions>
  void interface(const char* virtual_table, std::pair<const char*, Functions>... functions) {
    text_ << "interface " << readable<Class>() << " " << slots(virtual_table) << " slots\n";
    ((text_ << "  " << slot(functions.second) << " " << functions.first << "\n"), ...);
  }
  std::string text() const { return text_.str(); }

 private:
  template <class T>
  void header() {
    text_ << readable<T>() << " " << sizeof(T) << "/" << alignof(T) << "\n";
  }
  template <class T, class Value>
  void member(Value T::*pointer) {
    std::ptrdiff_t offset = 0;  // Itanium: a pointer to a data member is its offset
    static_assert(sizeof offset == sizeof pointer);
    std::memcpy(&offset, &pointer, sizeof offset);
    text_ << "  +" << offset << " " << readable<Value>() << "\n";
  }
  template <class Variant, std::size_t... Index>
  void list_alternatives(std::index_sequence<Index...>) {
    ((text_ << "  " << Index << " " << readable<std::variant_alternative_t<Index, Variant>>() << "\n"), ...);
  }
  template <class Function>
  static std::ptrdiff_t slot(Function function) {
    std::ptrdiff_t place = 0;  // Itanium: of a virtual function, one more than its offset in the table
    std::memcpy(&place, &function, sizeof place);
    return (place - 1) / static_cast<std::ptrdiff_t>(sizeof(void*));
  }
  static std::size_t slots(const char* virtual_table) {
    void* address = ::dlsym(RTLD_DEFAULT, virtual_table);
    Dl_info info;
    ElfW(Sym)* symbol = nullptr;
    if (address == nullptr || ::dladdr1(address, &info, reinterpret_cast<void**>(&symbol), RTLD_DL_SYMENT) == 0 || symbol == nullptr) {
      ADD_FAILURE() << virtual_table << " is not exported: mark the class ALUDEL_API and define its destructor in a .cpp";
      return 0;
    }
    return symbol->st_size / sizeof(void*) - 2;  // without the offset to the top and the type information
  }

  std::ostringstream text_;
};

template <class Function>
std::pair<const char*, Function> at(const char* name, Function function) {
  return {name, function};
}

void list_values(Listing& listing) {
  listing.add_all<Location, Error, Mark, Member, Secret, Url>();
  listing.add(&Value::data, &Value::mark);
  listing.alternatives<Value::Data>("Value::Data");
  listing.enumeration<ErrorKind>();
}

void list_schema(Listing& listing) {
  using namespace schema;
  listing.enumeration<TypeKind>();
  listing.add_all<Type, Name>();
  listing.add(&Expression::declared, &Expression::canonical, &Expression::stale);
  listing.add(&IndexPart::column, &IndexPart::expression, &IndexPart::order, &IndexPart::nulls, &IndexPart::collation, &IndexPart::operator_class,
              &IndexPart::length);
  listing.add_all<Generated, Identity, Column, PrimaryKey, Unique, Check, ForeignKey, Exclude::Element, Exclude, Index, Table, EnumType, Sequence,
                  Namespace, ObjectKey, Object, Unsupported, Metadata, Comparison>();
  listing.alternatives<Constraint>("schema::Constraint");
  listing.enumeration<Order>();
  listing.enumeration<Nulls>();
  listing.enumeration<ForeignKeyAction>();
  listing.enumeration<Deferrable>();
  listing.enumeration<Match>();
}

template <std::size_t... Index>
void list_bodies(Listing& listing, std::index_sequence<Index...>) {
  listing.add_all<std::variant_alternative_t<Index, op::Body>...>();
}

void list_operations(Listing& listing) {
  listing.add(&op::Operation::body, &op::Operation::data_loss, &op::Operation::remarks, &op::Operation::location);
  listing.alternatives<op::Body>("op::Body");
  list_bodies(listing, std::make_index_sequence<std::variant_size_v<op::Body>>());
  listing.add_all<op::AlterEnum::AddValue, op::AlterEnum::RenameValue, op::Rename>();
  listing.enumeration<op::DataLoss>();
  listing.enumeration<op::TextKind>();
}

void list_dialect(Listing& listing) {
  using namespace dialect;
  listing.add_all<Server, Rows, ConnectOptions, Capabilities, Scope, RenderOptions, LossProbe, Hazard, Expectation, FunctionCall, Statement, Script,
                  Timeouts, Sessions::Holder, Recovery::Verdict>();
  listing.enumeration<Boundary>();
  listing.enumeration<HazardKind>();
  listing.enumeration<Sessions::Presence>();
  listing.add_all<EnvironmentOptions, SchemaElement, Environment, migrate::Applied, migrate::Hooks, plugin::ErrorSink, plugin::Descriptor>();
  listing.enumeration<revision::Direction>();
}

void list_interfaces(Listing& listing) {
  using namespace dialect;
  listing.interface<Connection>(
      "_ZTVN6aludel7dialect10ConnectionE", at("execute", &Connection::execute), at("begin", &Connection::begin), at("commit", &Connection::commit),
      at("rollback", &Connection::rollback), at("in_transaction", &Connection::in_transaction), at("dialect", &Connection::dialect),
      at("server", &Connection::server), at("session", &Connection::session), at("description", &Connection::description),
      at("schema_token", &Connection::schema_token), at("cancel", &Connection::cancel), at("native_handle", &Connection::native_handle));
  listing.interface<Introspector>("_ZTVN6aludel7dialect12IntrospectorE", at("introspect", &Introspector::introspect));
  listing.interface<Renderer>("_ZTVN6aludel7dialect8RendererE", at("render", &Renderer::render), at("loss_probe", &Renderer::loss_probe));
  listing.interface<Scratch>("_ZTVN6aludel7dialect7ScratchE", at("connection", &Scratch::connection));
  listing.interface<Lock>("_ZTVN6aludel7dialect4LockE");
  listing.interface<Dialect>("_ZTVN6aludel7dialect7DialectE", at("name", &Dialect::name), at("schemes", &Dialect::schemes),
                             at("capabilities", &Dialect::capabilities), at("option_keys", &Dialect::option_keys),
                             at("default_server", &Dialect::default_server), at("connect", &Dialect::connect),
                             at("introspector", &Dialect::introspector), at("renderer", &Dialect::renderer), at("rewriter", &Dialect::rewriter),
                             at("scratch", &Dialect::scratch), at("canonicalise", &Dialect::canonicalise), at("lock", &Dialect::lock),
                             at("split", &Dialect::split), at("quote_identifier", &Dialect::quote_identifier), at("quote_name", &Dialect::quote_name),
                             at("quote_literal", &Dialect::quote_literal), at("extension", &Dialect::extension));
  listing.interface<FileDatabase>("_ZTVN6aludel7dialect12FileDatabaseE", at("file", &FileDatabase::file), at("size", &FileDatabase::size),
                                  at("copy_to", &FileDatabase::copy_to), at("restore_from", &FileDatabase::restore_from),
                                  at("is_full", &FileDatabase::is_full));
  listing.interface<Sessions>("_ZTVN6aludel7dialect8SessionsE", at("presence", &Sessions::presence), at("end", &Sessions::end),
                              at("lock_holder", &Sessions::lock_holder));
  listing.interface<SessionSettings>("_ZTVN6aludel7dialect15SessionSettingsE", at("set_timeouts", &SessionSettings::set_timeouts),
                                     at("reset", &SessionSettings::reset));
  listing.interface<Recovery>("_ZTVN6aludel7dialect8RecoveryE", at("judge", &Recovery::judge));
  listing.interface<op::Rewriter>("_ZTVN6aludel2op8RewriterE", at("rewrite", &op::Rewriter::rewrite),
                                  at("mentions_column", &op::Rewriter::mentions_column), at("mentions_table", &op::Rewriter::mentions_table),
                                  at("definition_mentions_column", &op::Rewriter::definition_mentions_column),
                                  at("name_parts", &op::Rewriter::name_parts));
}

TEST(Abi, NumberStandsForTheseLayouts) {
  if (std::string(ALUDEL_TOOLCHAIN) != "itanium lp64 libstdc++ cxx11abi=1 debug=0 sanitizer=none") {
    GTEST_SKIP() << "the fingerprint is that of another toolchain than " << ALUDEL_TOOLCHAIN;
  }
  Listing listing;
  list_values(listing);
  list_schema(listing);
  list_operations(listing);
  list_dialect(listing);
  list_interfaces(listing);
  const std::string now = "ABI " + std::to_string(plugin::abi_number) + "\n" + listing.text();

  const fs::path file = fs::path(ALUDEL_SOURCE_DIR) / "tests/unit/plugin/abi.txt";
  if (std::getenv("ALUDEL_UPDATE_ABI") != nullptr) spit(file, now);
  const std::string before = slurp(file);
  if (now == before) return;

  std::istringstream a(before), b(now);
  std::string old_line, new_line;
  while (std::getline(a, old_line) && std::getline(b, new_line) && old_line == new_line) {
  }
  FAIL() << "What ABI " << plugin::abi_number << " stands for has changed, first here:\n  was: " << old_line << "\n  is:  " << new_line
         << "\nA plugin built before would crash. If the last release has this number, raise abi_number in core/include/aludel/plugin/abi.hpp.\n"
            "Then write the new fingerprint: ALUDEL_UPDATE_ABI=1 unit_plugin --gtest_filter='Abi.*'";
}

TEST(Abi, HeadersAndLibraryAreOfOneVersion) { EXPECT_EQ(ALUDEL_SDK_VERSION, version()); }

}  // namespace
