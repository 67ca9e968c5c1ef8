// The environment of a goodwill policy, as the tests of the language use it: an incident, an order, a
// customer, variables, a calendar and a rate table.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "service/cel/environment.h"
#include "service/cel/program.h"
#include "service/domain/currency.h"
#include "service/domain/time.h"

namespace kulanz::cel {

inline Currency Iso(std::string_view code) { return *Currency::FromCode(code); }
inline Date DayOf(std::string_view text) { return *ParseDate(text); }

// Monday to Friday 08:00 to 18:00, Saturday 09:00 to 13:00.
inline WeeklyHours OfficeHours() {
  using std::chrono::hours;
  WeeklyHours office;
  std::fill_n(office.weekdays.begin(), 5, std::vector{OpenInterval{hours(8), hours(18)}});
  office.weekdays[5] = {{hours(9), hours(13)}};
  return office;
}

inline Environment PolicyEnvironment() {
  Environment env(Mode::kPolicy);
  const auto declare = [](const Status& status) { ASSERT_TRUE(status.ok()) << status.ToString(); };
  declare(env.AddRecord(
      "cut", {{.name = "minutes", .type = Type::Int()},
              {.name = "day", .type = Type::Date()},
              {.name = "cause",
               .type = Type::String(),
               .required = false,
               .literals = {"storm", "digger", "planned"}},
              {.name = "note", .type = Type::String(), .required = false, .max_size = 100},
              {.name = "fine", .type = Type::Money(), .required = false, .currency = Iso("EUR")}}));
  declare(env.AddStruct(
      "incident",
      {{.name = "id", .type = Type::String(), .max_size = 64},
       {.name = "cause",
        .type = Type::String(),
        .literals = {"carrier", "warehouse", "customer", "force_majeure"}},
       {.name = "promised_at", .type = Type::Timestamp()},
       {.name = "delivered_at", .type = Type::Timestamp(), .required = false},
       {.name = "tags", .type = Type::List(Type::String()), .max_size = 20, .item_max_size = 30},
       {.name = "cuts", .type = Type::List(Type::Record("cut")), .max_size = 50},
       {.name = "parcels", .type = Type::Int(), .required = false},
       {.name = "paid_delivery", .type = Type::Bool()},
       {.name = "rating", .type = Type::Decimal(), .required = false},
       {.name = "outage", .type = Type::Duration()}}));
  declare(env.AddStruct("order", {{.name = "id", .type = Type::String(), .max_size = 64},
                                  {.name = "total", .type = Type::Money(), .currency = Iso("EUR")},
                                  {.name = "shipping", .type = Type::Money(), .required = false},
                                  {.name = "placed_on", .type = Type::Date()}}));
  declare(env.AddStruct(
      "customer",
      {{.name = "segment", .type = Type::String(), .literals = {"standard", "premium", "employee"}},
       {.name = "orders_completed", .type = Type::Int()}}));
  declare(env.AddStruct("vars", {{.name = "days_late", .type = Type::Int()}}));
  declare(env.AddVariable({.name = "now", .type = Type::Timestamp()}));
  env.SetZone(*TimeZone::Load("Europe/Berlin"));
  const auto calendar = Calendar::Make({.holidays = {DayOf("2026-01-01"), DayOf("2026-12-25")},
                                        .first_year = 2025,
                                        .last_year = 2027,
                                        .hours = OfficeHours()});
  declare(env.AddCalendar("DE-BY", calendar.value()));
  declare(env.AddCalendar("DAYS-ONLY",
                          Calendar::Make({.first_year = 2025, .last_year = 2027}).value()));
  const auto rate = [](std::string_view text, Currency currency) {
    return Value::Of(ExactMoney(*Decimal::Parse(text), currency));
  };
  const auto table =
      RateTable::Make({{"delayed_repair", DayOf("2025-04-01"), rate("9.76", Iso("GBP"))},
                       {"delayed_repair", DayOf("2026-04-01"), rate("10.10", Iso("GBP"))}});
  declare(env.AddRateTable("ofcom", table.value()));
  const auto shares = RateTable::Make({{"standard", RateTable::kAlways, Value::Int(464)},
                                       {"premium", RateTable::kAlways, Value::Int(10)},
                                       {"employee", RateTable::kAlways, Value::Int(1)}});
  declare(env.AddRateTable("journeys", shares.value()));
  return env;
}

// Inputs by name; what is not given is absent.
class Frame {
 public:
  explicit Frame(const Environment& env)
      : env_(env), values_(static_cast<std::size_t>(env.slot_count())) {}
  Frame& Set(std::string_view name, Value value) {
    values_[static_cast<std::size_t>(env_.SlotOf(name).value())] = value;
    return *this;
  }
  std::span<const Value> values() const { return values_; }

 private:
  const Environment& env_;
  std::vector<Value> values_;
};

// A frame with every required input: a parcel promised for 1 March and delivered on 8 March 2026.
inline Frame LateParcel(const Environment& env) {
  Frame frame(env);
  const auto cut = [](Value cause, Value day, std::int64_t minutes) {
    return std::array<MapEntry, 5>{{{Value::String("cause"), cause},
                                    {Value::String("day"), day},
                                    {Value::String("fine"), Value::Absent()},
                                    {Value::String("minutes"), Value::Int(minutes)},
                                    {Value::String("note"), Value::Absent()}}};
  };
  static const auto storm = cut(Value::String("storm"), Value::Of(DayOf("2026-02-10")), 200);
  static const auto short_cut = cut(Value::Absent(), Value::Of(DayOf("2026-03-05")), 40);
  static const Value cuts[] = {Value::Record(storm), Value::Record(short_cut)};
  frame.Set("incident.cuts", Value::List(cuts));
  static const Value tags[] = {Value::String("fragile"), Value::String("gift")};
  frame.Set("incident.id", Value::String("i-1"))
      .Set("incident.cause", Value::String("carrier"))
      .Set("incident.promised_at", Value::Of(*ParseInstant("2026-03-01T17:00:00Z")))
      .Set("incident.delivered_at", Value::Of(*ParseInstant("2026-03-08T23:30:00Z")))
      .Set("incident.tags", Value::List(tags))
      .Set("incident.paid_delivery", Value::Bool(true))
      .Set("incident.outage", Value::Of(Duration(90 * 60 * 1000)))
      .Set("order.id", Value::String("o-1"))
      .Set("order.total", Value::Of(*Money::Parse("80.00", Iso("EUR"))))
      .Set("order.placed_on", Value::Of(DayOf("2026-02-27")))
      .Set("customer.segment", Value::String("standard"))
      .Set("customer.orders_completed", Value::Int(3))
      .Set("vars.days_late", Value::Int(8))
      .Set("now", Value::Of(*ParseInstant("2026-03-09T08:00:00Z")));
  return frame;
}

// The rendered diagnostics, or "".
inline std::string Problems(const CompileResult& result, std::string_view text) {
  std::string all;
  for (const Diagnostic& diagnostic : result.diagnostics) {
    all += Render(diagnostic, text, "rule");
  }
  return all;
}

// Compiles and evaluates; the value as text, or what is wrong with the expression.
inline std::string ValueText(std::string_view text, const Environment& env, const Frame& frame) {
  const CompileResult compiled = Compile(text, env);
  if (!compiled.ok()) {
    return Problems(compiled, text);
  }
  Arena arena;
  return DebugString(compiled.program->Evaluate(frame.values(), arena));
}

}  // namespace kulanz::cel
