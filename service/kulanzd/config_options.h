// The options of kulanzd, bound to a Config. Groups with many of their own (SMTP, webhooks) add these themselves.
#pragma once

#include <string>

#include "service/kulanzd/config.h"

namespace CLI {
class App;
}

namespace kulanz::server {

// What was said, before it is understood together with the rest.
struct OptionTexts {
  bool embedded = false;
  std::string store = "redis";
  std::string intake_max_age = "90d";
  std::string grace = "10s";
  std::string drain_wait = "0s";
  std::string on_lost_writes = "halt";
  std::string log_level = "info";
};

// `config` has its defaults. Each option has a variable KULANZ_..., which also gives it its key in the file.
void AddConfigOptions(CLI::App& app, Config& config, OptionTexts& texts);

}  // namespace kulanz::server
