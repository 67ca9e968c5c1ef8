// The twenty lines of service/cel/README.md.
#include <gtest/gtest.h>

#include <vector>

#include "service/cel/program.h"

namespace kulanz::cel {
namespace {

TEST(Embedding, TakesTheTwentyLinesOfTheReadme) {
  Environment env(Mode::kPolicy);
  ASSERT_TRUE(
      env.AddStruct(
             "order",
             {{.name = "id", .type = Type::String(), .max_size = 64},
              {.name = "total", .type = Type::Money(), .currency = Currency::FromCode("EUR")},
              {.name = "coupon", .type = Type::String(), .required = false, .max_size = 20}})
          .ok());
  ASSERT_TRUE(env.AddVariable({.name = "now", .type = Type::Timestamp()}).ok());

  const CompileResult rule =
      Compile("min(order.total * percent(10), eur(50.00))", env, {.type = Type::Money()});
  ASSERT_TRUE(rule.ok());

  std::vector<Value> frame(static_cast<std::size_t>(env.slot_count()));
  const auto set = [&](std::string_view name, Value value) {
    frame[static_cast<std::size_t>(*env.SlotOf(name))] = value;
  };
  set("order.id", Value::String("o-1"));
  set("order.total", Value::Of(*Money::Parse("80.00", *Currency::FromCode("EUR"))));
  set("now", Value::Of(kMinInstant));

  Arena arena;
  const Value amount = rule.program->Evaluate(frame, arena);
  ASSERT_FALSE(amount.is_error());
  EXPECT_EQ(amount.as_money().ToMoney(Rounding::kHalfUp),
            Money::Parse("8.00", *Currency::FromCode("EUR")));
  EXPECT_EQ(rule.program->currency(), Currency::FromCode("EUR"));
}

}  // namespace
}  // namespace kulanz::cel
