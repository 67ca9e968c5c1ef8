// WebhookReceiver: a receiver of a test's own that verifies with the specification's own library: npm's
// standardwebhooks (webhook_receiver.mjs). Listens on loopback, dies with the test.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/node/node_process.h"

namespace kulanz::testing {

class WebhookReceiver {
 public:
  struct Options {
    std::string secret;       // whsec_...
    std::string certificate;  // with `key`: HTTPS
    std::string key;
  };
  struct Counts {
    std::size_t accepted = 0;  // requests that verified
    std::size_t refused = 0;   // and that did not
  };
  // An event that verified, in the order of arrival; each request is one, also where an id comes again.
  struct Event {
    std::string id;
    std::string body;
  };

  // Empty when there can be a receiver; otherwise what is missing, for GTEST_SKIP.
  static std::string Missing();

  explicit WebhookReceiver(const Options& options);

  int port() const { return process_->port(); }
  // Commands as webhook_receiver.mjs has them.
  std::string Command(const std::string& line) { return process_->Command(line); }
  Counts Received();
  std::vector<Event> Events();

 private:
  std::optional<NodeProcess> process_;
};

}  // namespace kulanz::testing
