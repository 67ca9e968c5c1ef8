#include "service/kulanz/simulate/summary_json.h"

namespace kulanz::command {
namespace {

void WriteTally(const Tally& tally, JsonWriter& json) {
  json.BeginObject().Field("decisions", tally.reports).Field("vouchers", tally.vouchers);
  WriteSums(tally.cost, json.Key("cost"));
  WriteSums(tally.proposed, json.Key("not_given"));
  json.EndObject();
}

void WriteTallies(std::string_view key, const std::map<std::string, Tally>& tallies,
                  JsonWriter& json) {
  json.Key(key).BeginObject();
  for (const auto& [name, tally] : tallies) {
    WriteTally(tally, json.Key(name));
  }
  json.EndObject();
}

std::string AmountNumber(std::int64_t minor_units, Currency currency) {
  const std::optional<Money> money = Money::FromMinorUnits(minor_units, currency);
  return money ? money->Number()
               : std::to_string(minor_units) + "e-" + std::to_string(currency.exponent());
}

void WriteBudgets(const Totals& totals, JsonWriter& json) {
  json.Key("budgets").BeginArray();
  for (const BudgetBook::Use& use : totals.budgets) {
    const Currency currency = use.period.cap.currency();
    json.BeginObject()
        .Field("name", use.period.name)
        .Field("from", FormatDate(use.period.starts))
        .Field("zone", use.period.zone)
        .Field("currency", currency.code())
        .Field("spent", AmountNumber(use.spent_minor_units, currency))
        .Field("cap", use.period.cap.Number())
        .Field("vouchers", use.vouchers)
        .Field("refused", use.refused)
        .EndObject();
  }
  json.EndArray();
}

void WriteCustomers(const Totals& totals, JsonWriter& json) {
  json.Field("customers", totals.customers).Key("customers_by_gestures").BeginArray();
  for (const std::size_t count : totals.customers_by_gestures) {
    json.Value(count);
  }
  json.EndArray().Key("most_expensive_customers").BeginArray();
  for (const CustomerTotal& customer : totals.top_customers) {
    json.BeginObject().Field("customer_id", customer.id).Field("gestures", customer.gestures);
    WriteSums(customer.cost, json.Key("cost"));
    json.EndObject();
  }
  json.EndArray();
}

void WritePeriods(const Totals& totals, JsonWriter& json) {
  json.Field("granularity", GranularityName(totals.granularity)).Key("periods").BeginArray();
  for (const auto& [start, policies] : totals.periods) {
    Tally sum;
    for (const auto& [policy, tally] : policies) {
      sum.vouchers += tally.vouchers;
      sum.cost.Add(tally.cost);
    }
    json.BeginObject().Field("from", FormatDate(start)).Field("vouchers", sum.vouchers);
    WriteSums(sum.cost, json.Key("cost"));
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace

void WriteSums(const MoneySums& sums, JsonWriter& json) {
  json.BeginObject();
  for (const auto& [currency, sum] : sums.sums()) {
    json.Field(currency.code(), AmountNumber(sum, currency));
  }
  json.EndObject();
}

void WriteTotals(const SimulatedSet& set, JsonWriter& json) {
  const Totals& totals = set.totals;
  json.BeginObject()
      .Field("rules", set.directory)
      .Field("revision", set.policies->revision().text())
      .Field("rows", totals.rows)
      .Field("skipped", totals.skipped)
      .Field("unreadable", totals.unreadable)
      .Field("repeated", totals.repeated)
      .Field("decided", totals.decided);
  for (const Outcome outcome :
       {Outcome::kGranted, Outcome::kDenied, Outcome::kReview, Outcome::kApologised}) {
    json.Field(OutcomeName(outcome), totals.by_outcome.at(static_cast<std::size_t>(outcome)));
  }
  json.Key("refused").BeginObject();
  for (const auto& [reason, count] : totals.refused) {
    json.Field(reason, count);
  }
  json.EndObject();
  WriteTally(totals.all, json.Key("total"));
  WriteTallies("denied_by_reason", totals.denied, json);
  WriteTallies("review_by_reason", totals.reviewed, json);
  WriteTallies("policies", totals.policies, json);
  WriteTallies("departments", totals.departments, json);
  WriteTallies("shadow", totals.shadow, json);
  WriteTallies("held_out", totals.held_out, json);
  WriteBudgets(totals, json);
  WriteCustomers(totals, json);
  WritePeriods(totals, json);
  json.EndObject();
}

std::string SummaryJson(const SimulatedSet& set) {
  JsonWriter json;
  WriteTotals(set, json);
  return json.Line();
}

}  // namespace kulanz::command
