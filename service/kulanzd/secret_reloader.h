// SecretReloader: takes over new secret files while the server runs.
//
// A directory with anything wrong in it (a file that others may read, two with the same content, one that
// was removed or changed, one that begins in the past) changes nothing: what was active stays, the problem
// is logged, the reload is counted as rejected, and the next change of the directory is tried again.
//
// Thread-safety: constructed and destroyed by one owner; Reload and Tick from any thread.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "service/adapters/system/directory_watcher.h"
#include "service/domain/time.h"
#include "service/ports/file_telemetry.h"
#include "service/ports/log.h"
#include "service/ports/telemetry.h"
#include "service/wiring/secrets.h"

namespace kulanz::server {

class SecretReloader {
 public:
  // `now`: the store's time; nothing while that is not known. All references outlive this.
  SecretReloader(std::string directory, wiring::Secrets& secrets,
                 std::function<std::optional<Instant>()> now, ports::Telemetry& telemetry,
                 ports::FileTelemetry& files, ports::Log& log);
  ~SecretReloader();

  // From here on, changes of the directory reload.
  void Watch();
  // Loads now; the log tells what came of it.
  void Reload();
  // Regularly, well within the time between two secrets: records are sealed with the key of now.
  void Tick();

 private:
  Result<std::size_t> ReloadLocked();

  const std::string directory_;
  wiring::Secrets& secrets_;
  const std::function<std::optional<Instant>()> now_;
  ports::Telemetry& telemetry_;
  ports::FileTelemetry& files_;
  ports::Log& log_;
  std::mutex mutex_;      // one load at a time
  bool waiting_ = false;  // a change waits until the store's time is known; under mutex_
  std::unique_ptr<adapters::DirectoryWatcher> watcher_;  // last: its thread uses all above
};

}  // namespace kulanz::server
