// Type: a CEL type, as declared by the host or deduced by the checker.
//
// A small immutable handle: cheap to copy, compared by structure. Simple types are shared constants;
// list, map, optional, type and host-declared abstract types have parameters.
//
// Thread-safety: immutable.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kulanz::cel {

class Type {
 public:
  enum class Kind : std::uint8_t {
    kError,  // the type of a sub-expression with a diagnostic; agrees with everything
    kDyn,
    kNull,
    kBool,
    kInt,
    kUint,
    kDouble,
    kString,
    kBytes,
    kTimestamp,
    kDuration,
    kDecimal,
    kMoney,
    kDate,
    kList,      // parameters: element
    kMap,       // parameters: key, value
    kOptional,  // parameters: held
    kType,      // parameters: the type it is the type of, or none
    kStruct,    // a variable with declared fields; not a value by itself
    kRecord,    // a value with declared fields (Environment::AddRecord), usually a list's item
    kAbstract,  // declared by the host; any parameters
    kParam,     // a type variable of an overload
  };

  Type() : Type(Dyn()) {}

  static const Type& Error();
  static const Type& Dyn();
  static const Type& Null();
  static const Type& Bool();
  static const Type& Int();
  static const Type& Uint();
  static const Type& Double();
  static const Type& String();
  static const Type& Bytes();
  static const Type& Timestamp();
  static const Type& Duration();
  static const Type& Decimal();
  static const Type& Money();
  static const Type& Date();
  static Type List(Type element);
  static Type Map(Type key, Type value);
  static Type Optional(Type held);
  static Type TypeOf(Type type);
  static Type AnyType();  // `type` without a parameter
  static Type Struct(std::string name);
  static Type Record(std::string name);
  static Type Abstract(std::string name, std::vector<Type> parameters);
  static Type Param(std::string name);

  Kind kind() const;
  // "int", "list", "timestamp", ...; of a struct, an abstract type or a parameter its own name.
  std::string_view name() const;
  std::span<const Type> parameters() const;
  bool is(Kind k) const { return kind() == k; }
  bool is_dyn() const { return kind() == Kind::kDyn; }
  bool is_error() const { return kind() == Kind::kError; }

  // How many types it is made of, itself included; saturates.
  std::uint32_t weight() const;
  // Whether a type variable is among them.
  bool has_variables() const;

  // "list(int)", "map(string, dyn)", "optional_type(money)".
  std::string ToString() const;

  friend bool operator==(const Type& a, const Type& b);

 private:
  struct Rep;
  explicit Type(std::shared_ptr<const Rep> rep) : rep_(std::move(rep)) {}
  static Type Simple(const Rep& rep);
  static Type Make(Kind kind, std::string name, std::vector<Type> parameters);
  std::shared_ptr<const Rep> rep_;
};

}  // namespace kulanz::cel
