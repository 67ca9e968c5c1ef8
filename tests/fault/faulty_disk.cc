#include "tests/fault/faulty_disk.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace kulanz::testing {
namespace {

std::string UniquePath() {
  static int count = 0;
  const std::string name = "disk-" + std::to_string(getpid()) + "-" + std::to_string(++count);
  return (std::filesystem::temp_directory_path() / name).string();
}

}  // namespace

FaultyDisk::FaultyDisk(Sync sync) : sync_(sync), path_(UniquePath()) { Inherit(); }

FaultyDisk::~FaultyDisk() { Release(); }

// NOLINTBEGIN(concurrency-mt-unsafe): as the header says
void FaultyDisk::Inherit() const {
  const auto programs = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  setenv("LD_PRELOAD", (programs / "libkulanz_faulty_disk.so").c_str(), 1);
  setenv("KULANZ_HOLD_FSYNC", (path_ + ".held").c_str(), 1);
  setenv("KULANZ_DISK_FULL", (path_ + ".full").c_str(), 1);
  if (sync_ == Sync::kSkip) {
    setenv("KULANZ_SKIP_FSYNC", "1", 1);
  }
}

void FaultyDisk::StopInheriting() {
  unsetenv("LD_PRELOAD");
  unsetenv("KULANZ_HOLD_FSYNC");
  unsetenv("KULANZ_DISK_FULL");
  unsetenv("KULANZ_SKIP_FSYNC");
}
// NOLINTEND(concurrency-mt-unsafe)

void FaultyDisk::Hold() const { std::ofstream(path_ + ".held") << "held"; }

void FaultyDisk::Fill() const { std::ofstream(path_ + ".full") << "full"; }

void FaultyDisk::Release() const {
  std::error_code ignored;
  std::filesystem::remove(path_ + ".held", ignored);
  std::filesystem::remove(path_ + ".full", ignored);
}

}  // namespace kulanz::testing
