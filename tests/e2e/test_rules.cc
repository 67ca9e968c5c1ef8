#include "tests/e2e/test_rules.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "service/base/check.h"
#include "tests/support/paths/paths.h"

namespace kulanz::e2e {
namespace fs = std::filesystem;

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (fs::temp_directory_path() / "kulanz-e2e-XXXXXX").string();
  KULANZ_CHECK(mkdtemp(pattern.data()) != nullptr, "a test needs a temporary directory");
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void CopyRules(const std::string& name, const std::string& directory) {
  const fs::path source = fs::path(test::SourcePath("tests/e2e")) / name;
  const fs::path messages = test::SourcePath("rules/messages");
  fs::copy(source, directory, fs::copy_options::recursive);
  for (const char* message : {"shared", "late-delivery"}) {
    fs::create_directories(fs::path(directory) / "messages");
    fs::copy(messages / message, fs::path(directory) / "messages" / message,
             fs::copy_options::recursive);
  }
}

void WriteFile(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  KULANZ_CHECK(static_cast<bool>(file.flush()), "a test can write its files");
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace kulanz::e2e
