#include "service/kulanz/simulate/incident_log.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "service/kulanz/simulate/parallel.h"
#include "service/kulanz/simulate/repeats.h"

namespace kulanz::command {
namespace {

// What one worker read.
struct Part {
  std::vector<ReportedIncident> reports;
  std::vector<std::size_t> rows;  // of the reports
  std::vector<RowProblem> problems;
  std::size_t skipped = 0;
  std::size_t unreadable = 0;
};

std::string ViolationsText(const Violations& violations) {
  std::string text;
  for (const FieldViolation& violation : violations) {
    text += (text.empty() ? "" : "; ") + violation.field + ": " + violation.description;
  }
  return text;
}

class RowsReader {
 public:
  RowsReader(const DataTable& table, const IncidentMap& map, const policy::PolicySet& policies,
             Part& part)
      : table_(table), map_(map), policies_(policies), part_(part) {}

  void Read(std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      table_.ReadRow(i, row_);
      map_.Read(row_, mapped_);
      if (mapped_.kind == MappedRow::Kind::kSkipped) {
        ++part_.skipped;
      } else if (mapped_.kind == MappedRow::Kind::kRejected) {
        ++part_.unreadable;
        part_.problems.push_back({table_.LineOf(i), std::move(mapped_.problem)});
      } else {
        Add(i);
      }
    }
  }

 private:
  void Add(std::size_t row) {
    ReportedIncident& report = part_.reports.emplace_back();
    report.incident = std::move(mapped_.incident);
    report.reported_at = mapped_.reported_at;
    report.line = table_.LineOf(row);
    part_.rows.push_back(row);
    Violations violations;
    policy::ValidateIncident(policies_, report.incident, violations);
    if (!violations.empty()) {
      report.refused = kInvalidRequest;
      part_.problems.push_back({report.line, ViolationsText(violations)});
    }
  }

  const DataTable& table_;
  const IncidentMap& map_;
  const policy::PolicySet& policies_;
  Part& part_;
  DataRow row_;
  MappedRow mapped_;
};

// Gives customers and their profiles numbers.
class Customers {
 public:
  Customers(const policy::PolicySet& policies, const CustomerBook* book, const CustomerMap* map,
            IncidentLog& log)
      : policies_(policies), book_(book), map_(map), log_(log) {}

  // `row`: what the report's row says of the customer, when there is a map for it. A row that says
  // nothing usable is a problem of the report.
  void Place(ReportedIncident& report, const DataRow* row) {
    const auto [place, is_new] = numbers_.try_emplace(
        report.incident.customer.text(), static_cast<std::uint32_t>(log_.customers.size()));
    report.customer = place->second;
    if (is_new) {
      AddCustomer(report);
    }
    report.profile = latest_[report.customer];
    if (!is_known_[report.customer] && report.refused.empty()) {
      report.refused = kUnknownCustomer;
    }
    if (row != nullptr) {
      Customer profile = log_.profiles[report.profile];
      std::string problem = map_->Apply(*row, profile);
      problem = problem.empty() ? ProblemOf(profile) : problem;
      if (!problem.empty()) {
        report.refused = kInvalidRequest;
        log_.problems.push_back({report.line, "customer: " + problem});
      } else if (profile != log_.profiles[report.profile]) {
        latest_[report.customer] = report.profile =
            static_cast<std::uint32_t>(log_.profiles.size());
        log_.profiles.push_back(std::move(profile));
      }
    }
  }

 private:
  std::string ProblemOf(const Customer& customer) const {
    Violations violations;
    policy::ValidateCustomer(policies_, customer, violations);
    return ViolationsText(violations);
  }

  void AddCustomer(const ReportedIncident& report) {
    const CustomerId& id = report.incident.customer;
    const Customer* known = book_ == nullptr ? nullptr : book_->Find(id);
    if (const std::string problem = known == nullptr ? "" : ProblemOf(*known); !problem.empty()) {
      // The server would not take such a customer.
      log_.problems.push_back({report.line, "customer " + Shown(id.text()) + ": " + problem});
      known = nullptr;
    }
    is_known_.push_back(book_ == nullptr || known != nullptr);
    latest_.push_back(static_cast<std::uint32_t>(log_.profiles.size()));
    log_.profiles.push_back(known == nullptr ? Customer{} : *known);
    log_.profiles.back().id = id;
    log_.customers.push_back(id);
  }

