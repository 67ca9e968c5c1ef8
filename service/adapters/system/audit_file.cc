#include "service/adapters/system/audit_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include "service/adapters/system/json_text.h"

namespace kulanz::adapters {
namespace {

// Whether the path still names the file that is open.
bool IsStillAt(const std::string& path, int file) {
  struct stat there = {};
  struct stat open = {};
  return ::stat(path.c_str(), &there) == 0 && ::fstat(file, &open) == 0 &&
         there.st_dev == open.st_dev && there.st_ino == open.st_ino;
}

bool EndsWithinALine(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status = {};
  char last = '\n';
  return file.valid() && ::fstat(file.get(), &status) == 0 && S_ISREG(status.st_mode) &&
         status.st_size > 0 && ::pread(file.get(), &last, 1, status.st_size - 1) == 1 &&
         last != '\n';
}

}  // namespace

std::string ToJsonLine(const ports::AuditEntry& entry, Instant time) {
  std::string line = "{\"time\":";
  AppendJsonString(line, FormatInstant(time));
  const auto add = [&line](std::string_view name, std::string_view value) {
    if (!value.empty()) {
      line += ",\"" + std::string(name) + "\":";
      AppendJsonString(line, value);
    }
  };
  add("audit", entry.phase == ports::AuditPhase::kBegin ? "begin" : "end");
  add("who", entry.who);
  add("roles", entry.roles);
  add("from", entry.from);
  add("what", entry.what);
  add("subject", entry.subject);
  add("request_id", entry.request_id);
  add("policy_revision", entry.policy_revision);
  add("result", entry.result);
  return line + "}\n";
}

AuditFile::AuditFile(std::string path, std::function<Instant()> now, ports::Log& log)
    : path_(std::move(path)), now_(std::move(now)), log_(log) {}

Result<std::unique_ptr<AuditFile>> AuditFile::Open(std::string path, std::function<Instant()> now,
                                                   ports::Log& log) {
  std::unique_ptr<AuditFile> result(new AuditFile(std::move(path), std::move(now), log));
  KULANZ_RETURN_IF_ERROR(result->Reopen());
  AuditFile* const file = result.get();
  file->thread_ = std::thread([file] { file->Run(); });
  return result;
}

AuditFile::~AuditFile() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) {
    thread_.join();
  }
}

Task<Status> AuditFile::Append(ports::AuditEntry entry) {
  std::string line = ToJsonLine(entry, now_());
  Status status = co_await Complete<Status>([this, &line](auto done) {
    {
      const std::lock_guard lock(mutex_);
      waiting_.push_back({std::move(line), done});
    }
    changed_.notify_one();
  });
  co_return status;
}

void AuditFile::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [&] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) {
      return;
    }
    std::vector<Waiting> batch = std::exchange(waiting_, {});
    lock.unlock();
    std::string lines;
    for (const Waiting& one : batch) {
      lines += one.line;
    }
    const Status status = Write(lines);
    if (!status.ok()) {
      log_.Error("audit_failed", "what people change is refused until it can be recorded",
                 {{"file", path_}, {"why", status.message()}});
    }
    for (const Waiting& one : batch) {
      one.done(status);
    }
    lock.lock();
  }
}

Status AuditFile::Write(const std::string& lines) {
  if (!IsStillAt(path_, file_.get())) {
    if (const Status opened = Reopen(); !opened.ok()) {
      return Status(Code::kUnavailable, "AUDIT_LOG", opened.message());
    }
  }
  // A line that was cut off, by a full disk or a kill, must not swallow the next.
  const std::string text = (std::exchange(torn_, true) ? "\n" : "") + lines;
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = ::write(file_.get(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      return Status(Code::kUnavailable, "AUDIT_LOG",
                    "the audit log cannot be written: " + std::system_category().message(errno));
    }
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
  torn_ = false;
  // A pipe or a terminal has nothing to sync.
  if (::fdatasync(file_.get()) != 0 && errno != EINVAL && errno != EROFS && errno != ENOTSUP) {
    return Status(Code::kUnavailable, "AUDIT_LOG",
                  "the audit log cannot be synced: " + std::system_category().message(errno));
  }
  return Status::Ok();
}

Status AuditFile::Reopen() {
  FileDescriptor file(
      ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600));
  if (!file.valid()) {
    return Status(
        Code::kFailedPrecondition, "AUDIT_FILE",
        "cannot open the audit log " + path_ + ": " + std::system_category().message(errno));
  }
  file_ = std::move(file);
  torn_ = EndsWithinALine(path_);
  return Status::Ok();
}

}  // namespace kulanz::adapters
