#include "service/app/liability.h"

#include <utility>

#include "service/app/keys.h"

namespace kulanz::app {

void AddToLiability(const Keys& keys, Currency currency, std::int64_t minor_units,
                    ports::Transaction& transaction) {
  if (minor_units != 0) {
    transaction.writes.emplace_back(ports::AddToCounter{
        keys.Liability(transaction.partition, currency.code()), minor_units, std::nullopt});
  }
}

void AddIssueToLiability(const Keys& keys, Currency currency, std::int64_t minor_units,
                         ports::Transaction& transaction) {
  AddToLiability(keys, currency, minor_units, transaction);
  transaction.writes.emplace_back(ports::IndexPut{keys.LiabilityCurrencies(transaction.partition),
                                                  {std::string(currency.code()), 0}});
}

Task<Result<Liability>> ReadLiability(const Dependencies& dependencies,
                                      ports::PartitionId partition, Deadline deadline) {
  ports::IndexRange range;
  range.index = dependencies.keys.LiabilityCurrencies(partition);
  range.limit = ports::kIndexRangeMax;
  const auto currencies = co_await dependencies.store.ReadIndex(range, deadline);
  if (!currencies.ok()) {
    co_return currencies.status();
  }
  Liability liability;
  for (const ports::IndexEntry& entry : *currencies) {
    const auto counted = co_await dependencies.store.ReadCounter(
        dependencies.keys.Liability(partition, entry.member), deadline);
    if (!counted.ok()) {
      co_return counted.status();
    }
    liability[entry.member] = *counted;
  }
  co_return liability;
}

}  // namespace kulanz::app
