#include "service/kulanzd/spare_memory.h"

#include <malloc.h>

namespace kulanz::server {

void SpareMemory::Tick(std::chrono::steady_clock::time_point now) {
  if (now < next_) {
    return;
  }
  next_ = now + kPause;
  if (mallinfo2().fordblks > kFreeBytesMax) {
    malloc_trim(0);
  }
}

}  // namespace kulanz::server
