// Server: kulanzd as a whole, from a Config to a clean end.
//
// Start() brings up, in this order: secrets, policies, store, use-cases, metrics, gRPC. It fails with a
// sentence for the operator when something must be mended first. A Redis that is away and policies that are missing
// or wrong are no such thing: the server then listens, says NOT_SERVING, and is ready when they are.
// Thread-safety: one owner; Tick() and Stop() on its thread.
#pragma once

#include <memory>
#include <string>

#include "service/base/result.h"
#include "service/kulanzd/config.h"
#include "service/ports/log.h"

namespace kulanz::server {

class Server {
 public:
  // `log` outlives the server.
  static Result<std::unique_ptr<Server>> Start(const Config& config, ports::Log& log);
  // As Stop().
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // What has to happen regularly: tells watchers of the health service what has changed.
  void Tick();
  // Nobody who connects is answered any more, and only another process can mend it.
  bool NeedsRestart() const;
  // Loads policies and secrets again, as a change of their directories does.
  void Reload();
  // In this order: health says NOT_SERVING; after `drain_wait` no new calls; running ones end within
  // `grace`; the letters in hand; budget leases go back; the store; an embedded Redis last. Idempotent.
  void Stop();

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace kulanz::server
