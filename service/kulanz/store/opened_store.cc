#include "service/kulanz/store/opened_store.h"

#include <chrono>
#include <utility>

namespace kulanz::command {

void AddStoreOptions(CLI::App& verb, StoreOptions& options) {
  verb.add_option("--redis", options.url,
                  "the store's Redis, as kulanzd is told: redis://..., redis+sentinel://..., "
                  "redis+cluster://..., each also as rediss..., or unix:///path")
      ->required()
      ->envname("KULANZ_REDIS");
  wiring::AddRedisAccessOptions(verb, options.access);
  verb.add_option("--secrets", options.secrets, "directory of the secret files of the servers")
      ->required()
      ->envname("KULANZ_SECRETS");
  verb.add_option("--store-id", options.store_id,
                  "the store that must be there; default: whichever is")
      ->envname("KULANZ_STORE_ID");
  verb.add_option("--timeout-ms", options.timeout_ms, "for the first contact with Redis")
      ->check(CLI::Range(1, 600'000))
      ->capture_default_str();
}

Result<std::unique_ptr<OpenedStore>> OpenedStore::Open(const StoreOptions& options) {
  auto opened = std::make_unique<OpenedStore>();
  KULANZ_ASSIGN_OR_RETURN(opened->secrets_, wiring::LoadSecrets(options.secrets));
  redis::RedisOptions redis_options;
  KULANZ_ASSIGN_OR_RETURN(redis_options.address,
                          wiring::RedisAddressOf(options.url, options.access));
  // Whoever looks at a store has to be able to look at one on a server with other settings, too.
  redis_options.noeviction = redis::Requirement::kWarn;
  redis_options.append_only = redis::Requirement::kWarn;
  const Deadline deadline =
      std::chrono::steady_clock::now() + std::chrono::milliseconds{options.timeout_ms};
  KULANZ_ASSIGN_OR_RETURN(opened->store_,
                          redis::RedisStore::Open(std::move(redis_options), opened->log_,
                                                  opened->telemetry_, deadline));
  const std::string& found = opened->store_->genesis().store_id;
  if (!options.store_id.empty() && options.store_id != found) {
    return Status(Code::kFailedPrecondition, "NO_GENESIS",
                  "this is the store '" + found + "', not '" + options.store_id + "'");
  }
  if (const auto now = opened->store_->Now()) {
    opened->secrets_->codec.UseAt(*now);  // what a repair writes is sealed as the servers do it
  }
  return opened;
}

}  // namespace kulanz::command
