// OpenedStore: the store that the configuration asks for, with the process that may belong to it.
//
// Thread-safety: one owner. The embedded Redis ends when this is destroyed, after its last client.
#pragma once

#include <memory>

#include "service/base/result.h"
#include "service/kulanzd/config.h"
#include "service/ports/log.h"
#include "service/ports/store.h"
#include "service/ports/telemetry.h"

namespace kulanz::server {

class OpenedStore {
 public:
  virtual ~OpenedStore() = default;
  virtual ports::Store& store() = 0;
};

// `log` and `telemetry` outlive the store. Fails with what an operator has to mend.
Result<std::unique_ptr<OpenedStore>> OpenStore(const Config& config, ports::Log& log,
                                               ports::Telemetry& telemetry);

}  // namespace kulanz::server
