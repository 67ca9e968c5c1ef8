#include "service/kulanzd/config_options.h"

#include <CLI/CLI.hpp>
#include <charconv>

#include "service/ports/store.h"

namespace kulanz::server {
namespace {

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

void AddStoreOptions(CLI::App& app, Config& config, OptionTexts& texts) {
  app.add_flag(
         "--embedded", texts.embedded,
         "keep everything in a redis-server that kulanzd starts itself, in the data directory; "
         "listens on loopback only, unless callers prove who they are")
      ->envname("KULANZ_EMBEDDED");
  app.add_option("--redis", config.redis_url,
                 "use this Redis: redis://host[:port][/database], "
                 "redis+sentinel://host[:port],.../master, redis+cluster://host[:port],... (each "
                 "also as rediss..., over TLS) or unix:///path")
      ->envname("KULANZ_REDIS");
  wiring::AddRedisAccessOptions(app, config.redis_access);
  app.add_option("--store", texts.store, "'memory' keeps nothing at all: for trying out")
      ->check(CLI::IsMember({"redis", "memory"}))
      ->envname("KULANZ_STORE")
      ->capture_default_str();
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

void AddServingOptions(CLI::App& app, Config& config, OptionTexts& texts) {
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
  app.add_option("--grace", texts.grace,
                 "when stopping: how long running calls, and letters and events in hand, may take")
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
  app.add_option("--log-level", texts.log_level, "debug, info, warning or error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->envname("KULANZ_LOG_LEVEL")
      ->capture_default_str();
}

}  // namespace

void AddConfigOptions(CLI::App& app, Config& config, OptionTexts& texts) {
  AddStoreOptions(app, config, texts);
  AddFolderOptions(app, config);
  AddVoucherOptions(app, config);
  AddLetterOptions(app, config);
  AddServingOptions(app, config, texts);
  AddTlsAccessOptions(app, config.access);
  AddOverloadOptions(app, config.overload);
  AddLogOptions(app, config.logging);
  AddTraceOptions(app, config.traces);
}

}  // namespace kulanz::server
