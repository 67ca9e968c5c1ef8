#include "service/kulanzd/config.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <sstream>
#include <utility>

#include "service/kulanzd/trusted_callers.h"
#include "service/ports/store.h"

namespace kulanz::server {
namespace {

constexpr std::string_view kDescription =
    "kulanzd: decides about incidents, issues vouchers and sends apologies.\n"
    "Every option can also be set by the variable named behind it; an option wins over its "
    "variable.";

// Options as text, before they are understood.
struct Texts {
  std::string store = "redis";
  std::string intake_max_age = "90d";
  std::string grace = "10s";
  std::string drain_wait = "0s";
  std::string on_lost_writes = "halt";
};

// A validator for CLI11: its message is empty when the text is fine.
CLI::Validator DurationCheck() {
  return {[](const std::string& text) {
            const Result<Duration> duration = ParseDurationText(text);
            return duration.ok() ? std::string() : duration.status().message();
          },
          "DURATION"};
}

CLI::Validator PowerOfTwoCheck() {
  return {[](const std::string& text) {
            std::uint32_t number = 0;
            const auto [end, error] =
                std::from_chars(text.data(), text.data() + text.size(), number);
            const bool power = number > 0 && (number & (number - 1)) == 0;
            return error == std::errc() && end == text.data() + text.size() && power &&
                           number <= ports::kPartitionsMax
                       ? std::string()
                       : "must be a power of two, at most " + std::to_string(ports::kPartitionsMax);
          },
          "NUMBER"};
}

void AddStoreOptions(CLI::App& app, Config& config, Texts& texts, bool& embedded) {
  app.add_flag(
         "--embedded", embedded,
         "keep everything in a redis-server that kulanzd starts itself, in the data directory; "
         "listens on loopback only, unless callers prove who they are")
      ->envname("KULANZ_EMBEDDED");
  app.add_option("--redis", config.redis_url,
                 "use this Redis: redis://[user:password@]host[:port][/database], "
                 "redis+sentinel://host[:port],.../master, redis+cluster://host[:port],... (each "
                 "also as rediss..., over TLS) or unix:///path")
      ->envname("KULANZ_REDIS");
  wiring::AddRedisAccessOptions(app, config.redis_access);
  app.add_option("--store", texts.store, "'memory' keeps nothing at all: for trying out")
      ->check(CLI::IsMember({"redis", "memory"}))
      ->envname("KULANZ_STORE");
  app.add_option("--partitions", config.partitions,
                 "into how many parts the store's keys are divided; fixed for its life")
      ->check(PowerOfTwoCheck())
      ->envname("KULANZ_PARTITIONS")
      ->capture_default_str();
  app.add_option("--store-id", config.store_id,
                 "the store's name; a database of another is refused")
      ->envname("KULANZ_STORE_ID")
      ->capture_default_str();
  app.add_flag("--initialise", config.initialise,
               "with --redis: make the database a new store if it is empty; without this, an empty "
               "database is refused, as it may be one that was lost")
      ->envname("KULANZ_INITIALISE");
  app.add_option("--replicas-to-wait", config.replicas_to_wait,
                 "with --redis: how many replicas must have a write before it is answered")
      ->check(CLI::Range(0, 10))
      ->envname("KULANZ_REPLICAS_TO_WAIT")
      ->capture_default_str();
  app.add_flag("--accept-replica-shortfall", config.accept_replica_shortfall,
               "when fewer replicas than that have a write in time: answer and log, instead of "
               "answering that it is uncertain")
      ->envname("KULANZ_ACCEPT_REPLICA_SHORTFALL");
  app.add_option("--on-lost-writes", texts.on_lost_writes,
                 "when the store turns out to have lost what it acknowledged: 'halt' refuses calls "
                 "until the next start, 'alarm' only reports it")
      ->check(CLI::IsMember({"halt", "alarm"}))
      ->envname("KULANZ_ON_LOST_WRITES")
      ->capture_default_str();
}

void AddFolderOptions(CLI::App& app, Config& config) {
  app.add_option("--data", config.data, "directory for everything that kulanzd keeps itself")
      ->envname("KULANZ_DATA")
      ->capture_default_str();
  app.add_option("--rules", config.rules, "directory of the policies, watched for changes")
      ->envname("KULANZ_RULES")
      ->capture_default_str();
  app.add_option(
         "--secrets", config.secrets,
         "directory of the secret files; default: secrets in the data directory, created on "
         "the first start of the embedded mode")
      ->envname("KULANZ_SECRETS");
  app.add_option("--mail-dir", config.mail_dir,
                 "maildir that letters are written to; default: mail in the data directory")
      ->envname("KULANZ_MAIL_DIR");
}

void AddVoucherOptions(CLI::App& app, Config& config) {
  app.add_option("--reversal-grace-days", config.reversal_grace_days,
                 "when an order is cancelled after its voucher has expired: for how many days what "
                 "comes back may be used")
      ->check(CLI::Range(0, 366))
      ->envname("KULANZ_REVERSAL_GRACE_DAYS")
      ->capture_default_str();
}

void AddLetterOptions(CLI::App& app, Config& config) {
  AddSmtpOptions(app, config.smtp);
  AddWebhookOptions(app, config.webhooks);
  app.add_flag("!--no-deliveries", config.deliveries, "decide, but send no letters")
      ->envname("KULANZ_DELIVERIES");
  app.add_flag("--deliver-at-once", config.deliver_at_once,
               "do not wait as the policies say before a letter is sent: for trying out")
      ->envname("KULANZ_DELIVER_AT_ONCE");
  app.add_option("--default-locale", config.default_locale,
                 "language of letters to customers whose own the messages do not have")
      ->envname("KULANZ_DEFAULT_LOCALE")
      ->capture_default_str();
  app.add_option("--company-name", config.company_name, "the company, as it closes its letters")
      ->envname("KULANZ_COMPANY_NAME");
  app.add_option("--company-address", config.company_address, "its address, in one line")
      ->envname("KULANZ_COMPANY_ADDRESS");
  app.add_option("--company-url", config.company_url, "its web site")
      ->envname("KULANZ_COMPANY_URL");
}

void AddServingOptions(CLI::App& app, Config& config, Texts& texts) {
  app.add_option("--listen", config.listen, "address for gRPC; port 0: a free one")
      ->envname("KULANZ_LISTEN")
      ->capture_default_str();
  app.add_option("--metrics", config.metrics, "address of the metrics page; '': none")
      ->envname("KULANZ_METRICS")
      ->capture_default_str();
  app.add_option(
         "--port-file", config.port_file,
         "file that gets the two ports, 'grpc=50051' and 'metrics=9464', once both are open")
      ->envname("KULANZ_PORT_FILE");
  app.add_option("--intake-max-age", texts.intake_max_age, "the oldest incident that is accepted")
      ->check(DurationCheck())
      ->envname("KULANZ_INTAKE_MAX_AGE")
      ->capture_default_str();
  app.add_option("--drain-wait", texts.drain_wait,
                 "when stopping: how long health says NOT_SERVING before connections are refused")
      ->check(DurationCheck())
      ->envname("KULANZ_DRAIN_WAIT")
      ->capture_default_str();
  app.add_option("--grace", texts.grace, "when stopping: how long running calls may take")
      ->check(DurationCheck())
      ->envname("KULANZ_GRACE")
      ->capture_default_str();
  app.add_option("--trusted-callers", config.trusted_callers,
                 "who may import codes into pools and is told why a voucher is refused: all, none, "
                 "or a list of addresses, networks (10.1.0.0/16), loopback and local (Unix "
                 "socket); default: loopback with --embedded and --store memory, otherwise none")
      ->envname("KULANZ_TRUSTED_CALLERS");
  app.add_flag("!--no-reflection", config.reflection, "do not describe the API to clients")
      ->envname("KULANZ_REFLECTION");
  app.add_flag(
         "!--no-sched-batch", config.sched_batch,
         "keep the scheduling class; by default kulanzd asks for SCHED_BATCH, which gives up a "
         "little latency for more throughput")
      ->envname("KULANZ_SCHED_BATCH");
  const std::map<std::string, ports::LogLevel> levels = {{"debug", ports::LogLevel::kDebug},
                                                         {"info", ports::LogLevel::kInfo},
                                                         {"warning", ports::LogLevel::kWarning},
                                                         {"error", ports::LogLevel::kError}};
  app.add_option("--log-level", config.log_level, "debug, info, warning or error")
      // Its own description has the enumerators as characters, of which the first ends the page of --help.
      ->transform(CLI::CheckedTransformer(levels, CLI::ignore_case).description("LEVEL"))
      ->envname("KULANZ_LOG_LEVEL");
}

// What no single option can know. Empty when all is well.
std::string Combine(const Texts& texts, bool embedded, Config& config) {
  const bool memory = texts.store == "memory";
  const int choices = (embedded ? 1 : 0) + (config.redis_url.empty() ? 0 : 1) + (memory ? 1 : 0);
  if (choices != 1) {
    return choices == 0 ? "say where to keep the data: --embedded, --redis URL or --store memory"
                        : "--embedded, --redis and --store memory exclude each other";
  }
  config.store = embedded ? StoreChoice::kEmbedded
                 : memory ? StoreChoice::kMemory
                          : StoreChoice::kRedis;
  if (std::string problems = Understand(config.access, config.listen, config.data, embedded);
      !problems.empty()) {
    return problems;
  }
  if (std::string problems = Understand(config.webhooks); !problems.empty()) {
    return problems;
  }
  if (std::string problems = Understand(config.smtp); !problems.empty()) {
    return problems;
  }
  if (config.smtp.chosen() && !config.mail_dir.empty()) {
    return "--smtp and --mail-dir exclude each other: letters are sent, or written to files";
  }
  if (config.trusted_callers.empty()) {
    config.trusted_callers = config.store == StoreChoice::kRedis ? "none" : "loopback";
  }
  if (const auto callers = TrustedCallers::Parse(config.trusted_callers); !callers.ok()) {
    return callers.status().message();
  }
  config.intake_max_age = *ParseDurationText(texts.intake_max_age);
  config.grace = *ParseDurationText(texts.grace);
  config.drain_wait = *ParseDurationText(texts.drain_wait);
  config.go_on_after_lost_writes = texts.on_lost_writes == "alarm";
  if (config.secrets.empty()) {
    config.secrets = config.data + "/secrets";
  }
  if (config.mail_dir.empty()) {
    config.mail_dir = config.data + "/mail";
  }
  return "";
}

}  // namespace

ParsedConfig ParseConfig(const std::vector<std::string>& arguments) {
  ParsedConfig parsed;
  Config& config = parsed.config;
  config.data = "var/kulanzd";
  config.store_id = "kulanz";
  config.rules = "rules";
  config.default_locale = "en";
  config.listen = "127.0.0.1:50051";
  config.metrics = "127.0.0.1:9464";
  Texts texts;
  bool embedded = false;

  CLI::App app(std::string(kDescription), "kulanzd");
  app.set_version_flag("--version", "kulanzd " KULANZ_VERSION);
  AddStoreOptions(app, config, texts, embedded);
  AddFolderOptions(app, config);
  AddVoucherOptions(app, config);
  AddLetterOptions(app, config);
  AddServingOptions(app, config, texts);
  AddTlsAccessOptions(app, config.access);
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(std::move(reversed));  // CLI11 wants them from last to first.
  } catch (const CLI::ParseError& error) {
    std::ostringstream text;
    const int code = app.exit(error, text, text);
    parsed.text = text.str();
    parsed.exit_code = code == 0 ? 0 : 2;
    return parsed;
  }
  if (std::string problem = Combine(texts, embedded, config); !problem.empty()) {
    parsed.text = "kulanzd: " + problem + "\n";
    parsed.exit_code = 2;
    return parsed;
  }
  parsed.serve = true;
  return parsed;
}

Result<Duration> ParseDurationText(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits = {
      {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
  constexpr std::int64_t kCountMax = 1'000'000'000;
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
  const auto* found = std::find_if(kUnits.begin(), kUnits.end(),
                                   [&](const auto& candidate) { return candidate.first == unit; });
  if (error != std::errc() || count < 0 || count > kCountMax || found == kUnits.end()) {
    return Status(Code::kInvalidArgument, "DURATION",
                  "'" + std::string(text) + "' is no duration such as 90d, 12h, 30m, 10s or 250ms");
  }
  return Duration{count * found->second};
}

bool IsLoopback(std::string_view address) {
  if (address.starts_with("unix:")) {
    return true;
  }
  const std::size_t colon = address.rfind(':');
  std::string_view host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

}  // namespace kulanz::server
