#include "tests/e2e/mail_fleet.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "tests/support/eventually.h"

namespace kulanz::e2e {
namespace {

constexpr std::size_t kSymbols = 16;

bool IsSymbol(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); }

// The outages of the test rules are told ten seconds later, so that they can be withdrawn before.
void DelayOutages(const std::string& rules) {
  const std::string file = rules + "/policies/outage.yaml";
  std::string text = ReadFile(file);
  for (const auto& [from, to] : {std::pair<std::string, std::string>{"wait: 0s", "wait: 10s"},
                                 {"eur(1000.00)", "eur(1000000.00)"}}) {
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
  }
  WriteFile(file, text);
}

}  // namespace

MailFleet::MailFleet(std::size_t servers, std::vector<std::string> arguments)
    : arguments_(std::move(arguments)) {
  DelayOutages(store_.rules());
  testing::MailServer::Options options;
  options.certificate = certificates_.server();
  options.key = certificates_.server_key();
  options.parsed = false;
  mail_ = std::make_unique<testing::MailServer>(options);
  for (std::size_t i = 0; i < servers; ++i) {
    servers_.push_back(std::make_shared<ServerProcess>(Arguments()));
    if (i == 0) servers_.back()->AwaitServing();  // It makes the store.
  }
}

std::vector<std::string> MailFleet::Arguments() const {
  std::vector<std::string> arguments = store_.ServerArguments(true);
  const auto maildir = std::find(arguments.begin(), arguments.end(), "--mail-dir");
  arguments.erase(maildir, maildir + 2);
  arguments.insert(arguments.end(), {"--smtp", "smtp://127.0.0.1:" + std::to_string(mail_->port()),
                                     "--smtp-ca-file", certificates_.ca()});
  arguments.insert(arguments.end(), arguments_.begin(), arguments_.end());
  return arguments;
}

std::shared_ptr<ServerProcess> MailFleet::server(std::size_t number) {
  const std::lock_guard lock(mutex_);
  return servers_[number % servers_.size()];
}

bool MailFleet::AwaitServing() {
  for (std::size_t i = 0; i < size(); ++i) {
    if (!server(i)->AwaitServing()) return false;
  }
  return true;
}

bool MailFleet::Replace(std::size_t number) {
  if (server(number)->is_running()) server(number)->Signal(SIGKILL);
  auto next = std::make_shared<ServerProcess>(Arguments());
  const bool serves = next->AwaitServing();
  const std::lock_guard lock(mutex_);
  logs_of_the_dead_ += servers_[number]->log();
  servers_[number] = std::move(next);
  return serves;
}

std::string MailFleet::AddressOf(std::size_t customer) {
  return "c-" + std::to_string(customer) + "@example.org";
}

bool MailFleet::ImportCustomers(std::size_t first, std::size_t count) {
  std::vector<v1::Customer> customers;
  for (std::size_t i = first; i < first + count; ++i) {
    v1::Customer customer = ACustomer("C-" + std::to_string(i));
    customer.set_email(AddressOf(i));
    customers.push_back(std::move(customer));
  }
  const auto answer = server(0)->api().Import(customers);
  return answer.ok();
}

std::string MailFleet::CodeFor(const v1::Incident& incident, std::size_t begin_with) {
  std::string code;
  std::size_t number = begin_with;
  const bool answered = kulanz::testing::Eventually(
      [&] {
        const auto answer = server(number++)->api().Report(incident);
        if (answer.ok()) code = answer->decision().voucher().code();
        return answer.ok();
      },
      std::chrono::minutes(2));
  EXPECT_TRUE(answered) << incident.incident_id();
  return code;
}

bool MailFleet::Withdraw(const std::string& incident) {
  std::size_t number = 0;
  return kulanz::testing::Eventually(
      [&] {
        v1::WithdrawIncidentRequest request;
        request.set_incident_id(incident);
        v1::WithdrawIncidentResponse response;
        grpc::ClientContext context;
        context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
        const auto to = server(number++);
        return to->api().incidents().WithdrawIncident(&context, request, &response).ok();
      },
      std::chrono::minutes(2));
}

std::string MailFleet::AllLogs() {
  const std::lock_guard lock(mutex_);
  std::string logs = logs_of_the_dead_;
  for (const auto& server : servers_) logs += server->log();
  return logs;
}

std::string SymbolsOf(const std::string& code) {
  std::string symbols;
  std::copy_if(code.begin(), code.end(), std::back_inserter(symbols), IsSymbol);
  return symbols.size() < kSymbols ? "" : symbols.substr(symbols.size() - kSymbols);
}

std::size_t CodesIn(const std::string& text, const std::unordered_set<std::string>& codes) {
  std::size_t found = 0;
  std::string run;
  for (const char c : text) {
    if (c == '-') continue;
    if (!IsSymbol(c)) {
      run.clear();
      continue;
    }
    run += c;
    if (run.size() > kSymbols) run.erase(0, 1);
    if (run.size() == kSymbols && codes.contains(run)) ++found;
  }
  return found;
}

}  // namespace kulanz::e2e
