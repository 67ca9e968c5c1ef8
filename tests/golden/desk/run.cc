#include "tests/golden/desk/run.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/paths/paths.h"

namespace kulanz::test {

namespace fs = std::filesystem;

std::string ReadText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

Ended RunShell(const std::string& folder, const std::string& shell) {
  std::string pattern = (fs::temp_directory_path() / "kulanz-run-XXXXXX").string();
  const fs::path streams = mkdtemp(pattern.data());
  const std::string script = (streams / "script").string();
  std::ofstream(script) << "cd '" << folder << "'\nK='" << BinPath("kulanz") << "'\nexport K\n"
                        << shell;
  const std::string command = "env -u COLUMNS -u NO_COLOR bash '" + script + "' >'" +
                              (streams / "out").string() + "' 2>'" + (streams / "error").string() +
                              "' </dev/null";
  const int status = std::system(command.c_str());  // NOLINT(concurrency-mt-unsafe,cert-env33-c)
  Ended ended{.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1,
              .out = ReadText(streams / "out"),
              .error = ReadText(streams / "error")};
  fs::remove_all(streams);
  return ended;
}

void ExpectText(const std::string& path, const std::string& text) {
  if (std::getenv("KULANZ_UPDATE_GOLDEN") != nullptr) {  // NOLINT(concurrency-mt-unsafe)
    std::ofstream(path, std::ios::binary) << text;
  }
  EXPECT_EQ(text, ReadText(path)) << path;
}

}  // namespace kulanz::test
