// Real incidents through Decide alone, row by row against decisions that an independent program made.
//
// The data is not part of the repository: it is looked for in $KULANZ_REFERENCE_DATA, then in
// ../shared/data beside the repository. Without it the tests are skipped.
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "service/engine/decide.h"
#include "service/policy/loader.h"
#include "tests/support/paths/paths.h"

namespace kulanz::engine {
namespace {

namespace fs = std::filesystem;
using Row = std::map<std::string, std::string, std::less<>>;

fs::path DataFolder() {
  const char* const named = std::getenv("KULANZ_REFERENCE_DATA");
  return named != nullptr ? fs::path(named) : fs::path(test::SourcePath("../shared/data"));
}

std::string Unpack(const fs::path& path) {
  const gzFile file = gzopen(path.c_str(), "rb");
  EXPECT_NE(file, nullptr) << path;
  std::string text;
  std::array<char, 1 << 16> buffer{};
  int size = 0;
  while (file != nullptr && (size = gzread(file, buffer.data(), buffer.size())) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
  gzclose(file);
  return text;
}

// One line of a CSV file with quotes (RFC 4180); line breaks within fields do not occur here.
std::vector<std::string> SplitLine(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') {
      if (quoted && i + 1 < line.size() && line[i + 1] == '"') {
        fields.back() += line[i++];
      } else {
        quoted = !quoted;
      }
    } else if (line[i] == ',' && !quoted) {
      fields.emplace_back();
    } else if (line[i] != '\r') {
      fields.back() += line[i];
    }
  }
  return fields;
}

// Calls `visit` with the wanted columns of each row.
template <typename Visit>
void ReadCsv(const fs::path& path, const std::vector<std::string>& columns, const Visit& visit) {
  const std::string text = Unpack(path);
  std::vector<std::size_t> places;
  std::vector<std::string> wanted(columns.size());
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::vector<std::string> fields =
        SplitLine(std::string_view(text).substr(begin, end - begin));
    if (places.empty()) {
      for (const std::string& column : columns) {
        const auto place = std::find(fields.begin(), fields.end(), column);
        ASSERT_NE(place, fields.end()) << column;
        places.push_back(static_cast<std::size_t>(place - fields.begin()));
      }
    } else {
      for (std::size_t i = 0; i < places.size(); ++i) {
        wanted[i] = fields.at(places[i]);
      }
      visit(wanted);
    }
    begin = end + 1;
  }
}

struct Event {
  std::string id;
  std::string customer;
  Instant promised_at;
  Instant completed_at;
};

std::vector<Event> ReadEvents(const fs::path& path) {
  std::vector<Event> events;
  ReadCsv(path, {"event_id", "customer_id", "promised_at", "completed_at"},
          [&events](const std::vector<std::string>& row) {
            if (!row[2].empty() && !row[3].empty()) {
              events.push_back({.id = row[0],
                                .customer = row[1],
                                .promised_at = ParseInstant(row[2]).value(),
                                .completed_at = ParseInstant(row[3]).value()});
            }
          });
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return std::tie(a.completed_at, a.id) < std::tie(b.completed_at, b.id);
  });
  return events;
}

struct Expected {
  std::string amount;
  std::string decision;
  std::string month_spent_after;
};

std::unordered_map<std::string, Expected> ReadExpected(const fs::path& path) {
  std::unordered_map<std::string, Expected> expected;
  ReadCsv(path, {"event_id", "amount", "decision", "month_spent_after"},
          [&expected](const std::vector<std::string>& row) {
            expected[row[0]] = {.amount = row[1], .decision = row[2], .month_spent_after = row[3]};
          });
  return expected;
}

// Histories and budgets as the server keeps them, in memory and exact.
class World {
 public:
  explicit World(std::shared_ptr<const policy::PolicySet> policies)
      : policies_(std::move(policies)) {}

  Verdict Report(const Event& event) {
    customer_.id = CustomerId(event.customer);
    incident_.id = IncidentId(event.id);
    incident_.customer = customer_.id;
    incident_.type = "late_delivery";
    incident_.occurred_at = event.completed_at;
    incident_.attributes["promised_at"] = event.promised_at;
    incident_.attributes["delivered_at"] = event.completed_at;
    Violations violations;
    policy::ValidateIncident(*policies_, incident_, violations);
    EXPECT_TRUE(violations.empty());
    History& history = histories_[event.customer];
    std::vector<ExhaustedBudget> exhausted;
    while (true) {
      Verdict verdict = Decide(*policies_, {.incident = incident_,
                                            .customer = customer_,
                                            .history = history,
                                            .exhausted = exhausted,
                                            .now = event.completed_at});
      if (!verdict.budget) {
        return verdict;
      }
      const Money amount = verdict.decision.voucher->amount;
      std::int64_t& spent = spent_[FormatDate(verdict.budget->starts)];
      if (spent + amount.minor_units() <= verdict.budget->cap.minor_units()) {
        spent += amount.minor_units();
        history.gestures.push_back({.incident = incident_.id,
                                    .policy = verdict.decision.policy,
                                    .at = event.completed_at,
                                    .amount = amount,
                                    .once_per = {}});
        return verdict;
      }
      exhausted.push_back({.budget = *verdict.budget, .amount = amount});
    }
  }

