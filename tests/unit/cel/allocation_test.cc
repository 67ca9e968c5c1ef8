// The evaluation path calls the heap only until the arena has its size.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <string_view>

#include "tests/unit/cel/policy_environment.h"

namespace {
thread_local std::size_t allocations = 0;
}  // namespace

// g++ does not see that the replaced operators belong together once it has inlined one of them.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

// Counts for the whole test program; nothing else changes.
void* operator new(std::size_t size) {
  ++allocations;
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) {
    std::abort();
  }
  return memory;
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace kulanz::cel {
namespace {

class Allocations : public testing::TestWithParam<std::string_view> {};

TEST_P(Allocations, AreNoneOnceTheArenaHasItsSize) {
  const Environment env = PolicyEnvironment();
  const Frame frame = LateParcel(env);
  const CompileResult compiled = Compile(GetParam(), env);
  ASSERT_TRUE(compiled.ok()) << Problems(compiled, GetParam());
  Arena arena;
  (void)compiled.program->Evaluate(frame.values(), arena);
  const std::size_t before = allocations;
  for (int i = 0; i < 100; ++i) {
    arena.Reset();
    (void)compiled.program->Evaluate(frame.values(), arena);
  }
  EXPECT_EQ(allocations, before) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(
    Evaluation, Allocations,
    testing::Values(
        "customer.segment == \"standard\" && incident.cause in [\"carrier\", \"warehouse\"]",
        "(order.total * percent(12.5)).round('half_up').clamp(eur(4.00), eur(50.00))",
        "has(incident.delivered_at) ? daysBetween(incident.promised_at.date(), "
        "incident.delivered_at.date()) : 0",
        "incident.tags.map(t, t + \"!\").filter(t, t.size() > 4).exists(t, t == \"gift!\")",
        "\"%s owes %s on %s\".format([incident.id, order.total, order.placed_on])",
        "incident.id.matches(\"^i-[0-9]+$\") && incident.id.replace(\"i\", "
        "\"j\").startsWith(\"j\")",
        "{\"a\": order.total, \"b\": eur(1)}.map(k, k).size() == 2",
        "table(\"ofcom\", \"delayed_repair\", order.placed_on) * vars.days_late",
        "incident.?parcels.orValue(1) + int(string(vars.days_late)) > 1",
        "date(\"2026-02-28\").addBusinessDays(vars.days_late, \"DE-BY\") > order.placed_on",
        "incident.cuts.exists(c, has(c.cause) && c.cause == \"storm\" && c.minutes >= 180)",
        "now.date(\"Asia/Tokyo\").timestamp(\"Asia/Tokyo\") < now + days(2)"));

}  // namespace
}  // namespace kulanz::cel
