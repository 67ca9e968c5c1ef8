// kulanz import-customers: tells a running server who the existing customers are.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "kulanz/v1/customer_service.grpc.pb.h"
#include "service/kulanz/data/customer_map.h"
#include "service/kulanz/data/data_table.h"
#include "service/kulanz/data/map_file.h"
#include "service/kulanz/server/client.h"
#include "service/kulanz/server/messages.h"
#include "service/kulanz/terminal/progress_bar.h"
#include "service/kulanz/verbs.h"

namespace kulanz::command {
namespace {

constexpr std::chrono::milliseconds kRepeatPause{500};
constexpr std::size_t kRowsPerCall = 5'000;  // what is imported again at most when a call breaks

struct ImportOptions {
  std::string file;
  std::string map;
  ServerAccess access;
  int patience_s = 60;
};

struct ImportTotals {
  std::size_t created = 0;
  std::size_t updated = 0;
  std::size_t rejected = 0;
  std::vector<std::string> problems;
};

void AddProblem(ImportTotals& totals, const DataTable& table, std::size_t line,
                const std::string& text) {
  ++totals.rejected;
  if (totals.problems.size() < kProblemsShown) {
    totals.problems.push_back(table.name() + ":" + std::to_string(line) + ": " + text);
  }
}

// Imports the rows from `first` on with one call. `totals` only grows when the call succeeds.
grpc::Status ImportSome(v1::CustomerService::Stub& stub, const DataTable& table,
                        const CustomerMap& map, std::size_t first, std::size_t end,
                        ImportTotals& totals) {
  grpc::ClientContext context;
  v1::ImportCustomersResponse response;
  const auto stream = stub.ImportCustomers(&context, &response);
  ImportTotals added = totals;
  std::vector<std::size_t> rows;  // by index of the stream
  DataRow fields;
  for (std::size_t row = first; row < end; ++row) {
    v1::ImportCustomersRequest request;
    Customer customer;
    table.ReadRow(row, fields);
    const std::string bad = map.Apply(fields, customer);
    Write(customer, *request.mutable_customer());
    if (!bad.empty()) {
      AddProblem(added, table, table.LineOf(row), bad);
    } else if (stream->Write(request)) {
      rows.push_back(row);
    } else {
      break;
    }
  }
  stream->WritesDone();
  const grpc::Status status = stream->Finish();
  if (!status.ok()) {
    return status;
  }
  added.created += static_cast<std::size_t>(response.created());
  added.updated += static_cast<std::size_t>(response.updated());
  for (const v1::ImportRejection& rejection : response.rejections()) {
    AddProblem(added, table, table.LineOf(rows.at(static_cast<std::size_t>(rejection.index()))),
               ToText(ErrorOf(rejection.error())));
  }
  added.rejected += static_cast<std::size_t>(response.rejected() - response.rejections_size());
  totals = std::move(added);
  return status;
}

int Refuse(const Status& status) {
  std::fprintf(stderr, "kulanz import-customers: %s\n", status.message().c_str());
  return kExitUsage;
}

int RunImport(const ImportOptions& options) {
  const Result<MapFile> map_file = MapFile::Read(options.map);
  if (!map_file.ok()) {
    return Refuse(map_file.status());
  }
  const Result<DataTable> table = DataTable::Read(options.file, map_file->separator());
  if (!table.ok()) {
    return Refuse(table.status());
  }
  const Result<CustomerMap> map = CustomerMap::Make(*map_file, *table);
  if (!map.ok()) {
    return Refuse(map.status());
  }
  const auto channel = Connect(options.access, kConnectPatience);
  if (channel == nullptr) {
    std::fprintf(stderr, "kulanz import-customers: %s does not answer\n",
                 options.access.server.c_str());
    return kExitProblems;
  }
  const auto stub = v1::CustomerService::NewStub(channel);
  ImportTotals totals;
  for (const DataTable::Rejection& rejection : table->rejections()) {
    AddProblem(totals, *table, rejection.line, rejection.reason);
  }
  auto give_up_at = std::chrono::steady_clock::now() + std::chrono::seconds{options.patience_s};
  {
    ProgressBar progress("importing", table->row_count());
    for (std::size_t first = 0; first < table->row_count();) {
      const std::size_t end = std::min(first + kRowsPerCall, table->row_count());
      const grpc::Status status = ImportSome(*stub, *table, *map, first, end, totals);
      if (status.ok()) {
        first = end;
        give_up_at = std::chrono::steady_clock::now() + std::chrono::seconds{options.patience_s};
        progress.Show(first);
        continue;
      }
      const CallError error = ErrorOf(status);
      if (!error.MayBeRepeated() || std::chrono::steady_clock::now() > give_up_at) {
        std::fprintf(stderr, "kulanz import-customers: %s\n", ToText(error).c_str());
        return kExitProblems;
      }
      std::this_thread::sleep_for(std::max(kRepeatPause, error.retry_after.value_or(kRepeatPause)));
    }
  }
  for (const std::string& problem : totals.problems) {
    std::fprintf(stderr, "%s\n", problem.c_str());
  }
  std::printf("%s customers: %s new, %s known before, %s rejected\n",
              Grouped(table->row_count() + table->rejections().size()).c_str(),
              Grouped(totals.created).c_str(), Grouped(totals.updated).c_str(),
              Grouped(totals.rejected).c_str());
  return totals.rejected == 0 ? kExitClean : kExitProblems;
}

}  // namespace

void AddImportCustomers(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App& verb =
      *app.add_subcommand("import-customers", "Create or replace customers from a file");
  verb.footer(
      "Safe to repeat. Columns: customer_id, given_name, family_name, salutation (ms, mr, "
      "neutral),\n"
      "email, locale, time_zone, customer_since, orders_completed, lifetime_value, currency, "
      "segment,\n"
      "tags (by ';'), preferred_channel (email, webhook), contact_consent and blocked (true, "
      "false);\n"
      "others are attributes. Ends with 0 when all were imported, 1 when some were not, and 2 when "
      "the\n"
      "file or the command line is wrong.");
  verb.add_option("file", options->file, "CSV or JSON Lines, plain or gzip")->required();
  verb.add_option("--map", options->map, "YAML: which columns are which parts of a customer");
  AddServerAccess(verb, options->access);
  verb.add_option("--patience", options->patience_s, "seconds without progress before giving up")
      ->capture_default_str();
  verb.callback([options, &exit_code] { exit_code = RunImport(*options); });
}

}  // namespace kulanz::command
