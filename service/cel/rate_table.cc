#include "service/cel/rate_table.h"

#include <algorithm>
#include <string>
#include <utility>

namespace kulanz::cel {
namespace {

Status BadRateTable(std::string message) {
  return {Code::kInvalidArgument, "BAD_RATE_TABLE", std::move(message)};
}

std::optional<Type> TypeOfRate(const Value& value) {
  switch (value.kind()) {
    case Kind::kMoney:
      return Type::Money();
    case Kind::kDecimal:
      return Type::Decimal();
    case Kind::kInt:
      return Type::Int();
    default:
      return std::nullopt;
  }
}

}  // namespace

Result<std::shared_ptr<const RateTable>> RateTable::Make(std::vector<Row> rows) {
  if (rows.empty()) {
    return BadRateTable("a rate table needs a row");
  }
  auto table = std::shared_ptr<RateTable>(new RateTable);
  for (Row& row : rows) {
    const std::optional<Type> type = TypeOfRate(row.value);
    if (!type) {
      return BadRateTable("rates are money, decimals or whole numbers ('" + row.key + "')");
    }
    const bool is_money = row.value.kind() == Kind::kMoney;
    const auto currency =
        is_money ? std::optional<Currency>(row.value.as_money().currency) : std::nullopt;
    if (table->rows_.empty()) {
      table->type_ = *type;
      table->currency_ = currency;
    } else if (!(table->type_ == *type) || table->currency_ != currency) {
      return BadRateTable("all rates of a table have one type and one currency ('" + row.key +
                          "')");
    }
    table->dated_ = table->dated_ || row.from != kAlways;
    table->rows_[row.key].push_back(std::move(row));
  }
  for (auto& [key, of_key] : table->rows_) {
    std::sort(of_key.begin(), of_key.end(),
              [](const Row& a, const Row& b) { return a.from < b.from; });
    for (std::size_t i = 1; i < of_key.size(); ++i) {
      if (of_key[i - 1].from == of_key[i].from) {
        return BadRateTable("'" + key + "' has two rows from " + FormatDate(of_key[i].from));
      }
    }
  }
  return std::shared_ptr<const RateTable>(std::move(table));
}

std::vector<std::string_view> RateTable::Keys() const {
  std::vector<std::string_view> keys;
  for (const auto& [key, rows] : rows_) {
    keys.push_back(key);
  }
  return keys;
}

std::optional<Value> RateTable::Find(std::string_view key, Date date) const {
  const auto found = rows_.find(key);
  if (found == rows_.end()) {
    return std::nullopt;
  }
  const auto after =
      std::upper_bound(found->second.begin(), found->second.end(), date,
                       [](Date wanted, const Row& row) { return wanted < row.from; });
  return after == found->second.begin() ? std::nullopt
                                        : std::optional<Value>(std::prev(after)->value);
}

}  // namespace kulanz::cel
