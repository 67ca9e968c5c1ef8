// Journal: what clients asked and were told, and what the post office was handed. The auditor's only source.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/base/status.h"
#include "service/domain/decision.h"
#include "service/domain/time.h"
#include "service/domain/voucher.h"
#include "tests/simulation/post_office.h"
#include "tests/simulation/simulator/plan.h"

namespace kulanz::simulation {

// One try of a client at one server.
struct Attempt {
  Deadline asked{};
  Deadline answered{};
  bool connection_lost = false;  // the server died, or the answer did not come in time
  Status status;                 // as answered
  // The answer promises that this try changed nothing, and never will (base/status.h).
  bool HadNoEffect() const;
  bool IsUnknown() const { return connection_lost || (!status.ok() && !HadNoEffect()); }
};

// A decision as an answer tells it.
struct SeenDecision {
  Deadline asked{};
  Deadline answered{};
  Decision decision;
  bool replayed = false;
  bool withdrawn = false;
  std::string code;  // empty: none
  std::optional<Voucher> voucher;
  std::optional<DeliveryProgress> delivery;
  std::int64_t amount() const {
    return decision.voucher ? decision.voucher->amount.minor_units() : 0;
  }
};

struct ReportLog {
  Facts facts;
  std::vector<Attempt> attempts;
  std::vector<SeenDecision> seen;
};

struct WithdrawalLog {
  std::size_t incident = 0;
  std::vector<Attempt> attempts;
};

struct RedemptionLog {
  std::string code;
  std::string id;
  std::string order;
  std::string customer;
  std::int64_t order_total = 0;  // minor units
  std::int64_t amount = 0;       // minor units; 0: as much as possible
  std::string reservation;       // empty: none is named
  std::vector<Attempt> attempts;
  struct Success {
    std::size_t attempt = 0;
    std::int64_t amount = 0;
    bool replayed = false;
  };
  std::vector<Success> successes;
};

// What else is done to a voucher.
enum class Change : std::uint8_t { kReserve, kRelease, kReverse, kRevoke, kReissue };
std::string_view ChangeName(Change change);  // "reserve", ...

struct ChangeLog {
  Change change = Change::kReserve;
  std::string code;
  std::string id;           // of the reservation, redemption, revocation or reissue
  std::string order;        // of a reservation or reversal
  std::string customer;     // of a reservation
  std::int64_t amount = 0;  // of a reservation; 0: as much as possible
  Duration hold_for{0};     // of a reservation
  std::string voucher_id;   // names the voucher in place of a code of the pool
  std::vector<Attempt> attempts;
  struct Success {
    std::size_t attempt = 0;
    bool replayed = false;
    std::int64_t amount = 0;    // held, or given back
    Instant held_until{};       // of a reservation
    Instant usable_until{};     // of its voucher
    std::string new_code = {};  // of a reissue
    std::string new_voucher = {};
  };
  std::vector<Success> successes;
  // Of the first success, if there is one.
  const Attempt* FirstAcknowledged() const {
    return successes.empty() ? nullptr : &attempts[successes.front().attempt];
  }
};

// Codes that were put into the pool.
struct ImportLog {
  std::size_t first = 0;
  std::size_t count = 0;
  std::vector<Attempt> attempts;
  struct Success {
    std::size_t attempt = 0;
    std::uint64_t added = 0;
    std::uint64_t known = 0;
    std::size_t elsewhere = 0;
  };
  std::vector<Success> successes;
};

// Which incident and revision.
using CaseKey = std::pair<std::size_t, std::uint32_t>;

struct Journal {
  std::deque<ReportLog> reports;
  std::deque<WithdrawalLog> withdrawals;
  std::deque<RedemptionLog> redemptions;
  std::deque<ChangeLog> changes;
  std::deque<ImportLog> imports;
  std::set<std::string> codes;  // that anybody got to know
  // The vouchers that were told with a code of the pool, by it: their ids. More than one is one too many.
  std::map<std::string, std::set<std::string>> pool_vouchers;
  std::vector<Deadline> erasures;  // of any customer, when asked
  std::map<Deadline, Duration> clock_jumps;
  struct Away {
    Deadline from;
    Deadline until;
  };
  std::vector<Away> store_away;

  // ---- Asked at the end, when nothing goes wrong any more and everybody has had time ----
  std::map<CaseKey, std::optional<SeenDecision>> decisions;         // nothing: NOT_FOUND
  std::map<std::string, Voucher> vouchers;                          // by code
  std::map<std::size_t, std::vector<std::string>> listed;           // by customer: "I-3/1"
  std::map<std::size_t, std::vector<std::string>> vouchers_listed;  // by customer: their ids
  // What the servers say that all vouchers are worth, by the metric; nothing: they never said.
  std::optional<std::int64_t> liability;
  std::int64_t worth_before = 0;  // of all vouchers, as they were looked at before and after that
  std::int64_t worth_after = 0;
  Deadline looked_at{};            // the second time
  std::deque<ReportLog> repeated;  // reports, once more
  std::deque<RedemptionLog> redeemed_again;
  std::deque<ChangeLog> changed_again;
  std::deque<ReportLog> probes;  // of other customers, for what is left of the budget
  std::optional<std::uint64_t> pool_remaining;
  std::deque<ReportLog>
      pool_probes;  // of other customers, for what is left in the pool; then for what follows
  std::optional<ImportLog> pool_refill;  // of one code, when the pool has been emptied
  std::deque<ReportLog> refill_probes;   // for that code, twice
  std::string unanswered;                // what never got an answer
};

}  // namespace kulanz::simulation
