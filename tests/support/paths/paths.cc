#include "tests/support/paths/paths.h"

namespace kulanz::test {

// The only file compiled with absolute paths: all others compile to the same object in every checkout,
// so that a compiler cache serves them.
std::string SourcePath(std::string_view relative) {
  return std::string(KULANZ_SOURCE_DIR "/").append(relative);
}

std::string BinPath(std::string_view program) {
  return std::string(KULANZ_BIN_DIR "/").append(program);
}

}  // namespace kulanz::test
