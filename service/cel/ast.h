// The abstract syntax tree of an expression.
//
// The parser builds it with macros already expanded; the checker (or, unchecked, the resolver) adds to
// each node its type and what its name refers to; the planner reads all that. Operators are calls with
// the names that CEL gives them ("_+_"). Comprehensions are nodes of their own, one kind per macro, so
// that messages and plans speak of `exists` and not of a fold.
//
// Thread-safety: none while it is built; afterwards immutable.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "service/cel/arena.h"
#include "service/cel/diagnostic.h"
#include "service/cel/function.h"
#include "service/cel/type.h"
#include "service/cel/value.h"

namespace kulanz::cel {

struct Field;

enum class ExprKind : std::uint8_t {
  kInvalid,        // stands for text with a diagnostic
  kConstant,       // value
  kName,           // name, leading_dot
  kSelect,         // operand.name; is_test for has(operand.name), optional for operand.?name
  kCall,           // name(args), or args[0].name(args[1..]) when is_method
  kList,           // args; args[i] is optional when optional_args[i]
  kMap,            // args: key, value, key, value, ...; optional_args one per entry
  kMessage,        // name{...}: parsed, never accepted by the checker
  kComprehension,  // loop; args[0] is the range, the others depend on the kind
  kBind,           // cel.bind(variable, args[0], args[1])
  kOptionalMap,    // args[0].optMap(variable, args[1]); flat for optFlatMap
};

// Parts of a comprehension in Expr::args, after the range.
enum class Loop : std::uint8_t {
  kAll,                // predicate
  kExists,             // predicate
  kExistsOne,          // predicate
  kMap,                // transform, then optionally filter
  kFilter,             // predicate
  kTransformList,      // transform, then optionally filter; two variables
  kTransformMap,       // transform, then optionally filter; two variables
  kTransformMapEntry,  // transform (a map), then optionally filter; two variables
};
std::string_view LoopName(Loop loop);

// What a name turned out to mean.
enum class RefKind : std::uint8_t {
  kNone,
  kUnknown,   // unchecked only: an error when evaluated
  kSlot,      // slot of the frame
  kField,     // slot is the place within the record that args[0] yields
  kLocal,     // slot of the comprehension variables
  kConstant,  // constant
  kFunction,  // overloads
  kStruct,    // a struct: only its fields are values
};

struct Expr {
  ExprKind kind = ExprKind::kInvalid;
  Loop loop = Loop::kAll;
  bool is_method = false;
  bool is_test = false;
  bool optional = false;
  bool flat = false;
  bool leading_dot = false;
  int depth = 1;
  TextSpan span;       // the whole sub-expression
  TextSpan outer;      // with the parentheses around it, as a part of a larger one
  TextSpan name_span;  // the name, or the operator
  std::string_view name;
  std::string_view variable;   // of a comprehension, bind or optional map
  std::string_view variable2;  // of a two-variable comprehension
  Value value;
  std::vector<Expr*> args;
  std::vector<bool> optional_args;

  // Written by the checker or the resolver. A part that is no value of its own, as `incident` in
  // `incident.id`, keeps the error type.
  Type type = Type::Error();
  RefKind ref = RefKind::kNone;
  int slot = 0;   // of kSlot, kLocal and kField
  int local = 0;  // of the first variable that a comprehension, bind or optional map declares
  std::string_view declared_name;  // the full name that was found: "incident.promised_at"
  // Of kSlot and kField, as the environment declares it; gone when the checks are done.
  const Field* declared = nullptr;
  std::vector<const Overload*> overloads;

  const Expr& operand() const { return *args[0]; }
};

// Owns the nodes, the names and the constants of one expression.
class Ast {
 public:
  explicit Ast(std::string text) : text_(std::move(text)) {}
  Ast(const Ast&) = delete;
  Ast& operator=(const Ast&) = delete;

  const std::string& text() const { return text_; }
  std::string_view TextOf(TextSpan span) const {
    return std::string_view(text_).substr(span.begin, span.end - span.begin);
  }
  Expr* root() const { return root_; }
  void set_root(Expr* root) { root_ = root; }
  int local_count() const { return local_count_; }
  void set_local_count(int count) { local_count_ = count; }

  // A new node whose depth is one more than its deepest argument's.
  Expr* Add(ExprKind kind, TextSpan span, std::vector<Expr*> args = {});
  // A copy of `text` that lives as long as the tree.
  std::string_view Keep(std::string text);

 private:
  std::string text_;
  std::deque<Expr> nodes_;
  std::deque<std::string> names_;
  Expr* root_ = nullptr;
  int local_count_ = 0;
};

// The names of operators as functions.
namespace op {
inline constexpr std::string_view kConditional = "_?_:_";
inline constexpr std::string_view kOr = "_||_";
inline constexpr std::string_view kAnd = "_&&_";
inline constexpr std::string_view kNot = "!_";
inline constexpr std::string_view kNegate = "-_";
inline constexpr std::string_view kEquals = "_==_";
inline constexpr std::string_view kNotEquals = "_!=_";
inline constexpr std::string_view kLess = "_<_";
inline constexpr std::string_view kLessEquals = "_<=_";
inline constexpr std::string_view kGreater = "_>_";
inline constexpr std::string_view kGreaterEquals = "_>=_";
inline constexpr std::string_view kAdd = "_+_";
inline constexpr std::string_view kSubtract = "_-_";
inline constexpr std::string_view kMultiply = "_*_";
inline constexpr std::string_view kDivide = "_/_";
inline constexpr std::string_view kModulo = "_%_";
inline constexpr std::string_view kIn = "@in";
inline constexpr std::string_view kIndex = "_[_]";
inline constexpr std::string_view kOptionalIndex = "_[?_]";
// "+" for "_+_"; the name itself for what is no operator.
std::string_view Symbol(std::string_view function);
}  // namespace op

}  // namespace kulanz::cel
