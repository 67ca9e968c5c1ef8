// BlockingClient: one command at a time over a connection of its own, waiting for each answer.
//
// For what happens once: initialising a database, waiting for a child to come up, tests. Never on a
// loop. Thread-safety: none. The connection is closed by the destructor and by any failure but an error
// reply; after that every Run fails.
#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/adapters/redis/options.h"
#include "service/base/result.h"

struct redisContext;

namespace kulanz::redis {

// A reply, copied. Of a nil nothing is set but `is_nil`.
struct Reply {
  bool is_nil = false;
  std::int64_t integer = 0;
  std::string text;
  std::vector<Reply> elements;
};

class BlockingClient {
 public:
  // Connects to one server (Topology::kStandalone) and logs in. `timeout` holds for connecting and for each later answer.
  // UNAVAILABLE / STORE_UNREACHABLE or STORE_REFUSED.
  static Result<BlockingClient> Connect(const RedisAddress& address, Duration timeout);
  BlockingClient(BlockingClient&&) noexcept;
  BlockingClient& operator=(BlockingClient&&) noexcept;
  ~BlockingClient();

  // An error reply is a failure by its first word (reply_codec.h).
  Result<Reply> Run(std::span<const std::string> args);
  Result<Reply> Run(std::initializer_list<std::string_view> args);

 private:
  struct Closer {
    void operator()(redisContext* context) const;
  };
  explicit BlockingClient(redisContext* context);
  Status Login(const RedisAddress& address);
  Result<Reply> Send(const std::string& command);

  std::unique_ptr<redisContext, Closer> context_;
};

}  // namespace kulanz::redis
