// RateTable: amounts by name and effective date: table("ofcom", "delayed_repair", date).
//
// The date is one of the incident's, never the time of evaluation, so that an old incident decided
// again gives the same answer.
//
// Thread-safety: immutable.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/result.h"
#include "service/cel/type.h"
#include "service/cel/value.h"
#include "service/domain/currency.h"
#include "service/domain/time.h"

namespace kulanz::cel {

class RateTable {
 public:
  // Of a rate that holds on every day: table(name, key) finds it without one.
  static constexpr Date kAlways = Date::min();

  struct Row {
    std::string key;
    Date from;  // valid from this day on, until the key's next row; kAlways where rates have no day
    Value value;  // money, decimal or int; held in place
  };

  // Errors: INVALID_ARGUMENT/BAD_RATE_TABLE for no rows, values of different types, money of different
  // currencies, or two rows of a key for the same day.
  static Result<std::shared_ptr<const RateTable>> Make(std::vector<Row> rows);

  const Type& type() const { return type_; }
  std::optional<Currency> currency() const { return currency_; }
  // Whether a rate depends on the day that it is looked up for.
  bool is_dated() const { return dated_; }
  bool HasKey(std::string_view key) const { return rows_.find(key) != rows_.end(); }
  std::vector<std::string_view> Keys() const;
  // Nothing for an unknown key or a date before its first row.
  std::optional<Value> Find(std::string_view key, Date date) const;

 private:
  RateTable() = default;
  Type type_;
  std::optional<Currency> currency_;
  bool dated_ = false;
  std::map<std::string, std::vector<Row>, std::less<>> rows_;  // by key; rows by `from`
};

}  // namespace kulanz::cel
