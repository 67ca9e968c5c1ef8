#include "service/cel/arena.h"

#include <algorithm>

namespace kulanz::cel {
namespace {

constexpr std::size_t kFirstBlockBytes = 4096;

}  // namespace

void* Arena::AllocateSlowly(std::size_t bytes) {
  if (bytes > limit_bytes_ - reserved_bytes_) {
    return nullptr;
  }
  const std::size_t rounded = (bytes + 7U) & ~std::size_t{7};
  // A kept block may be too small for this request; it is passed over and serves again after Reset().
  while (used_blocks_ < blocks_.size() && blocks_[used_blocks_].size < rounded) {
    reserved_bytes_ += blocks_[used_blocks_].size;
    ++used_blocks_;
  }
  if (reserved_bytes_ > limit_bytes_ || rounded > limit_bytes_ - reserved_bytes_) {
    return nullptr;
  }
  if (used_blocks_ == blocks_.size()) {
    const std::size_t doubled = blocks_.empty() ? kFirstBlockBytes : blocks_.back().size * 2;
    const std::size_t size =
        std::max(rounded, std::min(doubled, limit_bytes_ - reserved_bytes_) & ~std::size_t{7});
    blocks_.push_back({std::make_unique_for_overwrite<std::byte[]>(size), size});
  }
  const Block& block = blocks_[used_blocks_++];
  reserved_bytes_ += block.size;
  next_ = block.memory.get() + rounded;
  end_ = block.memory.get() + block.size;
  return block.memory.get();
}

void Arena::Reset() {
  used_blocks_ = 0;
  reserved_bytes_ = 0;
  next_ = nullptr;
  end_ = nullptr;
}

}  // namespace kulanz::cel
