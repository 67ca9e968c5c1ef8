// RelayDoubt: whether "relaying denied" is said of everybody or of one recipient.
//
// A server that does not relay for us refuses every recipient that is not its own; but a recipient's server
// may also say so of itself alone, and one customer must not stop everybody's letters. So the first letter that
// is refused in this way is tried again like one that was refused for the moment. When another recipient is
// refused so, and nothing was accepted in between, it is the configuration.
//
// Thread-safety: any thread. Keeps a hash, no address.
#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>

#include "service/ports/messenger.h"

namespace kulanz::adapters {

class RelayDoubt {
 public:
  // What the report of a letter to `recipient` means; reports of anything else come back as they are.
  ports::DeliveryReport Judge(ports::DeliveryReport report, const std::string& recipient);

 private:
  std::mutex mutex_;
  std::optional<std::size_t> refused_;  // whom, since a letter was accepted
};

}  // namespace kulanz::adapters
