#include "service/cel/named_arguments.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "service/cel/bound_argument.h"
#include "service/cel/diagnostic_ids.h"
#include "service/cel/quoted.h"
#include "service/cel/suggestion.h"
#include "service/cel/time_text.h"

namespace kulanz::cel {
namespace {

struct Known {
  std::string_view overload;
  NamedKind kind;
  std::size_t index;
};
constexpr Known kKnown[] = {
    {"matches", NamedKind::kPattern, 1},
    {"matches_string", NamedKind::kPattern, 1},
    {"decimal_div", NamedKind::kRounding, 3},
    {"decimal_div_int", NamedKind::kRounding, 3},
    {"decimal_round", NamedKind::kRounding, 1},
    {"decimal_roundTo", NamedKind::kRounding, 2},
    {"decimal_roundTo_int", NamedKind::kRounding, 2},
    {"money_div", NamedKind::kRounding, 3},
    {"money_div_int", NamedKind::kRounding, 3},
    {"money_round", NamedKind::kRounding, 1},
    {"money_roundTo", NamedKind::kRounding, 2},
    {"decimal_from_double", NamedKind::kRounding, 2},
    {"date_isBusinessDay", NamedKind::kCalendar, 1},
    {"date_nextBusinessDay", NamedKind::kCalendar, 1},
    {"date_addBusinessDays", NamedKind::kCalendar, 2},
    {"businessDaysBetween", NamedKind::kCalendar, 2},
    {"table_lookup", NamedKind::kRateTable, 0},
    {"table_lookup_undated", NamedKind::kRateTable, 0},
    {"date_at_with_tz", NamedKind::kZone, 2},
    {"timestamp_to_date_with_tz", NamedKind::kZone, 1},
    {"date_to_timestamp_with_tz", NamedKind::kZone, 1},
    {"timestamp_isOpen", NamedKind::kOpeningHours, 1},
    {"timestamp_isOpen_with_tz", NamedKind::kOpeningHours, 1},
    {"timestamp_isOpen_with_tz", NamedKind::kZone, 2},
    {"timestamp_nextOpening", NamedKind::kOpeningHours, 1},
    {"timestamp_nextOpening_with_tz", NamedKind::kOpeningHours, 1},
    {"timestamp_nextOpening_with_tz", NamedKind::kZone, 2},
    {"businessDuration", NamedKind::kOpeningHours, 2},
    {"businessDuration_with_tz", NamedKind::kOpeningHours, 2},
    {"businessDuration_with_tz", NamedKind::kZone, 3},
};
constexpr std::string_view kTakesZone[] = {
    "timestamp_to_date", "date_to_timestamp",     "date_at",
    "timestamp_isOpen",  "timestamp_nextOpening", "businessDuration"};

std::vector<std::string_view> RoundingNames() {
  std::vector<std::string_view> names;
  for (const Rounding mode :
       {Rounding::kHalfUp, Rounding::kHalfEven, Rounding::kHalfDown, Rounding::kUp, Rounding::kDown,
        Rounding::kCeiling, Rounding::kFloor}) {
    names.push_back(RoundingName(mode));
  }
  return names;
}

template <typename Table>
std::vector<std::string_view> KeysOf(const Table& table) {
  std::vector<std::string_view> keys;
  for (const auto& [key, value] : table) {
    keys.push_back(key);
  }
  return keys;
}

std::optional<TimeZone> FindZone(std::string_view name) {
  const std::optional<TimeZone> offset = TimeZone::FromOffset(name);
  return offset ? offset : TimeZone::Load(name);
}

class NameChecker {
 public:
  NameChecker(const Environment& environment, Diagnostics& diagnostics)
      : environment_(environment), diagnostics_(diagnostics) {}

  void Walk(const Expr& expr) {
    for (const Expr* arg : expr.args) {
      Walk(*arg);
    }
    if (expr.kind != ExprKind::kCall || expr.overloads.empty()) {
      return;
    }
    for (const NamedArgument& named : expr.overloads[0]->named) {
      CheckArgument(*expr.args[named.index], named.kind);
    }
    if (IsTableLookup(*expr.overloads[0])) {
      CheckKey(expr);
    } else if (expr.overloads[0]->id.starts_with("date_at")) {
      CheckTimeOfDay(*expr.args[1]);
    }
  }

 private:
  void CheckArgument(const Expr& arg, NamedKind kind);
  void CheckKey(const Expr& call);
  void CheckTimeOfDay(const Expr& arg);
  void Unknown(std::string_view id, const Expr& arg, std::string_view what,
               const std::vector<std::string_view>& known);
  void Report(std::string_view id, const Expr& arg, std::string message, std::string hint = {},
              std::string replacement = {}) {
    diagnostics_.push_back({.id = id,
                            .message = std::move(message),
                            .span = arg.span,
                            .hint = std::move(hint),
                            .replacement = std::move(replacement)});
  }

