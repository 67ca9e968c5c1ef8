#include "service/kulanzd/log_access.h"

#include <CLI/CLI.hpp>

namespace kulanz::server {
namespace {

constexpr std::uint32_t kOneInMax = 1'000'000;
constexpr std::uint32_t kLinesMax = 100'000;

}  // namespace

void AddLogOptions(CLI::App& app, LogAccess& access) {
  app.add_flag("!--no-access-log", access.calls,
               "no log lines of calls; by default each that failed has one, and some of the others")
      ->envname("KULANZ_ACCESS_LOG");
  app.add_option("--access-log-one-in", access.one_in,
                 "of the calls that went well one in so many has a log line; 0: none")
      ->check(CLI::Range(0U, kOneInMax))
      ->envname("KULANZ_ACCESS_LOG_ONE_IN")
      ->capture_default_str();
  app.add_option(
         "--access-log-rate", access.lines_per_second,
         "log lines of calls a second at the most; how many were left out stands in the next")
      ->check(CLI::Range(1U, kLinesMax))
      ->envname("KULANZ_ACCESS_LOG_RATE")
      ->capture_default_str();
}

}  // namespace kulanz::server
