#include "service/kulanz/data/map_file.h"

#include <algorithm>
#include <array>
#include <utility>

#include "service/base/crypto.h"
#include "service/kulanz/data/input_file.h"
#include "service/policy/diagnostic.h"
#include "service/policy/fields.h"
#include "service/policy/yaml_reader.h"

namespace kulanz::command {
namespace {

constexpr std::string_view kBadSeparator = "bad-separator";

}  // namespace

Result<MapFile> MapFile::Read(const std::string& path) {
  std::string text;
  if (!path.empty()) {
    KULANZ_ASSIGN_OR_RETURN(text, ReadInputFile(path));
  }
  MapFile map;
  map.file_ = std::make_shared<const policy::SourceFile>(path, std::move(text));
  if (path.empty()) {
    return map;
  }
  policy::DiagnosticSink sink;
  map.root_ = policy::ReadYaml(*map.file_, sink);
  if (map.root_ && map.root_->is_map()) {
    const auto entry = std::find_if(map.root_->entries.begin(), map.root_->entries.end(),
                                    [](const auto& e) { return e.key.text == "separator"; });
    if (entry != map.root_->entries.end()) {
      const std::string& given = entry->value.text;
      if (given == "tab" ||
          (given.size() == 1 && std::string_view(",;|\t").find(given) != std::string_view::npos)) {
        map.separator_ = given == "tab" ? '\t' : given.front();
      } else {
        policy::FileContext{*map.file_, sink}.Error(entry->value, kBadSeparator,
                                                    "'" + given + "' separates no fields",
                                                    "one of: ',', ';', '|', tab");
      }
    }
  }
  if (sink.has_errors()) {
    return Status(Code::kInvalidArgument, "MAP", "\n" + policy::Render(sink.Take()));
  }
  return map;
}

std::string MapFile::Digest() const { return ToHex(AsView(Sha256(file_->text()))); }

}  // namespace kulanz::command