  const Environment& environment_;
  Diagnostics& diagnostics_;
};

void NameChecker::Unknown(std::string_view id, const Expr& arg, std::string_view what,
                          const std::vector<std::string_view>& known) {
  const std::string_view name = *ConstantText(arg);
  const std::string_view suggestion = Suggest(name, known);
  Report(id, arg, "there is no " + std::string(what) + " " + Quoted(name),
         suggestion.empty() ? "" : "did you mean " + Quoted(suggestion) + "?",
         suggestion.empty() ? "" : "\"" + std::string(suggestion) + "\"");
}

void NameChecker::CheckArgument(const Expr& arg, NamedKind kind) {
  const std::optional<std::string_view> name = ConstantText(arg);
  const bool is_policy = environment_.mode() == Mode::kPolicy;
  if (!name) {
    if (kind == NamedKind::kPattern && is_policy) {
      Report(id::kPatternNotConstant, arg, "a regular expression must be a literal text");
    } else if (kind == NamedKind::kCalendar || kind == NamedKind::kOpeningHours ||
               (is_policy && kind == NamedKind::kRounding)) {
      Report(id::kNotConstant, arg, "this name must be a literal text");
    }
    return;
  }
  switch (kind) {
    case NamedKind::kZone:
      if (is_policy && !FindZone(*name)) {
        const std::vector<std::string>& names = TimeZone::Names();
        Unknown(id::kUnknownZone, arg, "time zone", {names.begin(), names.end()});
      }
      break;
    case NamedKind::kCalendar:
    case NamedKind::kOpeningHours: {
      const Calendar* const calendar = environment_.FindCalendar(*name);
      if (calendar == nullptr) {
        Unknown(id::kUnknownCalendar, arg, "calendar", KeysOf(environment_.calendars()));
      } else if (kind == NamedKind::kOpeningHours && calendar->hours() == nullptr) {
        Report(id::kNoOpeningHours, arg, "the calendar " + Quoted(*name) + " has no opening hours",
               "declare its hours, or count days with businessDaysBetween(...)");
      }
      break;
    }
    case NamedKind::kRateTable:
      break;  // the type check has looked it up
    case NamedKind::kRounding:
      if (!ParseRounding(*name)) {
        Unknown(id::kUnknownRounding, arg, "rounding mode", RoundingNames());
      }
      break;
    case NamedKind::kPattern: {
      std::string error;
      if (is_policy && CompilePattern(*name, error) == nullptr) {
        Report(id::kBadPattern, arg, "the regular expression is malformed: " + error);
      }
      break;
    }
  }
}

void NameChecker::CheckKey(const Expr& call) {
  const std::optional<std::string_view> table_name = ConstantText(*call.args[0]);
  const std::optional<std::string_view> key = ConstantText(*call.args[1]);
  const RateTable* const table = table_name ? environment_.FindRateTable(*table_name) : nullptr;
  if (table != nullptr && table->is_dated() && call.args.size() == 2) {
    Report(id::kMissingDate, *call.args[0],
           "the rates of table " + Quoted(*table_name) + " depend on a day",
           "name one of the incident's as the third argument");
  }
  if (table != nullptr && key && !table->HasKey(*key)) {
    Unknown(id::kUnknownTable, *call.args[1], "rate in table " + Quoted(*table_name) + " named",
            table->Keys());
  }
}

void NameChecker::CheckTimeOfDay(const Expr& arg) {
  const std::optional<std::string_view> text = ConstantText(arg);
  if (environment_.mode() == Mode::kPolicy && text && !ParseTimeOfDay(*text)) {
    Report(id::kBadLiteral, arg, Quoted(*text) + " is no time of day",
           "write hours and minutes, as in \"21:00\"");
  }
}

}  // namespace

std::vector<NamedArgument> NamedArgumentsOf(std::string_view overload_id) {
  std::vector<NamedArgument> named;
  for (const Known& known : kKnown) {
    if (known.overload == overload_id) {
      named.push_back({known.kind, known.index});
    }
  }
  if (named.empty() && overload_id.ends_with("_with_tz")) {  // the accessors of timestamps
    named.push_back({NamedKind::kZone, 1});
  }
  return named;
}

bool IsTableLookup(const Overload& overload) { return overload.id.starts_with("table_lookup"); }

bool TakesDefaultZone(std::string_view overload_id) {
  return std::find(std::begin(kTakesZone), std::end(kTakesZone), overload_id) !=
         std::end(kTakesZone);
}

std::optional<std::string_view> ConstantText(const Expr& expr) {
  const bool constant = expr.kind == ExprKind::kConstant || expr.ref == RefKind::kConstant;
  return constant && expr.value.kind() == Kind::kString
             ? std::optional<std::string_view>(expr.value.as_string())
             : std::nullopt;
}

void CheckNamedArguments(const Ast& ast, const Environment& environment, Diagnostics& diagnostics) {
  NameChecker(environment, diagnostics).Walk(*ast.root());
}

std::optional<Value> BoundObjects::Bind(NamedKind kind, std::string_view name,
                                        const Environment& environment) {
  switch (kind) {
    case NamedKind::kZone:
      if (const std::optional<TimeZone> zone = FindZone(name)) {
        return BindPointer(&zones_.emplace_back(*zone));
      }
      return std::nullopt;
    case NamedKind::kCalendar:
    case NamedKind::kOpeningHours: {
      const auto found = environment.calendars().find(name);
      if (found == environment.calendars().end() ||
          (kind == NamedKind::kOpeningHours && found->second->hours() == nullptr)) {
        return std::nullopt;
      }
      shared_.push_back(found->second);
      return BindPointer(found->second.get());
    }
    case NamedKind::kRateTable: {
      const auto found = environment.rate_tables().find(name);
      if (found == environment.rate_tables().end()) {
        return std::nullopt;
      }
      shared_.push_back(found->second);
      return BindPointer(found->second.get());
    }
    case NamedKind::kRounding:
      if (const std::optional<Rounding> mode = ParseRounding(name)) {
        return BindRounding(*mode);
      }
      return std::nullopt;
    case NamedKind::kPattern: {
      std::string error;
      std::unique_ptr<const Pattern> pattern = CompilePattern(name, error);
      if (pattern == nullptr) {
        return std::nullopt;
      }
      return BindPointer(patterns_.emplace_back(std::move(pattern)).get());
    }
  }
  return std::nullopt;
}

Value BoundObjects::DefaultZone(const Environment& environment) {
  return BindPointer(&zones_.emplace_back(environment.zone()));
}

}  // namespace kulanz::cel
