// The environments of the language's fuzzers: a policy's, with every type of input, and the standard one
// with a few dynamic variables.
#pragma once

#include <utility>
#include <vector>

#include "service/base/check.h"
#include "service/cel/environment.h"

namespace kulanz::cel {

inline void Declared(const Status& status) {
  KULANZ_CHECK(status.ok(), "the fuzzers' declarations are right");
}

inline Environment FuzzEnvironment(Mode mode) {
  Environment env(mode);
  Declared(env.AddRecord("cut", {{.name = "minutes", .type = Type::Int()},
                                 {.name = "cause",
                                  .type = Type::String(),
                                  .required = false,
                                  .literals = {"storm", "digger"}}}));
  Declared(env.AddStruct(
      "i", {{.name = "text", .type = Type::String(), .max_size = 40},
            {.name = "cause", .type = Type::String(), .literals = {"carrier", "customer"}},
            {.name = "count", .type = Type::Int(), .required = false},
            {.name = "at", .type = Type::Timestamp()},
            {.name = "tags", .type = Type::List(Type::String()), .max_size = 5, .item_max_size = 9},
            {.name = "cuts", .type = Type::List(Type::Record("cut")), .max_size = 5},
            {.name = "total", .type = Type::Money()},
            {.name = "rate", .type = Type::Decimal()},
            {.name = "day", .type = Type::Date()},
            {.name = "span", .type = Type::Duration()},
            {.name = "flag", .type = Type::Bool()},
            {.name = "score", .type = Type::Double(), .required = false}}));
  if (mode == Mode::kStandard) {
    Declared(env.AddVariable({.name = "x", .type = Type::Dyn()}));
    Declared(env.AddVariable({.name = "m", .type = Type::Map(Type::String(), Type::Dyn())}));
  }
  WeeklyHours hours;
  hours.weekdays.fill({{std::chrono::hours(0), std::chrono::hours(3)},
                       {std::chrono::hours(9), std::chrono::hours(24)}});
  const CalendarSpec spec{.first_year = 2020, .last_year = 2030, .hours = hours};
  Declared(env.AddCalendar("DE-BY", Calendar::Make(spec).value()));
  return env;
}

}  // namespace kulanz::cel
