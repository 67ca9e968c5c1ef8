#include "service/kulanzd/opened_store.h"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>

#include "service/adapters/memory/memory_store.h"
#include "service/adapters/redis/embedded.h"
#include "service/adapters/redis/initialise.h"
#include "service/adapters/redis/redis_store.h"
#include "service/kulanzd/store_initialiser.h"

namespace kulanz::server {
namespace {

constexpr Duration kFirstContact{5'000};

class OpenedMemory final : public OpenedStore {
 public:
  explicit OpenedMemory(std::uint32_t partitions)
      : store_({.partition_count = partitions, .clock = [] {
                  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
                }}) {}
  ports::Store& store() override { return store_; }

 private:
  memory::MemoryStore store_;
};

// With the Redis that it talks to, if that is ours: it ends after its client.
class OpenedRedis final : public OpenedStore {
 public:
  OpenedRedis(std::unique_ptr<redis::EmbeddedRedis> embedded,
              std::unique_ptr<StoreInitialiser> initialiser,
              std::unique_ptr<redis::RedisStore> store)
      : embedded_(std::move(embedded)),
        initialiser_(std::move(initialiser)),
        store_(std::move(store)) {}
  ports::Store& store() override { return *store_; }

 private:
  std::unique_ptr<redis::EmbeddedRedis> embedded_;
  std::unique_ptr<StoreInitialiser> initialiser_;  // null: nothing to make
  std::unique_ptr<redis::RedisStore> store_;
};

redis::Genesis GenesisOf(const Config& config) {
  return {.store_id = config.store_id, .partition_count = config.partitions};
}

// Connects to `address`, where a Redis is that may be ours, and that `initialiser` may still wait for.
Result<std::unique_ptr<OpenedStore>> Connect(const Config& config, redis::RedisAddress address,
                                             std::unique_ptr<redis::EmbeddedRedis> embedded,
                                             std::unique_ptr<StoreInitialiser> initialiser,
                                             ports::Log& log, ports::Telemetry& telemetry) {
  redis::RedisOptions options;
  options.address = std::move(address);
  options.genesis = GenesisOf(config);
  options.genesis_follows = initialiser != nullptr && initialiser->postponed();
  options.replicas_to_wait = config.replicas_to_wait;
  options.on_replica_shortfall = config.accept_replica_shortfall
                                     ? redis::OnReplicaShortfall::kAccept
                                     : redis::OnReplicaShortfall::kUncertain;
  options.on_lost_writes =
      config.go_on_after_lost_writes ? redis::OnLostWrites::kAlarm : redis::OnLostWrites::kHalt;
  const Deadline deadline = std::chrono::steady_clock::now() + kFirstContact;
  KULANZ_ASSIGN_OR_RETURN(auto store, redis::RedisStore::Open(options, log, telemetry, deadline));
  return std::unique_ptr<OpenedStore>(
      new OpenedRedis(std::move(embedded), std::move(initialiser), std::move(store)));
}

Result<std::unique_ptr<OpenedStore>> OpenRedis(const Config& config, ports::Log& log,
                                               ports::Telemetry& telemetry) {
  KULANZ_ASSIGN_OR_RETURN(redis::RedisAddress address,
                          wiring::RedisAddressOf(config.redis_url, config.redis_access));
  std::unique_ptr<StoreInitialiser> initialiser;
  if (config.initialise) {
    initialiser = std::make_unique<StoreInitialiser>(
        redis::InitialiseOptions{.address = address, .genesis = GenesisOf(config)}, log);
    KULANZ_RETURN_IF_ERROR(initialiser->Begin());
  }
  return Connect(config, std::move(address), nullptr, std::move(initialiser), log, telemetry);
}

// A store is made only on the very first start: a mark beside Redis' files remembers it, so that files
// which are lost later are an error and not a new beginning.
Result<std::unique_ptr<OpenedStore>> OpenEmbedded(const Config& config, ports::Log& log,
                                                  ports::Telemetry& telemetry) {
  std::error_code error;
  const std::filesystem::path directory =
      std::filesystem::absolute(std::filesystem::path(config.data) / "redis", error);
  if (error) {
    return Status(Code::kFailedPrecondition, "DIRECTORY",
                  "the data directory " + config.data + " cannot be used: " + error.message());
  }
  redis::EmbeddedRedis::Options options;
  options.directory = directory.string();
  KULANZ_ASSIGN_OR_RETURN(auto embedded, redis::EmbeddedRedis::Start(std::move(options), log));
  const std::filesystem::path mark = directory / "initialised";
  if (!std::filesystem::exists(mark, error)) {
    KULANZ_RETURN_IF_ERROR(
        redis::Initialise({.address = embedded->address(), .genesis = GenesisOf(config)}));
    std::FILE* file = std::fopen(mark.c_str(), "we");
    if (file == nullptr || std::fclose(file) != 0) {
      return Status(Code::kFailedPrecondition, "DIRECTORY", "cannot write " + mark.string());
    }
  }
  redis::RedisAddress address = embedded->address();
  return Connect(config, std::move(address), std::move(embedded), nullptr, log, telemetry);
}

}  // namespace

Result<std::unique_ptr<OpenedStore>> OpenStore(const Config& config, ports::Log& log,
                                               ports::Telemetry& telemetry) {
  switch (config.store) {
    case StoreChoice::kMemory:
      log.Warning("store_in_memory", "nothing is kept: everything is gone when this server ends");
      return std::unique_ptr<OpenedStore>(new OpenedMemory(config.partitions));
    case StoreChoice::kRedis:
      return OpenRedis(config, log, telemetry);
    case StoreChoice::kEmbedded:
      break;
  }
  return OpenEmbedded(config, log, telemetry);
}

}  // namespace kulanz::server
