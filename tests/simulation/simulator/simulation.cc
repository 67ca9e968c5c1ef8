#include "tests/simulation/simulator/simulation.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "tests/simulation/simulator/auditor.h"
#include "tests/simulation/simulator/clients.h"
#include "tests/simulation/simulator/cluster.h"
#include "tests/simulation/simulator/epilogue.h"
#include "tests/simulation/simulator/plan.h"

namespace kulanz::simulation {
namespace {

// Longest time that anything may take once nothing goes wrong any more.
constexpr Duration kAnswersWithin{60'000};
constexpr Duration kLateMax{3'000};
constexpr Duration kBetweenRounds{4'000};

class Run {
 public:
  Run(std::uint64_t seed, Bug bug, bool with_traffic)
      : plan_(DrawPlan(seed)), world_(seed), database_(world_, plan_.partitions) {
    database_.late_max = kLateMax;
    database_.Plant(
        [this, bug](ports::Store& store) { return PlantInDatabase(bug, store, common_.codec); });
    if (with_traffic) {
      database_.on_traffic = [this](const std::string& call) { trace_.Detail(call); };
    }
    OpenPostOffice();
    common_.watches_pools = plan_.has_pool;
    cluster_.emplace(database_, common_, office_, journal_, trace_, bug);
    clients_.emplace(*cluster_, journal_, plan_);
  }
  ~Run() {
    cluster_->KillAll();
    clients_.reset();
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  RunReport Go(std::uint64_t seed) {
    for (int i = 0; i < plan_.servers; ++i) {
      cluster_->Start();
    }
    database_.faults = plan_.network;
    Schedule();
    world_.RunFor(plan_.active);
    trace_.Note("nothing goes wrong any more");
    database_.faults = {};
    calmed_ = true;
    RunReport report;
    report.seed = seed;
    if (!Settled()) {
      journal_.unanswered =
          journal_.unanswered.empty() ? "a client never got an answer" : journal_.unanswered;
    } else {
      clients_->CloseShops();
      world_.RunFor(UntilNobodyStandsStill() + kLateMax);
      AskForEverything(*clients_, journal_, plan_,
                       [this](std::vector<Task<void>> tasks) { return RunAll(std::move(tasks)); });
    }
    report.violation = Audit(journal_, office_, plan_, common_.settings);
    Count(report);
    report.trace_hash = trace_.hash();
    report.trace = trace_.lines();
    return report;
  }

 private:
  void OpenPostOffice();
  void Schedule();
  void Count(RunReport& report) const;

  bool Settled() {
    return world_.RunUntil([this] { return clients_->open() == 0; }, kAnswersWithin);
  }
  // Who stood still may still act on what its client has long given up.
  Duration UntilNobodyStandsStill() const {
    Duration until{0};
    for (const AccidentPlan& accident : plan_.accidents) {
      if (accident.accident == Accident::kStop) {
        until = std::max(until, accident.at + accident.length + Clients::kPatience);
      }
    }
    const auto now = std::chrono::duration_cast<Duration>(world_.now().time_since_epoch());
    return std::max(until - now, Duration{0});
  }
  // Without tasks: lets time pass.
  bool RunAll(std::vector<Task<void>> tasks) {
    if (tasks.empty() && clients_->open() == 0) {
      world_.RunFor(kBetweenRounds);
    }
    auto open = std::make_shared<std::size_t>(tasks.size());
    for (Task<void>& task : tasks) {
      SpawnThen(std::move(task), [open] { --*open; });
    }
    return world_.RunUntil([this, open] { return *open == 0 && clients_->open() == 0; },
                           kAnswersWithin);
  }

  const Plan plan_;
  SimWorld world_;
  SimDatabase database_;
  Trace trace_{world_};
  Journal journal_;
  Common common_{plan_.partitions};
  PostOffice office_;
  std::optional<Cluster> cluster_;
  std::optional<Clients> clients_;
  bool calmed_ = false;
};

void Run::OpenPostOffice() {
  office_.answer = [this](const ports::Delivery&) {
    ports::DeliveryReport report{ports::DeliveryResult::kAccepted, "", "", std::nullopt};
    Random& random = world_.random();
    if (!calmed_ && random.Chance(plan_.letters_refused)) {
      report = {ports::DeliveryResult::kRetry, "SMTP_451", "", std::nullopt};
      report.result = random.Chance(50) ? ports::DeliveryResult::kUndeliverable : report.result;
      report.result = random.Chance(20) ? ports::DeliveryResult::kMisconfigured : report.result;
    }
    return report;
  };
  office_.takes = [this] { return Duration{world_.random().Between(0, 100)}; };
  office_.on_item = [this](const PostOffice::Item& item) {
    const bool accepted = item.report.result == ports::DeliveryResult::kAccepted;
    const ports::Delivery& letter = item.delivery;
    const std::string code = letter.voucher ? letter.voucher->code.Reveal("") : "";
    trace_.Note("letter for " + letter.incident.id.text() + "/" +
                std::to_string(letter.incident.revision) + " " + code +
                (accepted ? " accepted" : " refused"));
    if (accepted && !code.empty()) {
      clients_->NotePoolCode(code, letter.voucher->voucher.id);
      clients_->Learn(code, ToFacts(letter.incident));
    }
  };
}

void Run::Schedule() {
  for (std::size_t i = 0; i < plan_.customers.size(); ++i) {
    world_.After(plan_.customers[i].arrives, [this, i] { clients_->Introduce(i); });
    if (plan_.customers[i].erased > Duration{0}) {
      world_.After(plan_.customers[i].erased, [this, i] { clients_->Erase(i); });
    }
  }
  for (const ReportPlan& report : plan_.reports) {
    world_.After(report.at,
                 [this, report] { clients_->Report(report.facts, report.attempts_max); });
  }
  for (const WithdrawalPlan& withdrawal : plan_.withdrawals) {
    world_.After(withdrawal.at, [this, withdrawal] { clients_->Withdraw(withdrawal.incident); });
  }
  for (const ImportPlan& import : plan_.imports) {
    world_.After(import.at, [this, import] { clients_->Import(import); });
  }
  for (const AccidentPlan& accident : plan_.accidents) {
    world_.After(accident.at, [this, accident] { cluster_->Suffer(accident); });
  }
}

void Run::Count(RunReport& report) const {
  for (const auto& [key, seen] : journal_.decisions) {
    report.decisions += seen ? 1U : 0U;
    report.pool_codes += seen && IsPoolCode(seen->code) ? 1U : 0U;
    report.pool_empty += seen && seen->decision.reason == reason::kPoolEmpty ? 1U : 0U;
  }
  report.vouchers = journal_.vouchers.size();
  for (const RedemptionLog& redemption : journal_.redemptions) {
    report.redemptions += redemption.successes.empty() ? 0U : 1U;
  }
  report.withdrawals = journal_.withdrawals.size();
  for (const ChangeLog& log : journal_.changes) {
    const std::size_t done = log.successes.empty() ? 0 : 1;
    report.reservations += log.change == Change::kReserve ? done : 0;
    report.reversals += log.change == Change::kReverse ? done : 0;
    report.reissues += log.change == Change::kReissue ? done : 0;
    report.revocations += log.change == Change::kRevoke ? done : 0;
  }
  std::vector<std::string> ids;
  for (const PostOffice::Item& item : office_.items) {
    if (item.report.result == ports::DeliveryResult::kAccepted) {
      ++report.letters;
      const bool known = std::find(ids.begin(), ids.end(), item.delivery.id) != ids.end();
      report.repeated_letters += known ? 1U : 0U;
      ids.push_back(item.delivery.id);
    }
  }
  const auto recovered = common_.telemetry.budget_events.find("recovered");
  report.recovered_leases = recovered == common_.telemetry.budget_events.end()
                                ? 0
                                : static_cast<std::size_t>(recovered->second);
  report.accidents = plan_.accidents.size();
}

std::string FormatLine(const Trace::Line& line) {
  const auto ms = std::chrono::duration_cast<Duration>(line.at.time_since_epoch()).count();
  std::string time = std::to_string(ms / 1000) + "." + std::to_string(1000 + ms % 1000).substr(1);
  return std::string(time.size() < 8 ? 8 - time.size() : 0, ' ') + time + "  " + line.text + "\n";
}

// As a word: "I-1" is not in "I-12".
bool Mentions(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if (end == text.size() || (text[end] < '0' || text[end] > '9')) {
      return true;
    }
  }
  return false;
}

}  // namespace

RunReport Simulate(std::uint64_t seed, Bug bug, bool with_traffic) {
  return Run(seed, bug, with_traffic).Go(seed);
}

std::string Explain(const RunReport& report, Bug bug) {
  if (!report.violation) {
    return "seed " + std::to_string(report.seed) + ": every promise is kept\n";
  }
  std::string planted;
  for (const BugName& named : AllBugs()) {
    planted = named.bug == bug ? " --bug " + std::string(named.name) : planted;
  }
  const Violation& violation = *report.violation;
  std::string text = "seed " + std::to_string(report.seed) + " breaks " + violation.promise + ": " +
                     violation.what + "\n  repeat it: kulanz-sim --first " +
                     std::to_string(report.seed) + " --seeds 1 --traffic" + planted + "\n";
  constexpr std::size_t kLinesMax = 60;
  std::vector<std::string> lines;
  for (const Trace::Line& line : report.trace) {
    const bool about_all = line.text.starts_with("server") || line.text.find("the store") == 0 ||
                           line.text.starts_with("nothing");
    if (violation.subject.empty() || about_all || Mentions(line.text, violation.subject)) {
      lines.push_back(FormatLine(line));
    }
  }
  const std::size_t left_out = lines.size() > kLinesMax ? lines.size() - kLinesMax : 0;
  if (left_out > 0) {
    text += "  (" + std::to_string(left_out) + " earlier lines: --trace)\n";
  }
  for (std::size_t i = left_out; i < lines.size(); ++i) {
    text += lines[i];
  }
  return text;
}

}  // namespace kulanz::simulation
