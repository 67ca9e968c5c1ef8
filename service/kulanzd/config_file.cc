#include "service/kulanzd/config_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "service/policy/diagnostic.h"
#include "service/policy/diagnostic_ids.h"
#include "service/policy/source_file.h"
#include "service/policy/yaml_reader.h"

namespace kulanz::server {
namespace {

using policy::Node;

std::string Because(int error) {
  return std::strerror(error);  // NOLINT(concurrency-mt-unsafe): before any thread
}

// The file's text; why not, in `problem`.
std::optional<std::string> ReadText(const std::string& path, std::string& problem) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): the system's own interface
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) {
    problem = errno == ENOENT ? "there is no such file" : "cannot be read: " + Because(errno);
    return std::nullopt;
  }
  struct stat status {};
  std::string text(kConfigBytesMax + 1, '\0');
  std::size_t size = 0;
  if (::fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
    problem = "is no file";
  }
  while (problem.empty() && size < text.size()) {
    const ssize_t got = ::read(file, text.data() + size, text.size() - size);
    if (got < 0) {
      problem = "cannot be read: " + Because(errno);
    }
    if (got <= 0) {
      break;
    }
    size += static_cast<std::size_t>(got);
  }
  ::close(file);
  if (problem.empty() && size > kConfigBytesMax) {
    problem = "is larger than " + std::to_string(kConfigBytesMax) + " bytes";
  }
  text.resize(size);
  return problem.empty() ? std::optional(std::move(text)) : std::nullopt;
}

class Reader {
 public:
  Reader(const policy::SourceFile& file, ConfigFile& out) : file_(file), out_(out) {}

  void ReadMap(const Node& root) {
    if (!root.is_map()) {
      Wrong(root, "the file must be lines of 'key: value'");
      return;
    }
    for (const Node::Entry& entry : root.entries) {
      ReadEntry(entry);
    }
  }

 private:
  std::string Place(const Node& node) const {
    const policy::LineColumn at = file_.Locate(node.span.begin);
    return file_.name() + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
  }
  void Wrong(const Node& node, const std::string& what) {
    out_.violations.push_back(Place(node) + ": " + what);
  }

  void ReadEntry(const Node::Entry& read) {
    const Node& value = read.value;
    ConfigEntry entry;
    entry.key = read.key.text;
    entry.key_place = Place(read.key);
    entry.place = Place(value);
    entry.is_list = value.is_list();
    if (value.is_null()) {
      Wrong(value, entry.key + " has no value: leave the line out, or write '' for nothing");
      return;
    }
    if (value.is_map()) {
      Wrong(value, entry.key + " takes a value, not keys of its own");
      return;
    }
    if (value.is_scalar()) {
      entry.values.push_back(value.text);
    }
    for (const Node& item : value.items) {
      if (!item.is_scalar()) {
        Wrong(item, entry.key + " takes a list of plain values");
        return;
      }
      entry.values.push_back(item.text);
    }
    out_.entries.push_back(std::move(entry));
  }

  const policy::SourceFile& file_;
  ConfigFile& out_;
};

}  // namespace

ConfigFile ReadConfigFile(const std::string& path) {
  ConfigFile out;
  std::string problem;
  std::optional<std::string> text = ReadText(path, problem);
  if (!text) {
    out.violations.push_back(path + ": " + problem);
    return out;
  }
  const policy::SourceFile file(path, *std::move(text));
  policy::DiagnosticSink sink;
  const std::optional<Node> root = policy::ReadYaml(file, sink);
  for (const policy::Diagnostic& found : sink.Take()) {
    if (found.id == policy::diagnostic_id::kEmptyFile) {
      continue;
    }
    std::string violation = found.file;
    if (found.line > 0) {
      violation += ":" + std::to_string(found.line) + ":" + std::to_string(found.column);
    }
    violation += ": " + found.message;
    out.violations.push_back(found.hint.empty() ? violation : violation + "; " + found.hint);
  }
  if (root) {
    Reader(file, out).ReadMap(*root);
  }
  return out;
}

}  // namespace kulanz::server
