#include "service/kulanz/simulate/totals.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <tuple>

#include "service/kulanz/terminal/progress_bar.h"
#include "service/policy/policy.h"

namespace kulanz::command {
namespace {

class Counter {
 public:
  Counter(const IncidentLog& log, const Simulation& simulation, Totals& totals)
      : log_(log), simulation_(simulation), totals_(totals), customers_(log.customers.size()) {}

  void Count() {
    FindSpan();
    for (std::size_t i = 0; i < log_.reports.size(); ++i) {
      CountReport(log_.reports[i], simulation_.outcomes()[i]);
    }
    CountCustomers();
    for (const auto& [key, use] : simulation_.budgets().uses()) {
      totals_.budgets.push_back(use);
    }
    for (const auto& [policy, customers] : held_out_) {
      totals_.held_out_customers[policy] = customers.size();
    }
  }

 private:
  struct CustomerCount {
    std::size_t decided = 0;
    std::size_t gestures = 0;
    MoneySums cost;
  };

  void FindSpan() {
    bool is_first = true;
    for (const ReportedIncident& report : log_.reports) {
      if (report.refused.empty()) {
        const Date day = std::chrono::floor<std::chrono::days>(report.incident.occurred_at);
        totals_.first_day = is_first ? day : std::min(totals_.first_day, day);
        totals_.last_day = is_first ? day : std::max(totals_.last_day, day);
        is_first = false;
      }
    }
    if (is_first) {
      return;
    }
    totals_.granularity = GranularityOf(totals_.first_day, totals_.last_day);
    for (Date start = PeriodOf(totals_.granularity, totals_.first_day); start <= totals_.last_day;
         start = NextPeriod(totals_.granularity, start)) {
      totals_.periods[start];
    }
  }

  static void Add(Tally& tally, const CaseOutcome& outcome) {
    ++tally.reports;
    if (outcome.amount) {
      ++tally.vouchers;
      tally.cost.Add(*outcome.amount);
    }
    if (outcome.proposed) {
      tally.proposed.Add(*outcome.proposed);
    }
  }

  void CountReport(const ReportedIncident& report, const CaseOutcome& outcome) {
    if (outcome.is_refused) {
      ++totals_.refused[outcome.reason];
      return;
    }
    if (outcome.is_repeated) {
      ++totals_.repeated;
      return;
    }
    ++totals_.decided;
    ++totals_.by_outcome.at(static_cast<std::size_t>(outcome.outcome));
    Add(totals_.all, outcome);
    if (outcome.outcome == Outcome::kDenied) {
      Add(totals_.denied[outcome.reason], outcome);
    } else if (outcome.outcome == Outcome::kReview) {
      Add(totals_.reviewed[outcome.reason], outcome);
    }
    if (outcome.policy != nullptr) {
      ++totals_.by_severity.at(static_cast<std::size_t>(outcome.severity));
      const std::string& policy = outcome.policy->id.text();
      Add(totals_.policies[policy], outcome);
      Add(totals_.departments[outcome.policy->department], outcome);
      if (outcome.is_held_out) {
        Add(totals_.held_out[policy], outcome);
        held_out_[policy].insert(report.customer);
      }
      if (outcome.amount) {
        const Date day = std::chrono::floor<std::chrono::days>(report.incident.occurred_at);
        Add(totals_.periods[PeriodOf(totals_.granularity, day)][policy], outcome);
      }
    }
    CountShadow(outcome);
    CustomerCount& customer = customers_[report.customer];
    ++customer.decided;
    if (outcome.amount) {
      // A top-up makes a gesture larger, not more.
      customer.gestures += report.earlier_revision == kNoReport || !HasGiven(report) ? 1U : 0U;
      customer.cost.Add(*outcome.amount);
    }
  }

  bool HasGiven(const ReportedIncident& report) const {
    for (std::uint32_t i = report.earlier_revision; i != kNoReport;
         i = log_.reports[i].earlier_revision) {
      if (simulation_.outcomes()[i].amount) {
        return true;
      }
    }
    return false;
  }

  void CountShadow(const CaseOutcome& outcome) {
    for (const ShadowDecision& shadow : outcome.shadow) {
      Tally& tally = totals_.shadow[shadow.policy.text()];
      ++tally.reports;
      if (shadow.outcome == Outcome::kGranted && shadow.amount) {
        ++tally.vouchers;
        tally.cost.Add(*shadow.amount);
      }
    }
  }

