// Journal: what clients asked and were told, and what the post office was handed. The auditor's only source.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
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
  std::vector<Attempt> attempts;
  struct Success {
    std::size_t attempt = 0;
    std::int64_t amount = 0;
    bool replayed = false;
  };
  std::vector<Success> successes;
};

// Which incident and revision.
using CaseKey = std::pair<std::size_t, std::uint32_t>;

struct Journal {
  std::deque<ReportLog> reports;
  std::deque<WithdrawalLog> withdrawals;
  std::deque<RedemptionLog> redemptions;
  std::vector<Deadline> erasures;  // of any customer, when asked
  std::map<Deadline, Duration> clock_jumps;
  struct Away {
    Deadline from;
    Deadline until;
  };
  std::vector<Away> store_away;

  // ---- Asked at the end, when nothing goes wrong any more and everybody has had time ----
  std::map<CaseKey, std::optional<SeenDecision>> decisions;  // nothing: NOT_FOUND
  std::map<std::string, Voucher> vouchers;                   // by code
  std::map<std::size_t, std::vector<std::string>> listed;    // by customer: "I-3/1"
  std::deque<ReportLog> repeated;                            // reports, once more
  std::deque<RedemptionLog> redeemed_again;
  std::deque<ReportLog> probes;  // of other customers, for what is left of the budget
  std::string unanswered;        // what never got an answer
};

}  // namespace kulanz::simulation