  const policy::PolicySet& policies_;
  const CustomerBook* book_;
  const CustomerMap* map_;
  IncidentLog& log_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<std::uint32_t> latest_;  // profile, by customer
  std::vector<bool> is_known_;
};

std::vector<Part> ReadParts(const DataTable& table, const IncidentMap& map,
                            const policy::PolicySet& policies, std::size_t jobs,
                            const std::function<void(std::size_t)>& progress) {
  constexpr std::size_t kRowsAtOnce = 65'536;
  std::vector<Part> parts;
  for (std::size_t begin = 0; begin < table.row_count(); begin += kRowsAtOnce) {
    const std::size_t end = std::min(begin + kRowsAtOnce, table.row_count());
    const std::size_t first = parts.size();
    parts.resize(first + jobs);
    OnAllCores(jobs, [&](std::size_t worker) {
      const std::size_t count = end - begin;
      RowsReader(table, map, policies, parts[first + worker])
          .Read(begin + count * worker / jobs, begin + count * (worker + 1) / jobs);
    });
    progress(end);
  }
  return parts;
}

}  // namespace

Result<CustomerBook> CustomerBook::Read(const MapFile& map, const std::string& path,
                                        std::vector<RowProblem>& problems) {
  KULANZ_ASSIGN_OR_RETURN(const DataTable table, DataTable::Read(path, map.separator()));
  KULANZ_ASSIGN_OR_RETURN(const CustomerMap columns, CustomerMap::Make(map, table));
  for (const DataTable::Rejection& rejection : table.rejections()) {
    problems.push_back({rejection.line, rejection.reason});
  }
  CustomerBook book;
  DataRow row;
  for (std::size_t i = 0; i < table.row_count(); ++i) {
    table.ReadRow(i, row);
    Customer customer;
    if (std::string problem = columns.Apply(row, customer); problem.empty()) {
      book.customers_.push_back(std::move(customer));
    } else {
      problems.push_back({table.LineOf(i), std::move(problem)});
    }
  }
  // As an import would: of two rows about one customer the later one holds.
  std::stable_sort(book.customers_.begin(), book.customers_.end(),
                   [](const Customer& a, const Customer& b) { return a.id < b.id; });
  std::vector<Customer> last;
  for (Customer& customer : book.customers_) {
    if (!last.empty() && last.back().id == customer.id) {
      last.back() = std::move(customer);
    } else {
      last.push_back(std::move(customer));
    }
  }
  book.customers_ = std::move(last);
  return book;
}

const Customer* CustomerBook::Find(const CustomerId& id) const {
  const auto found = std::lower_bound(
      customers_.begin(), customers_.end(), id,
      [](const Customer& customer, const CustomerId& wanted) { return customer.id < wanted; });
  return found == customers_.end() || found->id != id ? nullptr : &*found;
}

IncidentLog ReadIncidentLog(const DataTable& table, const IncidentMap& map,
                            const policy::PolicySet& policies, const CustomerBook* customers,
                            std::size_t jobs, const std::function<void(std::size_t)>& progress) {
  std::vector<Part> parts = ReadParts(table, map, policies, jobs, progress);
  IncidentLog log;
  log.rows = table.row_count() + table.rejections().size();
  log.unreadable = table.rejections().size();
  for (const DataTable::Rejection& rejection : table.rejections()) {
    log.problems.push_back({rejection.line, rejection.reason});
  }
  struct Place {
    ReportedIncident* report;
    std::size_t row;
  };
  std::vector<Place> order;
  for (Part& part : parts) {
    log.skipped += part.skipped;
    log.unreadable += part.unreadable;
    std::move(part.problems.begin(), part.problems.end(), std::back_inserter(log.problems));
    for (std::size_t i = 0; i < part.reports.size(); ++i) {
      order.push_back({&part.reports[i], part.rows[i]});
    }
  }
  std::sort(order.begin(), order.end(), [](const Place& a, const Place& b) {
    const Incident& x = a.report->incident;
    const Incident& y = b.report->incident;
    return std::tie(a.report->reported_at, x.id.text(), x.revision, a.row) <
           std::tie(b.report->reported_at, y.id.text(), y.revision, b.row);
  });
  Customers numbering(policies, customers, map.customer(), log);
  log.reports.reserve(order.size());
  DataRow row;
  for (const Place& place : order) {
    ReportedIncident& report = log.reports.emplace_back(std::move(*place.report));
    if (map.customer() != nullptr) {
      table.ReadRow(place.row, row);
    }
    numbering.Place(report, map.customer() != nullptr ? &row : nullptr);
    log.latest_report =
        std::max(log.latest_report, report.reported_at - report.incident.occurred_at);
  }
  FindRepeats(log);
  std::stable_sort(log.problems.begin(), log.problems.end(),
                   [](const RowProblem& a, const RowProblem& b) { return a.line < b.line; });
  return log;
}

}  // namespace kulanz::command
