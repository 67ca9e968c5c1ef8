#include "service/kulanzd/overload_access.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <vector>

#include "service/kulanzd/config.h"

namespace kulanz::server {
namespace {

constexpr std::uint32_t kCallsMax = 100'000;
constexpr std::uint32_t kConnectionsMax = 1'000'000;
constexpr int kStreamsMax = 10'000;
constexpr std::uint32_t kMemoryMaxMb = 65'536;
constexpr Duration kDay{86'400'000};

// The duration, or what is wrong with the option.
Duration ReadUpToOneDay(const std::string& option, const std::string& text, Duration least,
                        std::vector<std::string>& out) {
  const Result<Duration> duration = ParseDurationText(text);
  if (!duration.ok()) {
    out.push_back(option + ": " + duration.status().message());
    return least;
  }
  if (*duration < least || *duration > kDay) {
    out.push_back(option + " must be from " + std::to_string(least.count()) + "ms to 1d");
    return least;
  }
  return *duration;
}

void AddCallOptions(CLI::App& app, OverloadAccess& access) {
  app.add_option(
         "--calls-in-flight-max", access.calls.limit_max,
         "so many calls at once at the most; the server finds by itself, from how long they "
         "take, how many it can do, and refuses the others with a retry hint")
      ->check(CLI::Range(1U, kCallsMax))
      ->envname("KULANZ_CALLS_IN_FLIGHT_MAX")
      ->capture_default_str();
  app.add_option("--calls-in-flight-min", access.calls.limit_min,
                 "so many at once it takes on however long they take")
      ->check(CLI::Range(1U, kCallsMax))
      ->envname("KULANZ_CALLS_IN_FLIGHT_MIN")
      ->capture_default_str();
  app.add_flag("!--no-adaptive-limit", access.calls.adaptive,
               "take on up to --calls-in-flight-max, however long they take")
      ->envname("KULANZ_ADAPTIVE_LIMIT");
}

void AddConnectionOptions(CLI::App& app, OverloadAccess& access) {
  app.add_option(
         "--connections-max", access.connections.connections_max,
         "so many connections at once at the most, and never so many that the limit of open "
         "files is reached; who is too much is disconnected at once")
      ->check(CLI::Range(1U, kConnectionsMax))
      ->envname("KULANZ_CONNECTIONS_MAX")
      ->capture_default_str();
  app.add_option("--connections-per-address", access.per_address,
                 "of these from one address; 0: half of them")
      ->check(CLI::Range(0U, kConnectionsMax))
      ->envname("KULANZ_CONNECTIONS_PER_ADDRESS")
      ->capture_default_str();
  app.add_option("--streams-per-connection", access.transport.streams_max,
                 "calls at once over one connection; clients hold back the others")
      ->check(CLI::Range(1, kStreamsMax))
      ->envname("KULANZ_STREAMS_PER_CONNECTION")
      ->capture_default_str();
  app.add_option("--connection-age", access.age,
                 "then a client is asked to connect anew, so that it finds new servers")
      ->envname("KULANZ_CONNECTION_AGE")
      ->capture_default_str();
  app.add_option("--connection-age-grace", access.age_grace,
                 "how long calls over it may then still take")
      ->envname("KULANZ_CONNECTION_AGE_GRACE")
      ->capture_default_str();
  app.add_option("--connection-idle", access.idle, "the same for one without calls")
      ->envname("KULANZ_CONNECTION_IDLE")
      ->capture_default_str();
  app.add_option("--transport-memory-mb", access.transport_memory_mb,
                 "what gRPC may buffer for all connections together, in MiB")
      ->check(CLI::Range(16U, kMemoryMaxMb))
      ->envname("KULANZ_TRANSPORT_MEMORY_MB")
      ->capture_default_str();
  app.add_option(
         "--self-probe", access.probe_pause,
         "how often the server connects to itself; when three times in a row nothing answers, "
         "it ends with exit code 70, to be started anew")
      ->envname("KULANZ_SELF_PROBE")
      ->capture_default_str();
}

}  // namespace

void AddOverloadOptions(CLI::App& app, OverloadAccess& access) {
  AddCallOptions(app, access);
  AddConnectionOptions(app, access);
}

std::string Understand(OverloadAccess& access) {
  constexpr Duration kSecond{1'000};
  std::vector<std::string> wrong;
  access.transport.age_max = ReadUpToOneDay("--connection-age", access.age, kSecond, wrong);
  access.transport.age_grace =
      ReadUpToOneDay("--connection-age-grace", access.age_grace, Duration{0}, wrong);
  access.transport.idle_max = ReadUpToOneDay("--connection-idle", access.idle, kSecond, wrong);
  access.probe.pause = ReadUpToOneDay("--self-probe", access.probe_pause, Duration{100}, wrong);
  access.transport.memory_bytes = std::size_t{access.transport_memory_mb} << 20U;
  if (access.calls.limit_min > access.calls.limit_max) {
    wrong.emplace_back("--calls-in-flight-min must not be more than --calls-in-flight-max");
  }
  const std::uint32_t half = std::max(access.connections.connections_max / 2, 1U);
  access.connections.per_address_max = access.per_address == 0 ? half : access.per_address;
  std::string text;
  for (const std::string& line : wrong) {
    text += (text.empty() ? "" : "\nkulanzd: ") + line;
  }
  return text;
}

}  // namespace kulanz::server