  std::int64_t SpentIn(Instant at) const {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day ymd(day);
    const auto spent = spent_.find(FormatDate(Date(ymd.year() / ymd.month() / 1)));
    return spent == spent_.end() ? 0 : spent->second;
  }

 private:
  std::shared_ptr<const policy::PolicySet> policies_;
  Customer customer_;
  Incident incident_;
  std::unordered_map<std::string, History> histories_;
  std::map<std::string, std::int64_t> spent_;  // by the month's first day
};

std::string DecisionWord(const Decision& decision) {
  if (decision.outcome == Outcome::kGranted) {
    return "issue";
  }
  if (decision.reason == reason::kCustomerLimit) {
    return "customer_cap";
  }
  return decision.reason == reason::kBudgetExhausted ? "budget" : decision.reason;
}

struct Totals {
  int decided = 0;
  int issued = 0;
  int capped = 0;
  int budget = 0;
  std::int64_t given_minor = 0;
  friend bool operator==(const Totals&, const Totals&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Totals& t) {
    return out << t.decided << " decided, " << t.issued << " issued, " << t.capped << " capped, "
               << t.budget << " out of budget, " << t.given_minor << " minor units";
  }
};

void Count(const Decision& decision, Totals& totals) {
  ++totals.decided;
  totals.issued += decision.outcome == Outcome::kGranted ? 1 : 0;
  totals.capped += decision.reason == reason::kCustomerLimit ? 1 : 0;
  totals.budget += decision.reason == reason::kBudgetExhausted ? 1 : 0;
  totals.given_minor += decision.voucher ? decision.voucher->amount.minor_units() : 0;
}

Totals Replay(const std::string& events_file, const std::string& expected_file,
              const std::string& policy_folder) {
  const fs::path data = DataFolder();
  const policy::LoadResult loaded =
      policy::LoadPolicySet(test::SourcePath("tests/data/reference") + "/" + policy_folder);
  EXPECT_TRUE(loaded.ok()) << policy::Render(loaded.diagnostics);
  Totals totals;
  if (!loaded.ok()) {
    return totals;
  }
  const auto expected = ReadExpected(data / "expected" / expected_file);
  World world(loaded.policies);
  int wrong = 0;
  for (const Event& event : ReadEvents(data / events_file)) {
    const Verdict verdict = world.Report(event);
    const auto wanted = expected.find(event.id);
    if (wanted == expected.end()) {
      EXPECT_EQ(verdict.decision.reason, reason::kNotEligible) << event.id;
      continue;
    }
    Count(verdict.decision, totals);
    const std::string word = DecisionWord(verdict.decision);
    const std::int64_t spent = world.SpentIn(event.completed_at);
    const bool same = word == wanted->second.decision &&
                      spent == std::stoll(wanted->second.month_spent_after) * 100 &&
                      (word != "issue" || verdict.decision.voucher->amount.minor_units() ==
                                              std::stoll(wanted->second.amount) * 100);
    if (!same && ++wrong <= 10) {
      ADD_FAILURE() << event.id << ": " << word << ", expected " << wanted->second.decision << " "
                    << wanted->second.amount << ", month " << spent;
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(static_cast<std::size_t>(totals.decided), expected.size());
  return totals;
}

#define SKIP_WITHOUT_DATA()                                                              \
  if (!fs::exists(DataFolder() / "scms-deliveries.csv.gz")) {                            \
    GTEST_SKIP() << "NO REFERENCE DATA in " << DataFolder() << ": nothing was replayed"; \
  }

TEST(ReferenceReplayTest, DeliveriesUnderPolicyA) {
  SKIP_WITHOUT_DATA();
  EXPECT_EQ(
      Replay("scms-deliveries.csv.gz", "scms.policy-A.decisions.csv.gz", "policy-a"),
      (Totals{.decided = 1186, .issued = 391, .capped = 795, .budget = 0, .given_minor = 561'000}));
}

TEST(ReferenceReplayTest, FlightsUnderPolicyA) {
  SKIP_WITHOUT_DATA();
  EXPECT_EQ(Replay("nyc-flights.csv.gz", "nyc-flights.policy-A.decisions.csv.gz", "policy-a"),
            (Totals{.decided = 133'004,
                    .issued = 17'098,
                    .capped = 115'906,
                    .budget = 0,
                    .given_minor = 8'549'000}));
}

TEST(ReferenceReplayTest, FlightsUnderPolicyB) {
  SKIP_WITHOUT_DATA();
  EXPECT_EQ(Replay("nyc-flights.csv.gz", "nyc-flights.policy-B.decisions.csv.gz", "policy-b"),
            (Totals{.decided = 28'317,
                    .issued = 9'770,
                    .capped = 18'547,
                    .budget = 0,
                    .given_minor = 7'855'000}));
}

}  // namespace
}  // namespace kulanz::engine
