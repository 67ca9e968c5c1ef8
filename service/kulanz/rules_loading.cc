#include "service/kulanz/rules_loading.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "service/kulanz/check/checked_set.h"
#include "service/policy/loader.h"
#include "service/policy/yaml_reader.h"

namespace kulanz::command {
namespace {

// One byte more than is allowed, so that a file that is too large is known for one.
std::string ReadSome(std::istream& in) {
  std::string text(policy::kYamlBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  return text;
}

}  // namespace

std::shared_ptr<const policy::PolicySet> LoadRules(const std::string& directory) {
  policy::LoadResult result = policy::LoadPolicySet(directory);
  if (!result.ok()) {
    PrintDiagnostics(result.diagnostics, PrefixOf(directory));
  }
  return result.policies;
}

std::optional<policy::SourceFile> ReadSource(const std::string& path) {
  std::string text;
  if (path == "-") {
    text = ReadSome(std::cin);
  } else {
    std::ifstream file(path, std::ios::binary);
    text = file ? ReadSome(file) : "";
    if (!file.is_open() || (file.bad())) {
      static_cast<void>(std::fprintf(stderr, "kulanz: cannot read %s\n", path.c_str()));
      return std::nullopt;
    }
  }
  if (text.size() > policy::kYamlBytesMax) {
    static_cast<void>(std::fprintf(stderr, "kulanz: %s is larger than %zu bytes\n", path.c_str(),
                                   policy::kYamlBytesMax));
    return std::nullopt;
  }
  return policy::SourceFile(path == "-" ? "(input)" : path, std::move(text));
}

void PrintDiagnostics(const policy::Diagnostics& diagnostics, const std::string& prefix) {
  const bool color = isatty(STDERR_FILENO) != 0 &&
                     std::getenv("NO_COLOR") == nullptr;  // NOLINT(concurrency-mt-unsafe)
  const std::string text = policy::Render(diagnostics, {.color = color, .file_prefix = prefix});
  static_cast<void>(std::fputs(text.c_str(), stderr));
}

}  // namespace kulanz::command
