// The failures of the Store port, as the Redis adapter words them. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "service/base/status.h"

namespace kulanz::redis {

// UNAVAILABLE / STORE_UNREACHABLE: nothing was sent.
Status Unreachable(std::string message);
// UNAVAILABLE / STORE_UNCERTAIN: sent, but without an answer that counts.
Status Uncertain(std::string message);
// The failure for an error reply, by its first word: most come before any effect and are UNAVAILABLE;
// one that is not known is INTERNAL / STORE_BROKEN. See also IsNoScript.
Status ErrorStatus(std::string_view error);
// The script is not in the server's cache: nothing was applied; load it and send again.
bool IsNoScript(std::string_view error);
// Whether it is the failure of a cluster without a master for some slots: it mends that by itself.
bool IsClusterDown(const Status& failure);
// INTERNAL / STORE_BROKEN: a reply that no command of ours has.
Status BrokenReply(std::string_view what);
// DATA_LOSS / STORE_CORRUPT: stored bytes that no command of ours writes.
Status Corrupt(std::string_view what);

}  // namespace kulanz::redis
