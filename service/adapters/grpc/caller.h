// Who calls, as far as the address at the other end of the connection tells. Thread-safe.
#pragma once

#include <grpcpp/server_context.h>

#include <string_view>

#include "service/adapters/grpc/credentials.h"
#include "service/app/caller_trust.h"
#include "service/base/status.h"

namespace kulanz::rpc {

// What the caller shows: the names of its certificate, and its bearer token.
Credentials CredentialsOf(const grpc::CallbackServerContext& context);

app::Caller CallerOf(const grpc::CallbackServerContext& context);

// `peer` as gRPC says it: "ipv4:10.0.0.5:4711", "ipv6:%5B2001:db8::1%5D:4711", "unix:/run/k.sock",
// "inproc". Ports are left out, and of IPv6 all but the network of 64 bits, which one user can fill.
app::Caller CallerFromPeer(std::string_view peer);

// OK, or PERMISSION_DENIED / CALLER_NOT_TRUSTED: where callers do not prove who they are, their address stands
// for a role. Who has proved it was judged by the table of methods.
Status RequireTrust(const app::CallerTrust& trust, const app::Caller& caller);

}  // namespace kulanz::rpc
