// IncidentLog: recorded incidents in the order in which they are decided, with their customers.
//
// The order is that of the reports: by the time of the report (of the incident, unless the map says
// otherwise), then the incident id by bytes, then the revision, then the place in the file. Reports that the
// server would refuse, and repetitions of earlier ones, are recognised here, because only the reports
// themselves decide that. Thread-safety: plain values.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/result.h"
#include "service/domain/customer.h"
#include "service/domain/incident.h"
#include "service/kulanz/data/customer_map.h"
#include "service/kulanz/data/data_table.h"
#include "service/kulanz/data/incident_map.h"
#include "service/policy/policy_set.h"

namespace kulanz::command {

inline constexpr std::uint32_t kNoReport = UINT32_MAX;

struct ReportedIncident {
  Incident incident;
  Instant reported_at{};
  std::size_t line = 0;
  std::uint32_t customer = 0;  // whose history it is: index into the log's customers
  std::uint32_t profile = 0;  // what is known of the customer at this time: into the log's profiles
  // The report whose decision answers this one; kNoReport: it is decided.
  std::uint32_t repeats = kNoReport;
  // The report of this incident before this one, which has a lower revision; kNoReport: there is none.
  std::uint32_t earlier_revision = kNoReport;
  std::string_view refused;  // the server's reason, "INVALID_REQUEST"; empty: it is not refused
};

struct RowProblem {
  std::size_t line = 0;
  std::string text;
};

struct IncidentLog {
  std::vector<ReportedIncident> reports;
  std::vector<CustomerId> customers;
  std::vector<Customer> profiles;
  std::size_t rows = 0;        // of the file, all
  std::size_t skipped = 0;     // as the map says
  std::size_t unreadable = 0;  // that are no report
  std::vector<RowProblem>
      problems;               // by line: unreadable and refused rows, but for unknown customers
  Duration latest_report{0};  // the longest that a report came after its incident
};

// Customers of a file, by id.
class CustomerBook {
 public:
  static Result<CustomerBook> Read(const MapFile& map, const std::string& path,
                                   std::vector<RowProblem>& problems);
  // Nothing when the customer is not known.
  const Customer* Find(const CustomerId& id) const;

 private:
  std::vector<Customer> customers_;  // by id
};

// Reads all rows on `jobs` cores. `customers`: null: everybody is known, by nothing but the id.
// `progress` is told how many rows are done, from the calling thread.
IncidentLog ReadIncidentLog(const DataTable& table, const IncidentMap& map,
                            const policy::PolicySet& policies, const CustomerBook* customers,
                            std::size_t jobs, const std::function<void(std::size_t)>& progress);

}  // namespace kulanz::command
