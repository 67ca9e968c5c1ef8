#include "service/adapters/redis/failures.h"

#include <array>
#include <utility>

#include "service/domain/time.h"

namespace kulanz::redis {

Status Unreachable(std::string message) {
  return Status(Code::kUnavailable, "STORE_UNREACHABLE", std::move(message));
}

Status Uncertain(std::string message) {
  return Status(Code::kUnavailable, "STORE_UNCERTAIN",
                std::move(message) + "; it may have been applied: repeat the identical request");
}

Status ErrorStatus(std::string_view error) {
  struct Known {
    std::string_view word;
    std::string_view reason;
    std::string_view message;
  };
  // All of these come before any effect: the first write of a script is refused with the rest.
  static constexpr std::array kKnown = {
      Known{"READONLY", "STORE_READ_ONLY", "Redis is a read-only replica"},
      Known{"MASTERDOWN", "STORE_READ_ONLY", "Redis is a replica that lost its master"},
      Known{"LOADING", "STORE_LOADING", "Redis is loading its data"},
      Known{"OOM", "STORE_REFUSED", "Redis is out of memory (maxmemory)"},
      Known{"MISCONF", "STORE_REFUSED", "Redis cannot write its data to disk"},
      Known{"NOREPLICAS", "STORE_REFUSED", "Redis has too few replicas (min-replicas-to-write)"},
      Known{"BUSY", "STORE_REFUSED", "Redis is busy with a script"},
      Known{"CLUSTERDOWN", "STORE_REFUSED", "the Redis cluster is down"},
      Known{"TRYAGAIN", "STORE_REFUSED", "the Redis cluster is moving this partition"},
      Known{"MOVED", "STORE_REFUSED", "the partition is on another node of the Redis cluster"},
      Known{"ASK", "STORE_REFUSED", "the partition is moving to another node of the Redis cluster"},
      Known{"NOAUTH", "STORE_REFUSED", "Redis wants a password"},
      Known{"WRONGPASS", "STORE_REFUSED", "Redis does not accept user and password"},
      Known{"NOPERM", "STORE_REFUSED", "the Redis user may not run this command"},
  };
  constexpr Duration kRetryAfter{250};
  const std::string_view word = error.substr(0, error.find(' '));
  for (const Known& known : kKnown) {
    if (word == known.word) {
      return Status(Code::kUnavailable, known.reason, std::string(known.message))
          .WithRetryAfter(kRetryAfter)
          .WithMetadata("redisError", std::string(word));
    }
  }
  return Status(Code::kInternal, "STORE_BROKEN", "Redis answered: " + std::string(error));
}

bool IsNoScript(std::string_view error) { return error.starts_with("NOSCRIPT"); }

bool IsClusterDown(const Status& failure) {
  const auto error = failure.metadata().find("redisError");
  return error != failure.metadata().end() && error->second == "CLUSTERDOWN";
}

Status BrokenReply(std::string_view what) {
  return Status(Code::kInternal, "STORE_BROKEN", "Redis answered with " + std::string(what));
}

Status Corrupt(std::string_view what) {
  return Status(Code::kDataLoss, "STORE_CORRUPT",
                "Redis holds " + std::string(what) + ", which Kulanz did not write");
}

}  // namespace kulanz::redis
