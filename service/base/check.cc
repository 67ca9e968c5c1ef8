#include "service/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace kulanz {

void CheckFailed(const char* file, int line, const char* condition, const char* why) {
  std::fprintf(stderr, "%s:%d: broken invariant: %s (%s)\n", file, line, why, condition);
  std::abort();
}

}  // namespace kulanz
