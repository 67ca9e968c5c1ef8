#include "tests/bench/cel/cases.h"

#include "tests/unit/cel/policy_environment.h"

namespace kulanz::cel {
namespace {

// The variables of cel-go's reference expressions.
Environment ReferenceEnvironment() {
  Environment env(Mode::kStandard);
  const Type texts = Type::List(Type::String());
  const std::pair<std::string_view, Type> variables[] = {
      {"value_text", Type::String()},
      {"values", texts},
      {"letters", texts},
      {"triples", texts},
      {"c", Type::String()},
      {"e", Type::String()},
      {"ai", Type::Int()},
      {"ar", Type::Map(Type::String(), Type::String())},
      {"numbers", Type::List(Type::Int())},
  };
  for (const auto& [name, type] : variables) {
    Field field;
    field.name = name;
    field.type = type;
    EXPECT_TRUE(env.AddVariable(std::move(field)).ok());
  }
  return env;
}

struct Reference {
  Reference() : env(ReferenceEnvironment()), frame(env) {
    static const Value kValues[] = {Value::String("a"), Value::String("b"), Value::String("c"),
                                    Value::String("value")};
    static const Value kLetters[] = {Value::String("a"), Value::String("b"), Value::String("c"),
                                     Value::String("d")};
    static const Value kTriples[] = {Value::String("abc"), Value::String("bcd"),
                                     Value::String("cde"), Value::String("def")};
    static const Value kNumbers[] = {Value::Int(1), Value::Int(2), Value::Int(3), Value::Int(4),
                                     Value::Int(5), Value::Int(6), Value::Int(7), Value::Int(8),
                                     Value::Int(9), Value::Int(10)};
    static const MapEntry kEntries[] = {{Value::String("foo"), Value::String("bar")}};
    frame.Set("value_text", Value::String("value"))
        .Set("values", Value::List(kValues))
        .Set("letters", Value::List(kLetters))
        .Set("triples", Value::List(kTriples))
        .Set("c", Value::String("c"))
        .Set("e", Value::String("e"))
        .Set("ai", Value::Int(2))
        .Set("ar", Value::Map(kEntries))
        .Set("numbers", Value::List(kNumbers));
  }
  Environment env;
  Frame frame;
};

struct Goodwill {
  Goodwill() : env(PolicyEnvironment()), frame(LateParcel(env)) {}
  Environment env;
  Frame frame;
};

const Reference& TheReference() {
  static const Reference reference;
  return reference;
}
const Goodwill& TheGoodwill() {
  static const Goodwill goodwill;
  return goodwill;
}

}  // namespace

std::vector<BenchCase> BenchCases() {
  return {
      {"reference", "string-equals", "value_text == 'value'", "true", 10},
      {"reference", "string-differs", "value_text != 'value'", "false", 10},
      {"reference", "constant-in-list", "'value' in values", "true"},
      {"reference", "constant-not-in-list", "!('value' in letters)", "true"},
      {"reference", "in-four-constants", "c in ['a', 'b', 'c', 'd']", "true", 12},
      {"reference", "not-in-four-constants", "!(e in ['a', 'b', 'c', 'd'])", "true", 12},
      {"reference", "in-list", "c in letters", "true"},
      {"reference", "not-in-list", "!(e in letters)", "true"},
      {"reference", "exists-contains", "triples.exists(e, e.contains('cd'))", "true"},
      {"reference", "exists-starts", "triples.exists(e, e.startsWith('cd'))", "true"},
      {"reference", "exists-matches", "triples.exists(e, e.matches('cd*'))", "true"},
      {"reference", "filter-matches", "triples.filter(e, e.matches('^cd+')) == ['cde']", "true"},
      {"reference", "format", "'formatted list: %s, size: %d'.format([['abc', 'cde'], 2])",
       "\"formatted list: [abc, cde], size: 2\""},
      {"reference", "number-or-map", "ai == 20 || ar['foo'] == 'bar'", "true", 40},
      {"reference", "exists-ten-items", "numbers.exists(n, n > 9 && n < 11)", "true", 150},

      {"goodwill", "segment-equals", "customer.segment == \"standard\"", "true", 10},
      {"goodwill", "cause-in-two", "incident.cause in [\"customer\", \"force_majeure\"]", "false"},
      {"goodwill", "eligible", "customer.orders_completed >= 1 && customer.segment != \"employee\"",
       "true"},
      {"goodwill", "five-predicates",
       "customer.segment == \"standard\" && incident.cause != \"customer\" && vars.days_late >= 3 "
       "&& "
       "customer.orders_completed > 1 && incident.paid_delivery",
       "true", 40},
      {"goodwill", "rows",
       "vars.days_late >= 7 ? eur(20.00) : vars.days_late >= 3 ? eur(10.00) : eur(5.00)",
       "20.00 EUR"},
      {"goodwill", "percent", "order.total * percent(10)", "8.0000 EUR"},
      {"goodwill", "percent-round-cap",
       "min((order.total * percent(12.5)).round('half_up'), eur(50.00))", "10.00 EUR", 60},
      {"goodwill", "percent-clamp", "(order.total * percent(10)).clamp(eur(4.00), eur(50.00))",
       "8.0000 EUR"},
      {"goodwill", "days-late",
       "has(incident.delivered_at) ? daysBetween(incident.promised_at.date(), "
       "incident.delivered_at.date()) : 0",
       "8"},
      {"goodwill", "late-over-two-days",
       "has(incident.delivered_at) && incident.delivered_at - incident.promised_at > days(2)",
       "true"},
      {"goodwill", "optional-default", "incident.?parcels.orValue(1) > 1", "false"},
      {"goodwill", "guarded", "has(incident.parcels) && incident.parcels > 1", "false"},
      {"goodwill", "tag", "incident.tags.exists(t, t == \"gift\")", "true"},
      {"goodwill", "tag-in", "\"gift\" in incident.tags", "true"},
      {"goodwill", "id-pattern", "incident.id.matches(\"^i-[0-9]+$\")", "true"},
      {"goodwill", "id-prefix", "incident.id.startsWith(\"i-\")", "true"},
      {"goodwill", "outage-hours", "incident.outage >= hours(1)", "true"},
      {"goodwill", "per-day", "eur(2.50) * vars.days_late + eur(5.00)", "25.00 EUR"},
      {"goodwill", "rate-table",
       "table(\"ofcom\", \"delayed_repair\", incident.promised_at.date()) * vars.days_late",
       "78.08 GBP"},
      {"goodwill", "business-days",
       "businessDaysBetween(order.placed_on, date(\"2026-03-06\"), \"DE-BY\") > 3", "true"},
      {"goodwill", "records", "incident.cuts.exists(c, c.minutes >= 180)", "true"},
      {"goodwill", "records-guarded",
       "incident.cuts.filter(c, has(c.cause) && c.cause == \"storm\").size()", "1"},
      {"goodwill", "open-time", "businessDuration(incident.promised_at, now, \"DE-BY\") > hours(8)",
       "true"},
      {"goodwill", "next-opening", "incident.promised_at.nextOpening(\"DE-BY\") < now", "true"},
      {"goodwill", "full-blocks", "eur(30.00) * incident.outage.completed(minutes(30))",
       "90.00 EUR"},
  };
}

const Environment& BenchEnvironment(std::string_view group) {
  return group == "reference" ? TheReference().env : TheGoodwill().env;
}
std::span<const Value> BenchInputs(std::string_view group) {
  return group == "reference" ? TheReference().frame.values() : TheGoodwill().frame.values();
}

}  // namespace kulanz::cel
