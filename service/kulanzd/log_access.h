// LogAccess: what an operator says of the log: its level, and the lines of calls.
//
// Thread-safety: plain values.
#pragma once

#include <cstdint>

namespace CLI {
class App;
}

namespace kulanz::server {

struct LogAccess {
  bool calls = true;                     // whether there is an access log
  std::uint32_t one_in = 100;            // of the calls that went well; 0: none
  std::uint32_t lines_per_second = 200;  // of calls, at each level
};

// --access-log-one-in, --access-log-rate, --no-access-log and their KULANZ_* variables.
void AddLogOptions(CLI::App& app, LogAccess& access);

}  // namespace kulanz::server
