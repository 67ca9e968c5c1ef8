#include "service/kulanzd/secret_reloader.h"

#include <utility>

#include "service/adapters/system/secret_files.h"

namespace kulanz::server {
namespace {

// So long before a new secret's time all servers should have it.
constexpr Duration kNoticeMin = std::chrono::minutes{10};

}  // namespace

SecretReloader::SecretReloader(std::string directory, wiring::Secrets& secrets,
                               std::function<std::optional<Instant>()> now,
                               ports::Telemetry& telemetry, ports::FileTelemetry& files,
                               ports::Log& log)
    : directory_(std::move(directory)),
      secrets_(secrets),
      now_(std::move(now)),
      telemetry_(telemetry),
      files_(files),
      log_(log) {
  telemetry_.SecretsReloaded("ok", secrets_.known().size());
  files_.FilesRead("secrets", true);
  Tick();
}

SecretReloader::~SecretReloader() = default;

void SecretReloader::Watch() {
  watcher_ = std::make_unique<adapters::DirectoryWatcher>(
      adapters::DirectoryWatcher::Options{.path = directory_}, [this] { Reload(); });
  if (!watcher_->notified()) {
    log_.Warning("secret_watch_polls", "inotify is not available; new secrets are seen late",
                 {{"directory", directory_}});
  }
  Reload();  // What changed between the first load and the watch.
}

void SecretReloader::Tick() {
  const std::optional<Instant> now = now_();
  if (!now) {
    return;
  }
  const std::string before = secrets_.codec.sealing_id();
  secrets_.codec.UseAt(*now);
  if (const std::string after = secrets_.codec.sealing_id(); after != before) {
    log_.Info("record_secret_begins", "records are sealed with another secret from now on",
              {{"id", after}});
  }
  bool waiting = false;
  {
    const std::lock_guard lock(mutex_);
    waiting = std::exchange(waiting_, false);
  }
  if (waiting) {
    Reload();
  }
}

void SecretReloader::Reload() {
  const std::lock_guard lock(mutex_);
  const Result<std::size_t> added = ReloadLocked();
  if (!added.ok() || !waiting_) {
    files_.FilesRead("secrets", added.ok());
  }
  if (!added.ok()) {
    telemetry_.SecretsReloaded("rejected", secrets_.known().size());
    log_.Error("secrets_rejected", "the secrets cannot be used; what was active stays",
               {{"directory", directory_},
                {"reason", std::string(added.status().reason())},
                {"why", added.status().message()}});
    return;
  }
  if (*added > 0) {
    telemetry_.SecretsReloaded("ok", secrets_.known().size());
  }
}

Result<std::size_t> SecretReloader::ReloadLocked() {
  KULANZ_ASSIGN_OR_RETURN(const std::vector<adapters::SecretFile> files,
                          adapters::ReadSecretFiles(directory_));
  const std::optional<Instant> now = now_();
  if (!now) {
    waiting_ = true;  // Nobody can say yet whether a new one is late.
    return std::size_t{0};
  }
  const std::vector<wiring::KnownSecret> before = secrets_.known();
  KULANZ_ASSIGN_OR_RETURN(const std::size_t added, secrets_.TakeOver(files, *now));
  for (const wiring::KnownSecret& secret : secrets_.known()) {
    bool is_new = true;
    for (const wiring::KnownSecret& old : before) {
      is_new = is_new && old.id != secret.id;
    }
    if (!is_new) {
      continue;
    }
    log_.Info("secret_added", "a new secret is known, and used from its time on",
              {{"id", secret.id},
               {"purpose", std::string(NameOf(wiring::PurposeOf(secret.id)))},
               {"used_from", FormatInstant(secret.used_from)}});
    if (secret.used_from < *now + kNoticeMin) {
      log_.Warning("secret_soon", "a new secret is used within minutes; does every server have it?",
                   {{"id", secret.id}, {"used_from", FormatInstant(secret.used_from)}});
    }
  }
  return added;
}

}  // namespace kulanz::server
