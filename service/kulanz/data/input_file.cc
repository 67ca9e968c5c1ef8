#include "service/kulanz/data/input_file.h"

#include <zlib.h>

#include <filesystem>
#include <memory>
#include <vector>

namespace kulanz::command {
namespace {

Status BadFile(const std::string& path, const std::string& what) {
  return Status(Code::kInvalidArgument, "FILE", path + " " + what);
}

constexpr std::size_t kChunkBytes = std::size_t{1} << 18;

}  // namespace

Result<std::string> ReadInputFile(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return BadFile(path, "is a folder, not a file");
  }
  // gzopen also reads what is not compressed, as it is.
  const auto close = [](gzFile file) { gzclose(file); };
  const std::unique_ptr<gzFile_s, decltype(close)> file(gzopen(path.c_str(), "rbe"), close);
  if (file == nullptr) {
    return Status(Code::kNotFound, "FILE", "cannot open " + path);
  }
  gzbuffer(file.get(), kChunkBytes);
  std::string text;
  std::vector<char> chunk(kChunkBytes);
  while (true) {
    const int read = gzread(file.get(), chunk.data(), static_cast<unsigned>(chunk.size()));
    if (read > 0) {
      text.append(chunk.data(), static_cast<std::size_t>(read));
      if (text.size() > kInputBytesMax) {
        return BadFile(path, "is larger than 2 GiB; split it");
      }
      continue;
    }
    // A gzip file that was cut off gives what it has and then says so here.
    int error = Z_OK;
    gzerror(file.get(), &error);
    if (read < 0 || error != Z_OK) {
      return BadFile(path, "is damaged or cut off: it cannot be unpacked to its end");
    }
    break;
  }
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return BadFile(path, "is UTF-16; save it as UTF-8");
  }
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) {
    text.erase(0, kByteOrderMark.size());
  }
  return text;
}

}  // namespace kulanz::command
