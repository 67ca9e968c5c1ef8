// The Lua scripts of the store, as text and as the SHA-1 that EVALSHA wants. The texts are the files of
// lua/, put into the program at build time (scripts.cc.in).
#pragma once

#include <string_view>

namespace kulanz::redis {

struct Script {
  std::string_view text;
  std::string_view sha1;  // 40 hexadecimal digits
};

extern const Script kTransactionScript;
extern const Script kIndexScript;

}  // namespace kulanz::redis
