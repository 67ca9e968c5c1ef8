// IsLoopbackHost: does a name or address stay within this machine, as far as that can be told without asking anybody?
//
// Credentials may go there in plain text, and a server that listens there needs none. A name that only looks like an
// address (127.0.0.1.example.com) belongs to whoever owns its domain.
#pragma once

#include <string_view>

namespace kulanz {

// "localhost", an address of 127.0.0.0/8 in four decimal numbers, or "::1", which may stand in brackets as in a URL.
// Thread-safe.
bool IsLoopbackHost(std::string_view host);

}  // namespace kulanz
