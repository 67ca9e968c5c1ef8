#include "service/kulanzd/config.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <sstream>
#include <utility>

#include "service/base/loopback.h"
#include "service/kulanzd/config_options.h"
#include "service/kulanzd/layered_options.h"
#include "service/kulanzd/trusted_callers.h"

namespace kulanz::server {
namespace {

constexpr std::string_view kDescription =
    "kulanzd: decides about incidents, issues vouchers and sends apologies.\n"
    "Every option can also be set by the variable named behind it, and in the file of --config by "
    "a key: the variable's name without KULANZ_, in lower case. An option wins over its variable, "
    "and that over the file.";

// What was asked for instead of serving.
struct Inquiry {
  std::string config_file;
  bool check = false;
  bool print = false;
};

CLI::Option& AddInquiryOptions(CLI::App& app, Inquiry& inquiry) {
  app.add_flag("--check-config", inquiry.check,
               "serve nothing: name everything that is wrong with options, variables and file, and "
               "end with 0 or 2");
  app.add_flag(
      "--print-config", inquiry.print,
      "serve nothing: print what is in force as a file for --config, each value with where "
      "it is from");
  return *app.add_option("--config", inquiry.config_file, "read options from this YAML file")
              ->envname("KULANZ_CONFIG");
}

using Violations = std::vector<std::string>;

// Groups of options give theirs as lines, ready for printing.
void AddLines(const std::string& lines, Violations& violations) {
  constexpr std::string_view kProgram = "kulanzd: ";
  std::istringstream input(lines);
  for (std::string line; std::getline(input, line);) {
    violations.push_back(line.starts_with(kProgram) ? line.substr(kProgram.size()) : line);
  }
}

void CombineStore(const OptionTexts& texts, Config& config, Violations& violations) {
  const bool embedded = texts.embedded;
  const bool memory = texts.store == "memory";
  const int choices = (embedded ? 1 : 0) + (config.redis_url.empty() ? 0 : 1) + (memory ? 1 : 0);
  if (choices != 1) {
    violations.emplace_back(
        choices == 0 ? "say where to keep the data: --embedded, --redis URL or --store memory"
                     : "--embedded, --redis and --store memory exclude each other");
  }
  config.store = embedded ? StoreChoice::kEmbedded
                 : memory ? StoreChoice::kMemory
                          : StoreChoice::kRedis;
  AddLines(Understand(config.access, config.listen, config.data, embedded), violations);
  AddLines(Understand(config.overload), violations);
  AddLines(Understand(config.traces), violations);
  if (!config.redis_url.empty()) {
    const auto address = wiring::RedisAddressOf(config.redis_url, config.redis_access);
    if (!address.ok()) {
      violations.push_back("--redis: " + address.status().message());
    }
  }
}

ports::LogLevel LevelOf(const std::string& name) {
  return name == "debug"     ? ports::LogLevel::kDebug
         : name == "warning" ? ports::LogLevel::kWarning
         : name == "error"   ? ports::LogLevel::kError
                             : ports::LogLevel::kInfo;
}

// What no single option can know.
Violations Combine(const OptionTexts& texts, Config& config) {
  Violations violations;
  CombineStore(texts, config, violations);
  AddLines(Understand(config.webhooks), violations);
  AddLines(Understand(config.smtp), violations);
  if (config.smtp.chosen() && !config.mail_dir.empty()) {
    violations.emplace_back(
        "--smtp and --mail-dir exclude each other: letters are sent, or written to files");
  }
  if (config.trusted_callers.empty()) {
    config.trusted_callers = config.store == StoreChoice::kRedis ? "none" : "loopback";
  }
  if (const auto callers = TrustedCallers::Parse(config.trusted_callers); !callers.ok()) {
    violations.push_back("--trusted-callers: " + callers.status().message());
  }
  // What is no duration was named before; the rest is looked at all the same.
  const auto read = [](const std::string& text) {
    const Result<Duration> duration = ParseDurationText(text);
    return duration.ok() ? *duration : Duration{0};
  };
  config.intake_max_age = read(texts.intake_max_age);
  config.grace = read(texts.grace);
  config.drain_wait = read(texts.drain_wait);
  config.log_level = LevelOf(texts.log_level);
  config.go_on_after_lost_writes = texts.on_lost_writes == "alarm";
  if (config.secrets.empty()) {
    config.secrets = config.data + "/secrets";
  }
  if (config.mail_dir.empty()) {
    config.mail_dir = config.data + "/mail";
  }
  return violations;
}

// The options with all that they are bound to.
struct CommandLine {
  CommandLine() {
    config.data = "var/kulanzd";
    config.store_id = "kulanz";
    config.rules = "rules";
    config.default_locale = "en";
    config.listen = "127.0.0.1:50051";
    config.metrics = "127.0.0.1:9464";
    app.set_version_flag("--version", "kulanzd " KULANZ_VERSION " (" KULANZ_REVISION ")");
    CLI::Option& config_option = AddInquiryOptions(app, inquiry);
    AddConfigOptions(app, config, texts);
    options.emplace(app);
    options->ReadFileNamedBy(config_option);
  }
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  Config config;
  OptionTexts texts;
  Inquiry inquiry;
  CLI::App app{std::string(kDescription), "kulanzd"};
  std::optional<LayeredOptions> options;
};

// What is wrong, one line each.
std::string Render(const Violations& violations) {
  std::string text;
  for (const std::string& violation : violations) {
    text += "kulanzd: " + violation + "\n";
  }
  return text;
}

}  // namespace

ParsedConfig ParseConfig(const std::vector<std::string>& arguments) {
  CommandLine line;
  LayeredOptions& options = *line.options;
  ParsedConfig parsed;
  Violations violations = options.Read(arguments);
  if (options.asks_for_text()) {
    parsed.text = options.Text();
    return parsed;
  }
  for (const std::string& violation : Combine(line.texts, line.config)) {
    if (std::string placed = options.Placed(violation); !placed.empty()) {
      violations.push_back(std::move(placed));
    }
  }
  if (!violations.empty()) {
    parsed.text =
        Render(violations) + "kulanzd: nothing was started; 'kulanzd --help' has the options\n";
    parsed.exit_code = 2;
    return parsed;
  }
  if (line.inquiry.check) {
    parsed.text = Render(options.UnknownVariables()) + "kulanzd: the configuration is fine\n";
  }
  if (line.inquiry.print) {
    options.SetDefault("secrets", line.config.secrets);
    options.SetDefault("audit_log", line.config.access.audit_log);
    options.SetDefault("otlp_endpoint", line.config.traces.endpoint);
    options.SetDefault("otlp_service_name", line.config.traces.service_name);
    options.SetDefault("trusted_callers", line.config.trusted_callers);
    options.SetDefault("mail_dir", line.config.smtp.chosen() ? "" : line.config.mail_dir);
    parsed.text += options.Effective();
  }
  parsed.serve = !line.inquiry.check && !line.inquiry.print;
  parsed.config = std::move(line.config);
  return parsed;
}

std::vector<OptionDescription> DescribeOptions() { return CommandLine().options->Describe(); }

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
  return IsLoopbackHost(address.substr(0, address.rfind(':')));
}

}  // namespace kulanz::server
