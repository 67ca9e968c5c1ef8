// kulanz import-customers: tells a running server who the existing customers are.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "kulanz/v1/customer_service.grpc.pb.h"
#include "service/kulanz/data/csv.h"
#include "service/kulanz/data/typed_text.h"
#include "service/kulanz/server/client.h"
#include "service/kulanz/server/messages.h"
#include "service/kulanz/terminal/progress_bar.h"
#include "service/kulanz/verbs.h"

namespace kulanz::command {
namespace {

constexpr std::chrono::milliseconds kConnectPatience{10'000};
constexpr std::chrono::milliseconds kRepeatPause{500};
constexpr std::size_t kRowsPerCall = 5'000;  // what is imported again at most when a call breaks
constexpr std::size_t kProblemsShown = 10;

struct ImportOptions {
  std::string file;
  std::string server = kDefaultServer;
  int patience_s = 60;
};

struct ImportTotals {
  std::size_t created = 0;
  std::size_t updated = 0;
  std::size_t rejected = 0;
  std::vector<std::string> problems;
};

void AddTags(std::string_view text, v1::Customer& customer) {
  while (!text.empty()) {
    const std::size_t end = text.find(';');
    if (end != 0) {
      customer.add_tags(std::string(text.substr(0, end)));
    }
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

// Sets one column; false when its text is no such value. Unknown columns are attributes.
bool SetColumn(const std::string& column, const std::string& text, v1::Customer& customer) {
  if (column == "customer_id") {
    customer.set_customer_id(text);
  } else if (column == "given_name") {
    customer.set_given_name(text);
  } else if (column == "family_name") {
    customer.set_family_name(text);
  } else if (column == "salutation") {
    customer.set_salutation(text == "ms"   ? v1::SALUTATION_MS
                            : text == "mr" ? v1::SALUTATION_MR
                                           : v1::SALUTATION_UNSPECIFIED);
    return text == "ms" || text == "mr" || text == "neutral";
  } else if (column == "email") {
    customer.set_email(text);
  } else if (column == "locale") {
    customer.set_locale(text);
  } else if (column == "time_zone") {
    customer.set_time_zone(text);
  } else if (column == "customer_since") {
    customer.set_customer_since(text);
  } else if (column == "orders_completed") {
    std::int64_t orders = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), orders);
    customer.set_orders_completed(orders);
    return error == std::errc() && end == text.data() + text.size();
  } else if (column == "segment") {
    customer.set_segment(text);
  } else if (column == "tags") {
    AddTags(text, customer);
  } else if (column == "preferred_channel") {
    customer.set_preferred_channel(text == "webhook" ? v1::CHANNEL_WEBHOOK : v1::CHANNEL_EMAIL);
    return text == "webhook" || text == "email";
  } else if (column == "contact_consent" || column == "blocked") {
    column == "blocked" ? customer.set_blocked(text == "true")
                        : customer.set_contact_consent(text == "true");
    return text == "true" || text == "false";
  } else if (column != "lifetime_value" && column != "currency") {
    (*customer.mutable_attributes())[column] = text;
  }
  return true;
}

// The customer of a row, or the column that cannot be read.
std::string ReadCustomer(const CsvFile& csv, const std::vector<std::string>& row,
                         v1::Customer& customer) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!row[i].empty() && !SetColumn(csv.columns()[i], row[i], customer)) {
      return csv.columns()[i];
    }
  }
  const auto value = csv.ColumnIndex("lifetime_value");
  const auto currency = csv.ColumnIndex("currency");
  if (value && !row[*value].empty()) {
    const auto money = ParseAmount(row[*value], currency ? row[*currency] : std::string_view());
    if (!money) {
      return "lifetime_value";
    }
    Write(*money, *customer.mutable_lifetime_value());
  }
  return "";
}

void AddProblem(ImportTotals& totals, const CsvFile& csv, std::size_t row,
                const std::string& text) {
  ++totals.rejected;
  if (totals.problems.size() < kProblemsShown) {
    totals.problems.push_back(csv.name() + ":" + std::to_string(csv.LineOf(row)) + ": " + text);
  }
}

// Imports the rows from `first` on with one call. `totals` only grows when the call succeeds.
grpc::Status ImportSome(v1::CustomerService::Stub& stub, const CsvFile& csv, std::size_t first,
                        std::size_t end, ImportTotals& totals) {
  grpc::ClientContext context;
  v1::ImportCustomersResponse response;
  const auto stream = stub.ImportCustomers(&context, &response);
  ImportTotals added = totals;
  std::vector<std::size_t> rows;  // by index of the stream
  for (std::size_t row = first; row < end; ++row) {
    v1::ImportCustomersRequest request;
    const std::string bad = ReadCustomer(csv, csv.Row(row), *request.mutable_customer());
    if (!bad.empty()) {
      AddProblem(added, csv, row, bad + " has no value of its kind");
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
    AddProblem(added, csv, rows.at(static_cast<std::size_t>(rejection.index())),
               ToText(ErrorOf(rejection.error())));
  }
  added.rejected += static_cast<std::size_t>(response.rejected() - response.rejections_size());
  totals = std::move(added);
  return status;
}

int RunImport(const ImportOptions& options) {
  const Result<CsvFile> csv = CsvFile::Read(options.file);
  if (!csv.ok() || !csv->ColumnIndex("customer_id")) {
    std::fprintf(stderr, "kulanz import-customers: %s\n",
                 csv.ok() ? "the file has no column customer_id" : csv.status().message().c_str());
    return kExitUsage;
  }
  const auto channel = Connect(options.server, kConnectPatience);
  if (channel == nullptr) {
    std::fprintf(stderr, "kulanz import-customers: %s does not answer\n", options.server.c_str());
    return kExitProblems;
  }
  const auto stub = v1::CustomerService::NewStub(channel);
  ImportTotals totals;
  auto give_up_at = std::chrono::steady_clock::now() + std::chrono::seconds{options.patience_s};
  {
    ProgressBar progress("importing", csv->row_count());
    for (std::size_t first = 0; first < csv->row_count();) {
      const std::size_t end = std::min(first + kRowsPerCall, csv->row_count());
      const grpc::Status status = ImportSome(*stub, *csv, first, end, totals);
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
              Grouped(csv->row_count()).c_str(), Grouped(totals.created).c_str(),
              Grouped(totals.updated).c_str(), Grouped(totals.rejected).c_str());
  return totals.rejected == 0 ? kExitClean : kExitProblems;
}

}  // namespace

void AddImportCustomers(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App& verb =
      *app.add_subcommand("import-customers", "Create or replace customers from a CSV file");
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
  verb.add_option("file", options->file, "CSV with a header line, plain or gzip")->required();
  verb.add_option("--server", options->server, "host:port")->capture_default_str();
  verb.add_option("--patience", options->patience_s, "seconds without progress before giving up")
      ->capture_default_str();
  verb.callback([options, &exit_code] { exit_code = RunImport(*options); });
}

}  // namespace kulanz::command
