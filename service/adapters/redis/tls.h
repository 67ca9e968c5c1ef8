// TLS sessions with Redis, made from files.
//
// Thread-safety: free functions, any thread; a session belongs to its connection.
#pragma once

#include <memory>
#include <string>

#include "service/adapters/redis/address.h"
#include "service/base/result.h"

struct ssl_st;

namespace kulanz::redis {

struct TlsSessionDeleter {
  void operator()(ssl_st* session) const;
};
using TlsSession = std::unique_ptr<ssl_st, TlsSessionDeleter>;

// A client's session with the server at `server`, not started yet: TLS 1.2 or later, the server's chain
// and name verified. Reads the files now. UNAVAILABLE / STORE_REFUSED when one of them cannot be used;
// the message names it.
Result<TlsSession> MakeTlsSession(const RedisAddress& server);

// Why the session failed, as far as TLS is to blame; empty otherwise. Call it on the thread that used
// the session, right after the failure.
std::string TlsFailure(const ssl_st& session);

}  // namespace kulanz::redis
