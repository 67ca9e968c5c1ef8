// kulanz summary: what a server has done since it started, on one screen.
#include <cmath>
#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "grpc/health/v1/health.grpc.pb.h"
#include "service/kulanz/server/client.h"
#include "service/kulanz/server/metrics_page.h"
#include "service/kulanz/terminal/progress_bar.h"
#include "service/kulanz/verbs.h"

namespace kulanz::command {
namespace {

using Labels = std::map<std::string, std::string>;

constexpr std::chrono::milliseconds kPatience{2'000};

struct SummaryOptions {
  ServerAccess access;
  std::string metrics = "127.0.0.1:9464";
};

std::string Label(const Labels& labels, const std::string& name) {
  const auto found = labels.find(name);
  return found == labels.end() ? "" : found->second;
}

std::string Whole(double number) { return Grouped(static_cast<std::size_t>(std::llround(number))); }

double Total(const std::vector<Sample>& samples, const std::string& name) {
  double total = 0;
  for (const auto& [key, sum] : SumBy(samples, name, [](const Labels&) { return ""; })) {
    total += sum;
  }
  return total;
}

bool IsServing(const ServerAccess& access) {
  const auto channel = Connect(access, kPatience);
  if (channel == nullptr) {
    return false;
  }
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  grpc::health::v1::HealthCheckResponse response;
  return grpc::health::v1::Health::NewStub(channel)->Check(&context, {}, &response).ok() &&
         response.status() == grpc::health::v1::HealthCheckResponse::SERVING;
}

void PrintDecisions(const std::vector<Sample>& samples) {
  const double replays = Total(samples, "kulanz_decision_replays_total");
  std::printf("\nDecisions  %s", Whole(Total(samples, "kulanz_decisions_total")).c_str());
  if (replays > 0) {
    std::printf(", and %s reports answered with a decision made before", Whole(replays).c_str());
  }
  std::printf("\n");
  const auto by_reason = SumBy(samples, "kulanz_decisions_total", [](const Labels& labels) {
    const std::string outcome = Label(labels, "outcome");
    return outcome == "granted" ? outcome : outcome + "  " + Label(labels, "reason");
  });
  for (const auto& [answer, count] : by_reason) {
    std::printf("  %9s  %s\n", Whole(count).c_str(), answer.c_str());
  }
}

void PrintVouchers(const std::vector<Sample>& samples) {
  const auto by_policy_and_currency = [](const Labels& labels) {
    return Label(labels, "policy") + "\t" + Label(labels, "currency");
  };
  std::map<std::string, double> amounts;
  for (const auto& [key, sum] :
       SumBy(samples, "kulanz_issued_amount_total", by_policy_and_currency)) {
    amounts[key] = sum;
  }
  std::printf("\nVouchers   %s\n", Whole(Total(samples, "kulanz_vouchers_issued_total")).c_str());
  for (const auto& [key, count] :
       SumBy(samples, "kulanz_vouchers_issued_total", by_policy_and_currency)) {
    const std::size_t tab = key.find('\t');
    std::printf("  %9s  %-28s %12.2f %s\n", Whole(count).c_str(), key.substr(0, tab).c_str(),
                amounts[key], key.substr(tab + 1).c_str());
  }
}

void PrintLetters(const std::vector<Sample>& samples) {
  std::printf("\nLetters    %s still on the agenda\n",
              Whole(Total(samples, "kulanz_agenda_entries")).c_str());
  for (const auto& [result, count] :
       SumBy(samples, "kulanz_deliveries_total", [](const Labels& labels) {
         const std::string reason = Label(labels, "reason");
         return Label(labels, "result") + (reason == "none" ? "" : "  " + reason);
       })) {
    std::printf("  %9s  %s\n", Whole(count).c_str(), result.c_str());
  }
}

int RunSummary(const SummaryOptions& options) {
  const Result<std::vector<Sample>> samples = FetchMetrics(options.metrics);
  if (!samples.ok()) {
    std::fprintf(stderr, "kulanz summary: %s\n", samples.status().message().c_str());
    return kExitProblems;
  }
  const bool serving = IsServing(options.access);
  std::printf("kulanzd at %s %s; since it started:\n", options.access.server.c_str(),
              serving ? "is serving" : "is NOT serving");
  PrintDecisions(*samples);
  PrintVouchers(*samples);
  PrintLetters(*samples);
  return serving ? kExitClean : kExitProblems;
}

}  // namespace

void AddSummary(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<SummaryOptions>();
  CLI::App& verb = *app.add_subcommand("summary", "What a server has done since it started");
  AddServerAccess(verb, options->access);
  verb.add_option("--metrics", options->metrics, "host:port of its metrics page")
      ->capture_default_str();
  verb.callback([options, &exit_code] { exit_code = RunSummary(*options); });
}

}  // namespace kulanz::command
