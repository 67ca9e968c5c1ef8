// Where the checkout and the built programs are, for tests and benchmarks that read or run them.
#pragma once

#include <string>
#include <string_view>

namespace kulanz::test {

// A file or folder of the checkout: SourcePath("rules/incidents.yaml").
std::string SourcePath(std::string_view relative);
// A program of this build: BinPath("kulanz").
std::string BinPath(std::string_view program);

}  // namespace kulanz::test
