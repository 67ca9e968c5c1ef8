// MailFleet: several kulanzd over one Redis that send through one mail server, and can be killed meanwhile.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "tests/e2e/programs.h"
#include "tests/support/mail/mail_server.h"
#include "tests/support/redis/test_certificates.h"

namespace kulanz::e2e {

class MailFleet {
 public:
  // `arguments`: for each kulanzd, beside those that make it one of the fleet. Outages are told 10 s later.
  MailFleet(std::size_t servers, std::vector<std::string> arguments);

  // False, with the log printed, when one does not serve.
  bool AwaitServing();
  testing::MailServer& mail() { return *mail_; }
  std::shared_ptr<ServerProcess> server(std::size_t number);
  std::size_t size() const { return servers_.size(); }
  // Kills it, if it has not ended, and puts another in its place.
  bool Replace(std::size_t number);

  // Customers C-<first> to C-<first + count - 1>, each with the address c-<number>@example.org.
  bool ImportCustomers(std::size_t first, std::size_t count);
  static std::string AddressOf(std::size_t customer);
  // Until there is an answer, over whatever server answers. Empty: the incident gave no voucher.
  std::string CodeFor(const v1::Incident& incident, std::size_t begin_with);
  bool Withdraw(const std::string& incident);

  // Logs of the living and the dead.
  std::string AllLogs();

 private:
  std::vector<std::string> Arguments() const;

  const testing::TestCertificates certificates_;
  SharedStore store_;
  const std::vector<std::string> arguments_;
  std::unique_ptr<testing::MailServer> mail_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<ServerProcess>> servers_;  // under mutex_
  std::string logs_of_the_dead_;                         // under mutex_
};

// How many of `codes` stand in `text`, with dashes or without.
std::size_t CodesIn(const std::string& text, const std::unordered_set<std::string>& codes);
// "SORRY-0123-4567-89AB-CDEF" -> its last 16 symbols.
std::string SymbolsOf(const std::string& code);

}  // namespace kulanz::e2e
