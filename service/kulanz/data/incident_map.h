// IncidentMap: which columns of a CSV file become which parts of an incident.
//
// Without a file: columns by name (incident_id, customer_id, type, occurred_at, order_id, order_total,
// currency), and every other column is an attribute of its name, typed by the looks of each field; empty
// fields are left out. With a file in YAML:
//
//   type: {value: late_delivery}          # {value: ...} is the same for all rows
//   incident_id: {column: event_id}
//   occurred_at: {column: completed_at}
//   order_total: {column: value}          # parts not named keep the column of their name, if there is one
//   skip_without: [promised_at, completed_at]     # rows where one of these columns is empty
//   attributes:                           # if given, only these
//     promised_at: {column: promised_at, type: timestamp}
//     cause: {value: carrier}
//
// Types: auto, bool, int, decimal, money ("12.50 EUR"), string, timestamp, date, seconds, list (by ';').
// Thread-safety: immutable once made.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "service/base/result.h"
#include "service/domain/incident.h"
#include "service/kulanz/data/csv.h"
#include "service/kulanz/data/typed_text.h"

namespace kulanz::command {

class IncidentMap {
 public:
  // `path`: "" for the defaults. INVALID_ARGUMENT / MAP, NOT_FOUND / FILE.
  static Result<IncidentMap> Make(const std::string& path, const CsvFile& csv);

  // Nothing: the row is to be skipped. INVALID_ARGUMENT / ROW: a field is no value of its type.
  Result<std::optional<Incident>> Read(const std::vector<std::string>& row) const;

  // Of the map's text, for resuming.
  const std::string& digest() const { return digest_; }

 private:
  struct Source {
    std::optional<std::size_t> column;
    std::string value;  // without a column
    TextType type = TextType::kAuto;
    const std::string& Of(const std::vector<std::string>& row) const {
      return column ? row[*column] : value;
    }
  };
  class Reader;

  std::map<std::string, Source> parts_;       // "incident_id", ...
  std::map<std::string, Source> attributes_;  // by name
  std::vector<std::size_t> skip_without_;
  std::string digest_;
};

}  // namespace kulanz::command
