#include "service/cel/type.h"

#include <limits>
#include <utility>

namespace kulanz::cel {

struct Type::Rep {
  Kind kind = Kind::kDyn;
  std::string name;
  std::vector<Type> parameters;
  std::uint32_t weight = 1;
  bool has_variables = false;
};

// Shares `rep` without owning it: copies of simple types cost no reference count.
Type Type::Simple(const Rep& rep) {
  return Type(std::shared_ptr<const Rep>(std::shared_ptr<const Rep>(), &rep));
}

Type Type::Make(Kind kind, std::string name, std::vector<Type> parameters) {
  Rep rep{kind, std::move(name), std::move(parameters), 1, false};
  rep.has_variables = kind == Kind::kParam;
  for (const Type& parameter : rep.parameters) {
    rep.has_variables = rep.has_variables || parameter.has_variables();
    if (__builtin_add_overflow(rep.weight, parameter.weight(), &rep.weight)) {
      rep.weight = std::numeric_limits<std::uint32_t>::max();
    }
  }
  return Type(std::make_shared<const Rep>(std::move(rep)));
}

// NOLINTBEGIN(cppcoreguidelines-macro-usage): one line per simple type beats fourteen functions.
#define KULANZ_SIMPLE_TYPE(Name, type_name)                                         \
  const Type& Type::Name() {                                                        \
    static const auto* const rep = new Rep{Kind::k##Name, type_name, {}, 1, false}; \
    static const auto* const type = new Type(Simple(*rep));                         \
    return *type;                                                                   \
  }
KULANZ_SIMPLE_TYPE(Error, "!error!")
KULANZ_SIMPLE_TYPE(Dyn, "dyn")
KULANZ_SIMPLE_TYPE(Null, "null")
KULANZ_SIMPLE_TYPE(Bool, "bool")
KULANZ_SIMPLE_TYPE(Int, "int")
KULANZ_SIMPLE_TYPE(Uint, "uint")
KULANZ_SIMPLE_TYPE(Double, "double")
KULANZ_SIMPLE_TYPE(String, "string")
KULANZ_SIMPLE_TYPE(Bytes, "bytes")
KULANZ_SIMPLE_TYPE(Timestamp, "timestamp")
KULANZ_SIMPLE_TYPE(Duration, "duration")
KULANZ_SIMPLE_TYPE(Decimal, "decimal")
KULANZ_SIMPLE_TYPE(Money, "money")
KULANZ_SIMPLE_TYPE(Date, "date")
#undef KULANZ_SIMPLE_TYPE
// NOLINTEND(cppcoreguidelines-macro-usage)

Type Type::List(Type element) { return Make(Kind::kList, "list", {std::move(element)}); }
Type Type::Map(Type key, Type value) {
  return Make(Kind::kMap, "map", {std::move(key), std::move(value)});
}
Type Type::Optional(Type held) { return Make(Kind::kOptional, "optional_type", {std::move(held)}); }
Type Type::TypeOf(Type type) { return Make(Kind::kType, "type", {std::move(type)}); }
Type Type::AnyType() { return Make(Kind::kType, "type", {}); }
Type Type::Struct(std::string name) { return Make(Kind::kStruct, std::move(name), {}); }
Type Type::Record(std::string name) { return Make(Kind::kRecord, std::move(name), {}); }
Type Type::Abstract(std::string name, std::vector<Type> parameters) {
  return Make(Kind::kAbstract, std::move(name), std::move(parameters));
}
Type Type::Param(std::string name) { return Make(Kind::kParam, std::move(name), {}); }

Type::Kind Type::kind() const { return rep_->kind; }
std::string_view Type::name() const { return rep_->name; }
std::span<const Type> Type::parameters() const { return rep_->parameters; }
std::uint32_t Type::weight() const { return rep_->weight; }
bool Type::has_variables() const { return rep_->has_variables; }

std::string Type::ToString() const {
  std::string text(name());
  if (!parameters().empty()) {
    text += '(';
    for (std::size_t i = 0; i < parameters().size(); ++i) {
      text += i == 0 ? "" : ", ";
      text += parameters()[i].ToString();
    }
    text += ')';
  }
  return text;
}

bool operator==(const Type& a, const Type& b) {
  if (a.rep_ == b.rep_) {
    return true;
  }
  if (a.kind() != b.kind() || a.name() != b.name() ||
      a.parameters().size() != b.parameters().size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.parameters().size(); ++i) {
    if (!(a.parameters()[i] == b.parameters()[i])) {
      return false;
    }
  }
  return true;
}

}  // namespace kulanz::cel
