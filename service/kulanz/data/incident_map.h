// IncidentMap: which columns of a data file become which parts of an incident, for every verb that reads
// recorded incidents. rules/README.md ("Maps of recorded incidents") documents the format.
//
// Without a map: columns by name, and every other column is an attribute of its name.
// Thread-safety: immutable once made.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/result.h"
#include "service/domain/customer.h"
#include "service/domain/incident.h"
#include "service/kulanz/data/customer_map.h"
#include "service/kulanz/data/data_table.h"
#include "service/kulanz/data/map_file.h"
#include "service/kulanz/data/source.h"
#include "service/policy/policy_set.h"

namespace kulanz::command {

// What became of a row.
struct MappedRow {
  enum class Kind { kIncident, kSkipped, kRejected };
  Kind kind = Kind::kIncident;
  Incident incident;
  Instant reported_at{};  // when it was reported; when it occurred unless the map says otherwise
  std::string problem;    // of a rejected row: everything that is wrong with it
};

class IncidentMap {
 public:
  // `policies`: whose incident types say what the attributes are; null where they are not known.
  //   INVALID_ARGUMENT / MAP with every problem, file:line:column.
  static Result<IncidentMap> Make(const MapFile& map, const DataTable& table,
                                  const policy::PolicySet* policies);

  void Read(const DataRow& row, MappedRow& out) const;

  // What the rows of incidents say about their customers; null when the map says nothing.
  const CustomerMap* customer() const { return customer_ ? &*customer_ : nullptr; }

 private:
  class Reader;
  class RowReader;
  const Source* Part(std::string_view name) const;

  std::map<std::string, Source, std::less<>> parts_;       // "incident_id", ...
  std::map<std::string, Source, std::less<>> attributes_;  // by name
  std::vector<std::size_t> skip_without_;
  std::vector<std::shared_ptr<const Formula>> skip_when_;
  std::optional<CustomerMap> customer_;
  const policy::PolicySet* policies_ = nullptr;
};

}  // namespace kulanz::command
