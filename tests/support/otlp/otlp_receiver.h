// OtlpReceiver: a receiver of traces of a test's own that knows OpenTelemetry's own schema (otlp_receiver.mjs).
// Listens on loopback, dies with the test.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "tests/support/node/node_process.h"

namespace kulanz::testing {

class OtlpReceiver {
 public:
  struct Counts {
    std::size_t requests = 0;  // that were right and accepted
    std::size_t spans = 0;     // in them
  };

  // Empty when there can be a receiver; otherwise what is missing, for GTEST_SKIP.
  static std::string Missing();

  OtlpReceiver();

  int port() const { return process_->port(); }
  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port()); }
  // Commands as otlp_receiver.mjs has them.
  std::string Command(const std::string& line) { return process_->Command(line); }
  Counts Received();
  // "0 ": every request was right.
  std::string Refused() { return Command("refused"); }

 private:
  std::optional<NodeProcess> process_;
};

}  // namespace kulanz::testing
