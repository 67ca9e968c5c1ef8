#include "tests/fault/faulty_clock.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace kulanz::testing {

namespace fs = std::filesystem;

// NOLINTBEGIN(concurrency-mt-unsafe): as the header says
FaultyClock::FaultyClock()
    : path_((fs::temp_directory_path() / ("clock-" + std::to_string(getpid()))).string()) {
  Set(std::chrono::seconds(0));
  const fs::path library =
      fs::read_symlink("/proc/self/exe").parent_path() / "libkulanz_faulty_clock.so";
  const char* const others = std::getenv("LD_PRELOAD");
  setenv(
      "LD_PRELOAD",
      others == nullptr ? library.c_str() : (std::string(others) + ":" + library.string()).c_str(),
      1);
  setenv("KULANZ_CLOCK_OFFSET", path_.c_str(), 1);
}

void FaultyClock::StopInheriting() {
  unsetenv("LD_PRELOAD");
  unsetenv("KULANZ_CLOCK_OFFSET");
}
// NOLINTEND(concurrency-mt-unsafe)

FaultyClock::~FaultyClock() {
  StopInheriting();
  std::error_code ignored;
  fs::remove(path_, ignored);
}

void FaultyClock::Set(std::chrono::seconds offset) const {
  // Whoever reads sees the old one or the new one.
  std::ofstream(path_ + ".new") << offset.count();
  fs::rename(path_ + ".new", path_);
}

}  // namespace kulanz::testing
