// MailServer: a mail server of a test's own, in a process of its own: npm's smtp-server (mail_server.mjs).
//
// Listens on a free port of loopback, dies with the test. Faults are commands, as mail_server.mjs has them.
// Where node or its packages are missing, Missing() says so, and the test is to be skipped loudly.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/node/node_process.h"

namespace kulanz::testing {

class MailServer {
 public:
  struct Options {
    std::string certificate;
    std::string key;
    bool implicit_tls = false;
    bool starttls = true;
    std::string tls_max;  // "TLSv1.1"
    std::string user;     // empty: no login
    std::string password;
    bool parsed = true;  // false: only an index of what was accepted
  };
  // A line of the index.
  struct Entry {
    std::int64_t at_ms = 0;
    std::string message_id;
    std::string recipient;
    bool confirmed = true;
  };
  // A letter as mailparser read it: "raw", "subject", "text", ... by name.
  using Letter = std::map<std::string, std::string>;

  // Empty when there can be a server; otherwise what is missing, for GTEST_SKIP.
  static std::string Missing();

  explicit MailServer(const Options& options);
  ~MailServer();
  MailServer(const MailServer&) = delete;
  MailServer& operator=(const MailServer&) = delete;

  int port() const { return process_->port(); }
  // "ok", or the answer of a command that has one.
  std::string Command(const std::string& line) { return process_->Command(line); }
  int Connections() { return std::stoi(Command("connections")); }

  // In the order of their arrival.
  std::vector<Entry> Index() const;
  Letter Read(std::size_t number) const;

 private:
  std::string directory_;
  std::optional<NodeProcess> process_;
};

}  // namespace kulanz::testing
