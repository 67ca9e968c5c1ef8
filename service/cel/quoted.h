// 'name': how diagnostics show what the author wrote.
#pragma once

#include <string>
#include <string_view>

namespace kulanz::cel {

inline std::string Quoted(std::string_view name) {
  std::string quoted(1, '\'');
  quoted += name;
  quoted += '\'';
  return quoted;
}

}  // namespace kulanz::cel
