#include "service/kulanz/simulate/output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "service/base/result.h"

namespace kulanz::command {
namespace {

// Devices and pipes cannot be replaced; they are written to as they are.
bool IsSpecial(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode);
}

}  // namespace

OutputFile::~OutputFile() {
  if (file_ != nullptr) {
    std::fclose(file_);
    if (!temporary_.empty()) {
      unlink(temporary_.c_str());
    }
  }
}

Status OutputFile::Fail(const char* what) {
  return Status(Code::kInvalidArgument, "FILE",
                std::string("cannot ") + what + " " + path_ + ": " + std::strerror(errno));
}

Status OutputFile::Open() {
  if (IsSpecial(path_)) {
    file_ = std::fopen(path_.c_str(), "we");
    return file_ == nullptr ? Fail("write") : Status::Ok();
  }
  temporary_ = path_ + ".new-" + std::to_string(getpid());
  const int descriptor = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  file_ = descriptor < 0 ? nullptr : fdopen(descriptor, "w");
  return file_ == nullptr ? Fail("write") : Status::Ok();
}

Status OutputFile::Write(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), file_) == text.size() ? Status::Ok()
                                                                        : Fail("write");
}

Status OutputFile::Commit() {
  if (std::fflush(file_) != 0 || (!temporary_.empty() && fsync(fileno(file_)) != 0)) {
    return Fail("write");
  }
  if (std::fclose(std::exchange(file_, nullptr)) != 0) {
    const Status status = Fail("write");
    unlink(temporary_.c_str());
    return status;
  }
  if (!temporary_.empty() && std::rename(temporary_.c_str(), path_.c_str()) != 0) {
    const Status status = Fail("put in place");
    unlink(temporary_.c_str());
    return status;
  }
  return Status::Ok();
}

Status WriteFile(const std::string& path, std::string_view text) {
  OutputFile file(path);
  KULANZ_RETURN_IF_ERROR(file.Open());
  KULANZ_RETURN_IF_ERROR(file.Write(text));
  return file.Commit();
}

}  // namespace kulanz::command
