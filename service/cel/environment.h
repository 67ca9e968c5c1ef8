// Environment: what an expression may refer to, and how strictly it is checked.
//
// A host declares its variables once (each with a type and a numbered slot of the input frame), names
// the libraries, hands in calendars and rate tables, and compiles any number of expressions:
//
//   Environment env(Mode::kPolicy);
//   env.AddStruct("order", {{.name = "id", .type = Type::String(), .max_size = 64},
//                           {.name = "total", .type = Type::Money()}});
//   env.AddVariable({.name = "now", .type = Type::Timestamp()});
//   int slot = *env.SlotOf("order.total");
//
// Mistakes in declarations (a name twice, an unknown zone) are the host's own: Add... returns a Status.
//
// Thread-safety: const use from any thread; an Environment is freely copyable, programs keep nothing of
// it but shared immutable data (calendars, tables, functions).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/status.h"
#include "service/base/time_zone.h"
#include "service/cel/calendar.h"
#include "service/cel/function.h"
#include "service/cel/rate_table.h"
#include "service/cel/type.h"
#include "service/cel/value.h"
#include "service/domain/currency.h"

namespace kulanz::cel {

// kPolicy is strict: no dyn, presence proof for optional fields, constant regular expressions, bounded
// sizes, nesting and cost. kStandard is the whole of CEL, as the conformance tests need it.
enum class Mode : std::uint8_t { kStandard, kPolicy };

// A variable, or a field of a struct or of a record.
struct Field {
  std::string name = {};  // a variable's may have dots: "order.address"
  Type type = {};
  bool required = true;                    // else it may be absent, and only be read behind a guard
  std::vector<std::string> literals = {};  // of a string (or a list of them): its only values
  std::uint32_t max_size = 0;              // code points of a string, items of a list; 0 = any
  std::uint32_t item_max_size = 0;         // code points of a text within a list or map; 0 = any
  std::optional<Currency> currency = {};   // of money: what it always is in; else any
  int slot = -1;  // in the frame, -1 = the next free one; of a record's field, its place within
  std::string description = {};  // for completion and error messages
};

class Environment {
 public:
  explicit Environment(Mode mode = Mode::kPolicy);

  // Declares a variable. Errors: INVALID_ARGUMENT/BAD_DECLARATION for a name that is taken or malformed,
  // or a slot above kMaxSlots.
  [[nodiscard]] Status AddVariable(Field variable);
  // Declares `name` with fields `name.field`. Calling again adds further fields.
  [[nodiscard]] Status AddStruct(std::string_view name, std::vector<Field> fields);
  // Declares a type of values with named fields, for inputs such as a list of records:
  //
  //   env.AddRecord("cut", {{.name = "minutes", .type = Type::Int()},
  //                         {.name = "cause", .type = Type::String(), .required = false}});
  //   env.AddStruct("incident", {{.name = "cuts", .type = Type::List(Type::Record("cut"))}});
  //   // incident.cuts.exists(c, c.minutes >= 180 && has(c.cause) && c.cause == "digger")
  //
  // A field is found at compile time and read by its place; Value::Record says how a host builds one.
  // Records do not hold records. Errors: as of AddStruct, or a field whose type is a record.
  [[nodiscard]] Status AddRecord(std::string_view name, std::vector<Field> fields);
  // A variable whose value never changes, e.g. a table of constants; folded at compile time. What the
  // value points at must outlive the programs. Its type must be a simple one.
  [[nodiscard]] Status AddConstant(std::string_view name, Type type, Value value);
  // A function of the host (function.h); overloads of an existing name are added to it.
  [[nodiscard]] Status AddFunction(Function function);
  [[nodiscard]] Status AddCalendar(std::string_view name, std::shared_ptr<const Calendar> calendar);
  [[nodiscard]] Status AddRateTable(std::string_view name, std::shared_ptr<const RateTable> table);
  // The zone of date functions without a zone argument; UTC until set.
  void SetZone(TimeZone zone);
  // The namespace for name resolution, e.g. "com.example".
  void SetContainer(std::string_view container);
  // Whether < <= > >= compare int, uint and double with one another; true until set.
  void SetMixedComparisons(bool allowed) { mixed_comparisons_ = allowed; }

  // 65,536 slots of 16 bytes: 1 MiB of input, more than any host should fill for one evaluation.
  static constexpr int kMaxSlots = 65536;

  Mode mode() const { return mode_; }
  const std::string& container() const { return container_; }
  const TimeZone& zone() const { return zone_; }
  bool mixed_comparisons() const { return mixed_comparisons_; }
  int slot_count() const { return slot_count_; }
  // "now", "order.total"; nothing for a name that is not declared (or a constant).
  std::optional<int> SlotOf(std::string_view name) const;

  // What a name stands for. A struct's fields are found under their full name.
  struct Declaration {
    Field field;
    std::optional<Value> constant;
  };
  const Declaration* Find(std::string_view name) const;
  bool IsStruct(std::string_view name) const;
  // The fields of a record type by name, their places ascending; nullptr when it is not declared.
  const std::vector<Field>* FindRecord(std::string_view name) const;
  // All full names, sorted: for suggestions and completion.
  std::vector<std::string_view> Names() const;
  // The fields of a struct, by their short names, sorted.
  std::vector<std::string_view> FieldNames(std::string_view struct_name) const;
  const std::map<std::string, Function, std::less<>>& functions() const { return functions_; }
  const Calendar* FindCalendar(std::string_view name) const;
  const RateTable* FindRateTable(std::string_view name) const;
  const std::map<std::string, std::shared_ptr<const Calendar>, std::less<>>& calendars() const {
    return calendars_;
  }
  const std::map<std::string, std::shared_ptr<const RateTable>, std::less<>>& rate_tables() const {
    return rate_tables_;
  }

 private:
  Status Declare(Declaration declaration);
  bool KnowsRecordsOf(const Type& type) const;

  Mode mode_;
  std::string container_;
  TimeZone zone_;
  bool mixed_comparisons_ = true;
  int slot_count_ = 0;
  std::map<std::string, Declaration, std::less<>> declarations_;
  std::map<std::string, std::vector<std::string>, std::less<>>
      structs_;  // name -> full field names
  std::map<std::string, std::vector<Field>, std::less<>> records_;
  std::map<std::string, Function, std::less<>> functions_;
  std::map<std::string, std::shared_ptr<const Calendar>, std::less<>> calendars_;
  std::map<std::string, std::shared_ptr<const RateTable>, std::less<>> rate_tables_;
};

}  // namespace kulanz::cel
