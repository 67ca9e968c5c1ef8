// Plan: everything that a run of the simulator starts from, drawn from its seed: who there is, what clients
// will ask, and what will go wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "service/domain/incident.h"
#include "service/domain/time.h"
#include "tests/simulation/sim_database.h"

namespace kulanz::simulation {

// What tests/simulation/rules gives; amounts are minor units of EUR.
// Of late deliveries and missed appointments together, a month.
inline constexpr std::int64_t kBudgetCap = 6'000;
inline constexpr std::int64_t kSmallestGesture = 500;  // from the budget
inline constexpr std::int64_t kMinimumOrder = 2'000;   // of vouchers for late deliveries
inline constexpr std::size_t kVouchersMax = 2;         // per customer within kLimitDays
inline constexpr std::size_t kApologiesMax = 1;        // plain ones, likewise
inline constexpr int kLimitDays = 30;
inline constexpr std::int64_t kPoolGesture = 600;  // what each code of the pool is worth
inline constexpr const char* kPoolName = "treats";
inline constexpr std::size_t kPoolCodesMax = 10;  // imported while things go wrong

// The last three are given codes of a pool; when it is empty they are denied, reviewed, and given one of ours.
enum class Fault : std::uint8_t {
  kLateDelivery,
  kOutage,
  kRudeAnswer,
  kMissedAppointment,
  kSpoiledFood,
  kLostParcel,
  kBrokenGift
};

// One report, as a client would write it down.
struct Facts {
  std::size_t customer = 0;
  std::size_t incident = 0;
  std::uint32_t revision = 0;
  Fault fault = Fault::kLateDelivery;
  int days_ago = 0;  // when it occurred
  std::size_t order = 0;
  int days_late = 0;  // the only fact that may differ between revisions
  friend bool operator==(const Facts&, const Facts&) = default;
};

// Whether both can be reports of the same incident.
bool SameIdentity(const Facts& a, const Facts& b);
bool IsBudgeted(Fault fault);
bool IsLimited(Fault fault);  // by kVouchersMax, which counts all vouchers
bool IsOfPool(Fault fault);
// What a report is worth by itself; nothing for a plain apology.
std::int64_t WorthOf(const Facts& facts);
Instant OccurredAt(const Facts& facts);
Incident ToIncident(const Facts& facts);
Facts ToFacts(const Incident& incident);
std::string CustomerName(std::size_t number);
std::size_t NumberIn(const std::string& name);  // 3 of "I-3"
std::string IncidentName(std::size_t number);
std::string NameOf(const Facts& facts);        // "I-3/1"
std::string PoolCodeName(std::size_t number);  // "TREAT-3"
bool IsPoolCode(const std::string& code);

struct ReportPlan {
  Facts facts;
  Duration at{0};
  int attempts_max = 0;  // 0: until there is an answer
};
struct CustomerPlan {
  Duration arrives{0};  // reports before it are refused
  bool consents = true;
  Duration erased{0};  // 0: never
};
struct WithdrawalPlan {
  std::size_t incident = 0;
  Duration at{0};
};

// Codes for the pool, as one message of the stream has them.
struct ImportPlan {
  std::size_t first = 0;
  std::size_t count = 0;
  Duration at{0};
};

enum class Accident : std::uint8_t { kKill, kStop, kShutdown, kStoreAway, kClockJump };
struct AccidentPlan {
  Accident accident = Accident::kKill;
  Duration at{0};
  Duration length{0};  // how long it is stopped or away; by how much the clock jumps
};

struct Plan {
  std::uint32_t partitions = 1;
  int servers = 1;
  Duration active{0};  // nothing goes wrong afterwards
  std::vector<CustomerPlan> customers;
  std::vector<ReportPlan> reports;
  std::vector<WithdrawalPlan> withdrawals;
  std::vector<AccidentPlan> accidents;
  bool has_pool = false;  // otherwise nobody reports what is given codes of it
  std::vector<ImportPlan> imports;
  NetworkFaults network;
  std::int64_t connections_lost = 0;  // per thousand answers to clients
  std::int64_t letters_refused = 0;   // per thousand attempts
  std::int64_t redeemed = 0;          // per thousand codes that somebody gets to know
  std::int64_t changed = 0;  // per thousand likewise, each: held, changed, its order cancelled
  bool calm = false;         // nothing goes wrong at all
};

Plan DrawPlan(std::uint64_t seed);

}  // namespace kulanz::simulation
