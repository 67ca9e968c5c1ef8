// OpenedStore: a Redis store with its secrets, for verbs that look at the records themselves.
//
// The flags are those of kulanzd (wiring/redis_access.h), so what starts a server also opens its store.
// Thread-safety: as its parts.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "service/adapters/redis/redis_store.h"
#include "service/base/result.h"
#include "service/ports/log.h"
#include "service/ports/telemetry.h"
#include "service/wiring/redis_access.h"
#include "service/wiring/secrets.h"

namespace kulanz::command {

struct StoreOptions {
  std::string url;
  wiring::RedisAccess access;
  std::string secrets;
  std::string store_id;  // empty: whatever store is there
  int timeout_ms = 10'000;
};

// --redis, --redis-..., --secrets, --store-id, --timeout-ms, with the variables of kulanzd.
void AddStoreOptions(CLI::App& verb, StoreOptions& options);

class OpenedStore {
 public:
  // FAILED_PRECONDITION and INVALID_ARGUMENT tell what the operator has to say or mend; UNAVAILABLE: Redis is
  // away.
  static Result<std::unique_ptr<OpenedStore>> Open(const StoreOptions& options);

  redis::RedisStore& store() { return *store_; }
  const wiring::Secrets& secrets() const { return *secrets_; }

 private:
  ports::NullLog log_;
  ports::NullTelemetry telemetry_;
  std::unique_ptr<wiring::Secrets> secrets_;
  std::unique_ptr<redis::RedisStore> store_;  // last: it uses the above
};

}  // namespace kulanz::command
