// Config: everything that an operator can say to kulanzd: by flags, KULANZ_* variables and a file.
//
// Thread-safety: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "service/base/result.h"
#include "service/domain/time.h"
#include "service/kulanzd/layered_options.h"
#include "service/kulanzd/log_access.h"
#include "service/kulanzd/overload_access.h"
#include "service/kulanzd/smtp_access.h"
#include "service/kulanzd/tls_access.h"
#include "service/kulanzd/trace_access.h"
#include "service/kulanzd/webhook_access.h"
#include "service/ports/log.h"
#include "service/wiring/redis_access.h"

namespace kulanz::server {

enum class StoreChoice : std::uint8_t {
  kEmbedded,  // a Redis of our own, as a child process
  kRedis,     // somebody else's
  kMemory,    // nothing is kept: for trying out and tests
};

struct Config {
  StoreChoice store = StoreChoice::kEmbedded;
  std::string redis_url;
  wiring::RedisAccess redis_access;
  std::string data;      // directory; embedded: Redis' files; also where the defaults below lie
  std::string rules;     // directory
  std::string secrets;   // directory; empty: <data>/secrets
  std::string mail_dir;  // directory; empty: <data>/mail
  SmtpAccess smtp;       // without a server: letters go to mail_dir
  WebhookAccess webhooks;
  std::string company_name;  // what letters are closed with; may be empty
  std::string company_address;
  std::string company_url;
  std::string default_locale;  // of letters to customers whose language there is not
  TlsAccess access;            // who may reach the server, and proves who they are
  std::string listen;
  OverloadAccess overload;
  LogAccess logging;
  TraceAccess traces;
  std::string metrics;    // empty: no metrics page
  std::string port_file;  // empty: none
  Duration intake_max_age{0};
  Duration grace{0};               // for running calls when stopping
  Duration drain_wait{0};          // between NOT_SERVING and the end of listening
  std::string store_id;            // names the store in its genesis records
  std::uint32_t partitions = 256;  // of the store, for life
  std::uint32_t replicas_to_wait = 0;
  bool accept_replica_shortfall = false;
  bool initialise = false;  // create the store when the database is empty
  bool go_on_after_lost_writes = false;
  int reversal_grace_days = 14;  // see ReverseRedemption
  bool deliveries = true;
  bool deliver_at_once = false;
  bool reflection = true;
  std::string
      trusted_callers;  // trusted_callers.h; empty: all with --embedded and memory, else none
  bool sched_batch = true;
  ports::LogLevel log_level = ports::LogLevel::kInfo;
};

// What the command line asks for: to serve, or to print `text` and leave with `exit_code`.
struct ParsedConfig {
  bool serve = false;
  Config config;
  std::string text;  // for stdout if exit_code is 0, else for stderr
  int exit_code = 0;
};

// Reads flags, KULANZ_* variables and the file of --config, in this order of precedence (layered_options.h). Checks
// what can be checked without touching the machine, and names all that is wrong.
ParsedConfig ParseConfig(const std::vector<std::string>& arguments);

// Every option there is.
std::vector<OptionDescription> DescribeOptions();

// "90d", "12h", "30m", "10s", "250ms", "0s": a whole number and a unit. INVALID_ARGUMENT / DURATION.
Result<Duration> ParseDurationText(std::string_view text);

// Whether "host:port" or "unix:path" can be reached from this machine only.
bool IsLoopback(std::string_view address);

}  // namespace kulanz::server
