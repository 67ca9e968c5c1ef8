// Arena: the memory of one evaluation. Bump allocation, freed all at once by Reset().
//
// Values that an evaluation builds (joined strings, lists, maps, error texts) live here, so they are
// valid until the arena is reset or destroyed. Reset() keeps the memory: after the first evaluations
// an arena no longer calls the heap. A limit bounds what one evaluation may take.
//
// Thread-safety: none; one arena per thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>
#include <vector>

namespace kulanz::cel {

class Arena {
 public:
  // 1 MiB: far above any policy's need, and far below what a hostile expression could ask for.
  static constexpr std::size_t kDefaultLimitBytes = std::size_t{1} << 20;

  explicit Arena(std::size_t limit_bytes = kDefaultLimitBytes) : limit_bytes_(limit_bytes) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // `bytes` of memory aligned to 8, or nullptr when the limit would be passed.
  void* Allocate(std::size_t bytes) {
    const std::size_t rounded = (bytes + 7U) & ~std::size_t{7};
    if (rounded < bytes || rounded > static_cast<std::size_t>(end_ - next_)) {
      return AllocateSlowly(bytes);
    }
    std::byte* const result = next_;
    next_ += rounded;
    return result;
  }
  // Room for `count` T without constructors; nullptr when the limit would be passed.
  template <typename T>
  T* AllocateArray(std::size_t count) {
    static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 8);
    if (count > limit_bytes_ / sizeof(T)) {
      return nullptr;
    }
    return static_cast<T*>(Allocate(count * sizeof(T)));
  }

  // Forgets everything allocated; keeps the memory for the next evaluation.
  void Reset();

 private:
  struct Block {
    std::unique_ptr<std::byte[]> memory;
    std::size_t size = 0;
  };
  void* AllocateSlowly(std::size_t bytes);

  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  std::vector<Block> blocks_;
  std::size_t used_blocks_ = 0;
  std::size_t reserved_bytes_ = 0;  // of the used blocks
  std::size_t limit_bytes_;
};

}  // namespace kulanz::cel