  void CountCustomers() {
    for (std::size_t i = 0; i < customers_.size(); ++i) {
      const CustomerCount& customer = customers_[i];
      if (customer.decided == 0) {
        continue;
      }
      ++totals_.customers;
      if (totals_.customers_by_gestures.size() <= customer.gestures) {
        totals_.customers_by_gestures.resize(customer.gestures + 1);
      }
      ++totals_.customers_by_gestures[customer.gestures];
      if (customer.gestures > 0) {
        totals_.top_customers.push_back(
            {log_.customers[i].text(), customer.gestures, customer.cost});
      }
    }
    // By what they cost in the currency that most was given in, then by id.
    Currency main = *Currency::FromCode("EUR");
    std::int64_t most = -1;
    for (const auto& [currency, sum] : totals_.all.cost.sums()) {
      if (sum > most) {
        main = currency;
        most = sum;
      }
    }
    std::sort(totals_.top_customers.begin(), totals_.top_customers.end(),
              [main](const CustomerTotal& a, const CustomerTotal& b) {
                return std::tuple(-a.cost.Of(main), std::string_view(a.id)) <
                       std::tuple(-b.cost.Of(main), std::string_view(b.id));
              });
    if (totals_.top_customers.size() > kTopCustomers) {
      totals_.top_customers.resize(kTopCustomers);
    }
  }

  const IncidentLog& log_;
  const Simulation& simulation_;
  Totals& totals_;
  std::vector<CustomerCount> customers_;
  std::map<std::string, std::set<std::uint32_t>> held_out_;
};

}  // namespace

void MoneySums::Add(const MoneySums& other) {
  for (const auto& [currency, sum] : other.minor_units_) {
    minor_units_[currency] += sum;
  }
}

std::int64_t MoneySums::Of(Currency currency) const {
  const auto found = minor_units_.find(currency);
  return found == minor_units_.end() ? 0 : found->second;
}

std::string MoneySums::ToText() const {
  std::string text;
  for (const auto& [currency, sum] : minor_units_) {
    text += (text.empty() ? "" : ", ") + GroupedAmount(sum, currency) + " " +
            std::string(currency.code());
  }
  return text.empty() ? "0" : text;
}

std::string GroupedAmount(std::int64_t minor_units, Currency currency) {
  std::int64_t per_unit = 1;
  for (int i = 0; i < currency.exponent(); ++i) {
    per_unit *= 10;
  }
  const bool is_negative = minor_units < 0;
  const std::int64_t absolute = is_negative ? -minor_units : minor_units;
  std::string text = Grouped(static_cast<std::size_t>(absolute / per_unit));
  if (currency.exponent() > 0) {
    std::string fraction = std::to_string(absolute % per_unit);
    fraction.insert(0, static_cast<std::size_t>(currency.exponent()) - fraction.size(), '0');
    text += "." + fraction;
  }
  return (is_negative ? "-" : "") + text;
}

Totals Summarise(const IncidentLog& log, const Simulation& simulation) {
  Totals totals;
  totals.rows = log.rows;
  totals.skipped = log.skipped;
  totals.unreadable = log.unreadable;
  Counter(log, simulation, totals).Count();
  return totals;
}

Granularity GranularityOf(Date first, Date last) {
  const auto days = (last - first).count() + 1;
  constexpr std::int64_t kDaysMax = 45;
  constexpr std::int64_t kWeeksMax = 40 * 7;
  constexpr std::int64_t kMonthsMax = 48 * 31;
  return days <= kDaysMax     ? Granularity::kDay
         : days <= kWeeksMax  ? Granularity::kWeek
         : days <= kMonthsMax ? Granularity::kMonth
                              : Granularity::kYear;
}

Date PeriodOf(Granularity granularity, Date day) {
  const std::chrono::year_month_day ymd(day);
  switch (granularity) {
    case Granularity::kDay:
      return day;
    case Granularity::kWeek:
      return day - std::chrono::days(std::chrono::weekday(day).iso_encoding() - 1);
    case Granularity::kMonth:
      return Date(ymd.year() / ymd.month() / 1);
    case Granularity::kYear:
      return Date(ymd.year() / 1 / 1);
  }
  return day;
}

Date NextPeriod(Granularity granularity, Date start) {
  const std::chrono::year_month_day ymd(start);
  switch (granularity) {
    case Granularity::kDay:
      return start + std::chrono::days(1);
    case Granularity::kWeek:
      return start + std::chrono::days(7);
    case Granularity::kMonth:
      return Date((ymd.year() / ymd.month() + std::chrono::months(1)) / 1);
    case Granularity::kYear:
      return Date((ymd.year() + std::chrono::years(1)) / 1 / 1);
  }
  return start + std::chrono::days(1);
}

std::string_view GranularityName(Granularity granularity) {
  constexpr std::array<std::string_view, 4> kNames = {"day", "week", "month", "year"};
  return kNames.at(static_cast<std::size_t>(granularity));
}

std::string PeriodName(Granularity granularity, Date start) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string date = FormatDate(start);
  const std::chrono::year_month_day ymd(start);
  const std::string month(kMonths.at(static_cast<unsigned>(ymd.month()) - 1));
  switch (granularity) {
    case Granularity::kDay:
    case Granularity::kWeek:
      return std::to_string(static_cast<unsigned>(ymd.day())) + " " + month + " " +
             date.substr(0, 4);
    case Granularity::kMonth:
      return month + " " + date.substr(0, 4);
    case Granularity::kYear:
      return date.substr(0, 4);
  }
  return date;
}

}  // namespace kulanz::command
