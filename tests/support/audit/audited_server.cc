#include "tests/support/audit/audited_server.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <utility>

#include "service/base/check.h"
#include "service/policy/loader.h"

namespace kulanz::audit {
namespace {

std::string PolicyText(int round) {
  const std::string number = std::to_string(round);
  return "kulanz: v1\npolicy: round-" + number +
         "\nsummary: What the audited rounds are decided with\ndepartment: logistics\n"
         "incidents: [round_" +
         number +
         "]\nzone: Europe/Berlin\ncurrency: EUR\ngesture:\n  - {amount: eur(5.00)}\n"
         "limits:\n  - {vouchers: 2, per: customer, within: 90d}\nbudget: {name: round-" +
         number +
         ", amount: eur(350.00), every: year, when_exhausted: deny}\n"
         "voucher: {valid_for: 180d, kind: single_use, prefix: AUDIT}\n"
         "delivery: {message: sorry, wait: 0s, signed_by: anna}\n";
}

policy::PolicyFiles Policies() {
  policy::PolicyFiles files;
  std::string types = "kulanz: v1\nincidents:\n";
  for (int round = 0; round < AuditedSetup::kRounds; ++round) {
    types += "  " + AuditedSetup::TypeOf(round) +
             ":\n    summary: Something went wrong\n    reporters: [system]\n"
             "    order: {id: required}\n    attributes:\n      cause: {type: string}\n";
    files.files.push_back({"policies/round-" + std::to_string(round) + ".yaml", PolicyText(round)});
  }
  files.files.push_back({"incidents.yaml", std::move(types)});
  files.files.push_back(
      {"people.yaml",
       "kulanz: v1\npeople:\n  anna: {name: Anna Berger, role: Head of Logistics, "
       "email: anna@example.com}\n"});
  return files;
}

Result<AnsweredDecision> ToAnswer(const Result<app::DecidedIncident>& decided) {
  if (!decided.ok()) {
    return decided.status();
  }
  AnsweredDecision answer;
  answer.outcome = OutcomeName(decided->decision.outcome);
  answer.reason = decided->decision.reason;
  answer.code = decided->code ? decided->code->Reveal() : "";
  answer.amount = decided->decision.voucher ? decided->decision.voucher->amount.minor_units() : 0;
  return answer;
}

// Everything that is waited for in production waits less here; nothing of it decides about money.
app::BudgetSettings QuickBudgets() {
  app::BudgetSettings settings;
  settings.backoff = Duration(100);
  settings.beat = Duration(300);
  settings.recover_after = Duration(2'500);
  settings.idle_return = Duration(100);
  settings.idle_alone = Duration(300);
  settings.watch = Duration(100);
  settings.unknown_patience = Duration(200);
  settings.forget_after = Duration(20'000);
  settings.close_after = Duration(2'000);
  return settings;
}

app::CourierSettings QuickCourier() {
  app::CourierSettings settings;
  settings.poll = Duration(250);
  settings.lease = Duration(3'000);
  settings.backoff_first = Duration(50);
  settings.backoff_max = Duration(1'000);
  settings.attempts_max = 100;
  return settings;
}

}  // namespace

void AuditedSetup::WriteRules(const std::string& directory) {
  const auto write = [&](const std::string& name, const std::string& text) {
    const std::filesystem::path path = std::filesystem::path(directory) / name;
    std::filesystem::create_directories(path.parent_path());
    KULANZ_CHECK(static_cast<bool>(std::ofstream(path) << text << std::flush),
                 "a file of the test's own");
  };
  for (const policy::PolicyFile& file : Policies().files) {
    write(file.name, file.text);
  }
  write("messages/sorry/variables.txt", "# nothing of the incident\n");
  write("messages/sorry/en/subject.txt", "We are sorry\n");
  // Only letters with a voucher are sent.
  write("messages/sorry/en/body.txt",
        "Incident {{incident.id}}, code {{#voucher.code}}{{voucher.code}}{{/voucher.code}}\n");
  write("messages/sorry/en/body.html", "<p>We are sorry.</p>\n");
}

AuditedSetup::AuditedSetup() {
  const policy::LoadResult loaded = policy::LoadPolicySet(Policies());
  for (const policy::Diagnostic& diagnostic : loaded.diagnostics) {
    ADD_FAILURE() << diagnostic.file << ": " << diagnostic.message;
  }
  KULANZ_CHECK(loaded.ok(), "the audited policies are right");
  policies_.Replace(loaded.policies);
  std::string directory =
      (std::filesystem::temp_directory_path() / "kulanz-secrets-XXXXXX").string();
  KULANZ_CHECK(mkdtemp(directory.data()) != nullptr, "a temporary directory");
  adapters::SystemEntropy entropy;
  KULANZ_CHECK(wiring::CreateSecrets(directory, entropy).ok(), "new secrets");
  auto secrets = wiring::LoadSecrets(directory);
  KULANZ_CHECK(secrets.ok(), "the secrets that were just written");
  secrets_ = *std::move(secrets);
  std::filesystem::remove_all(directory);
}

AuditedServer::AuditedServer(const AuditedSetup& setup, redis::RedisOptions options,
                             Auditor& auditor)
    : post_(auditor) {
  auto store = redis::RedisStore::Open(std::move(options), log_, telemetry_,
                                       std::chrono::steady_clock::now() + std::chrono::seconds(30));
  EXPECT_TRUE(store.ok()) << store.status().ToString();
  KULANZ_CHECK(store.ok(), "the store opens");
  store_ = *std::move(store);
  const server::ApplicationParts parts{.store = *store_,
                                       .messenger = &post_,
                                       .entropy = entropy_,
                                       .telemetry = telemetry_,
                                       .log = log_,
                                       .secrets = setup.secrets(),
                                       .policies = setup.policies(),
                                       .intake = {},
                                       .deliver_at_once = true,
                                       .courier = QuickCourier(),
                                       .budgets = QuickBudgets()};
  application_ = std::make_unique<server::Application>(parts);
}

AuditedServer::~AuditedServer() {
  application_->Stop(std::chrono::steady_clock::now() + std::chrono::seconds(5));
}

Status AuditedServer::Upsert(const Customer& customer, Deadline deadline) {
  return SyncWait(use_cases().customers.Upsert(customer, {}, deadline)).status();
}

Result<AnsweredDecision> AuditedServer::Report(const Incident& incident, Deadline deadline) {
  return ToAnswer(SyncWait(use_cases().incidents.Report(incident, {}, deadline)));
}

Result<AnsweredDecision> AuditedServer::GetDecision(const IncidentId& incident, Deadline deadline) {
  return ToAnswer(SyncWait(use_cases().incidents.Get(incident, std::nullopt, deadline)));
}

Status AuditedServer::Redeem(const app::RedeemRequest& request, Deadline deadline) {
  return SyncWait(use_cases().vouchers.Redeem(request, deadline)).status();
}

Result<std::vector<std::string>> AuditedServer::RedemptionsOf(const std::string& code,
                                                              Deadline deadline) {
  const Result<Voucher> found = SyncWait(use_cases().vouchers.Get(code, deadline));
  if (!found.ok()) {
    return found.status();
  }
  std::vector<std::string> redemptions;
  for (const Redemption& redemption : found->redemptions) {
    redemptions.push_back(redemption.id.text());
  }
  return redemptions;
}

Task<ports::DeliveryReport> AuditedServer::Post::Send(ports::Delivery delivery) {
  constexpr std::uint64_t kRefusedEach = 13;
  constexpr std::uint64_t kUnansweredEach = 17;
  const std::uint64_t attempt = attempts_.fetch_add(1) + 1;
  const ports::DeliveryReport later{ports::DeliveryResult::kRetry, "SMTP_451", "", Duration(20)};
  if (attempt % kRefusedEach == 0) {
    co_return later;
  }
  if (delivery.voucher) {
    auditor_.Delivered(delivery.incident.id.text(), delivery.voucher->code.Reveal());
  } else {
    auditor_.Broken("a letter without a voucher, for " + delivery.incident.id.text());
  }
  if (attempt % kUnansweredEach == 0) {
    co_return later;  // the next hop has it, and its answer was lost
  }
  co_return ports::DeliveryReport{ports::DeliveryResult::kAccepted, "", "", std::nullopt};
}

void AuditedServer::KeptLog::Write(ports::LogLevel /*level*/, std::string_view event,
                                   std::string_view /*message*/,
                                   std::initializer_list<Field> /*fields*/) {
  const std::lock_guard lock(mutex_);
  events_.emplace(event);
}

bool AuditedServer::KeptLog::Has(std::string_view event) const {
  const std::lock_guard lock(mutex_);
  return events_.contains(event);
}

}  // namespace kulanz::audit
