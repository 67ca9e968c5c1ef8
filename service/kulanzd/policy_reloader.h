// PolicyReloader: keeps the active policy set and the letters equal to the directory, as long as that is
// good.
//
// Policies and messages are loaded together and replaced together. A directory with a mistake never
// replaces what was good: every problem is logged, the reload is counted as rejected, and the next change
// is tried again. Thread-safety: constructed and destroyed by one owner; Reload from any thread.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "service/adapters/mail/letter_composer.h"
#include "service/adapters/system/directory_watcher.h"
#include "service/app/policy_holder.h"
#include "service/ports/file_telemetry.h"
#include "service/ports/log.h"
#include "service/ports/telemetry.h"

namespace kulanz::server {

// How letters are written, beside the directory; nothing: no letters, and messages/ is not looked at.
struct LetterSettings {
  std::string default_locale;
  adapters::Company company;
};

class PolicyReloader {
 public:
  PolicyReloader(std::string directory, std::optional<LetterSettings> letters,
                 app::PolicyHolder& holder, ports::Telemetry& telemetry,
                 ports::FileTelemetry& files, ports::Log& log);
  ~PolicyReloader();

  // Loads now and tells what is wrong, rendered for people; empty when all is active.
  std::string Reload();
  // From here on, changes of the directory reload.
  void Watch();

  // With letters. Lives as long as this. To be asked for letters once policies are active: it has messages then.
  const adapters::LetterComposer& composer() const { return *composer_; }

 private:
  std::string ReloadLocked();

  const std::string directory_;
  const std::optional<LetterSettings> letters_;
  app::PolicyHolder& holder_;
  ports::Telemetry& telemetry_;
  ports::FileTelemetry& files_;
  ports::Log& log_;
  std::mutex mutex_;                                          // one load at a time
  const std::unique_ptr<adapters::LetterComposer> composer_;  // null without letters
  std::unique_ptr<adapters::DirectoryWatcher> watcher_;       // last: its thread uses all above
};

}  // namespace kulanz::server
