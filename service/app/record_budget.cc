#include "service/app/record_budget.h"

#include <algorithm>
#include <utility>

#include "kulanz/record/v1/budget.pb.h"
#include "service/app/record_known_fields.h"
#include "service/base/check.h"

namespace kulanz::app {
namespace {

namespace pb = kulanz::record::v1;

bool Plausible(const pb::BudgetLease& lease) {
  return !lease.id().empty() && lease.amount() >= 0 && lease.amount() <= Money::kMaxMinorUnits &&
         lease.spent() >= 0 && lease.spent() <= lease.amount();
}

std::string JoinedPeriod(std::string_view name, Date starts, std::string_view zone,
                         Currency currency) {
  std::string joined(name);
  joined += '\0';
  joined += std::to_string(starts.time_since_epoch().count());
  joined += '\0';
  joined += zone;
  joined += '\0';
  joined += currency.code();
  return joined;
}

}  // namespace

const BudgetLease* BudgetRecord::Find(std::string_view lease) const {
  const auto found = std::find_if(leases.begin(), leases.end(),
                                  [lease](const BudgetLease& other) { return other.id == lease; });
  return found == leases.end() ? nullptr : &*found;
}

BudgetLease* BudgetRecord::Find(std::string_view lease) {
  return const_cast<BudgetLease*>(std::as_const(*this).Find(lease));
}

void BudgetRecord::Settle(std::string_view lease, std::int64_t spent) {
  if (std::erase_if(leases, [lease](const BudgetLease& other) { return other.id == lease; }) != 0) {
    settled += spent;
  }
}

std::int64_t BudgetRecord::Free(std::int64_t cap) const {
  std::int64_t free = cap - settled;
  for (const BudgetLease& lease : leases) {
    free -= lease.amount;
  }
  return free;
}

std::int64_t BudgetRecord::SpentAtLeast() const {
  std::int64_t spent = settled;
  for (const BudgetLease& lease : leases) {
    spent += lease.spent;
  }
  return spent;
}

std::string PeriodName(const engine::BudgetPeriod& period) {
  return JoinedPeriod(period.name, period.starts, period.zone, period.cap.currency());
}

std::optional<std::string> PeriodName(const Decision& decision) {
  if (!decision.budget || !decision.voucher) {
    return std::nullopt;
  }
  return JoinedPeriod(decision.budget->name, decision.budget->starts, decision.voucher->zone,
                      decision.voucher->amount.currency());
}

std::string EncodeBudget(const RecordCodec& codec, const ports::Key& key,
                         const engine::BudgetPeriod& period, const BudgetRecord& record) {
  pb::Budget stored;
  stored.set_name(period.name);
  stored.set_starts_days(static_cast<std::int32_t>(period.starts.time_since_epoch().count()));
  stored.set_zone(period.zone);
  stored.set_currency(std::string(period.cap.currency().code()));
  stored.set_cap(period.cap.minor_units());
  stored.set_settled(record.settled);
  stored.set_wanted(record.wanted);
  for (const BudgetLease& lease : record.leases) {
    pb::BudgetLease& out = *stored.add_leases();
    out.set_id(lease.id);
    out.set_holder(lease.holder);
    out.set_amount(lease.amount);
    out.set_spent(lease.spent);
    out.set_beat(lease.beat);
    out.set_recovering(lease.recovering);
  }
  return codec.Seal(key, stored.SerializeAsString());
}

Result<BudgetRecord> DecodeBudget(const RecordCodec& codec, const ports::Key& key,
                                  std::string_view stored) {
  BudgetRecord record;
  if (stored.empty()) {
    return record;
  }
  KULANZ_ASSIGN_OR_RETURN(const std::string payload, codec.Open(key, stored));
  KULANZ_RETURN_IF_ERROR(CheckFieldsAreKnown<pb::Budget>(payload));
  pb::Budget in;
  if (!in.ParseFromString(payload) || in.settled() < 0 || in.settled() > Money::kMaxMinorUnits ||
      !std::all_of(in.leases().begin(), in.leases().end(), Plausible)) {
    return Status(Code::kDataLoss, "RECORD_CORRUPT", "a stored record of kind 'b' is not a budget");
  }
  record.settled = in.settled();
  record.wanted = in.wanted();
  for (const pb::BudgetLease& lease : in.leases()) {
    record.leases.push_back({lease.id(), lease.holder(), lease.amount(), lease.spent(),
                             lease.beat(), lease.recovering()});
  }
  return record;
}

}  // namespace kulanz::app
