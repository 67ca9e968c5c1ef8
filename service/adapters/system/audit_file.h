// AuditFile: an AuditLog as a file, one JSON object per line, in the order in which they were appended.
//
// Opened to append and never read, shortened or written over. A thread of its own writes what has gathered,
// and syncs once for all of it; whoever waits goes on on that thread. When the file was moved away (by a rotation
// of logs), the next entry begins a new one. "/dev/stdout" is fine: what cannot be synced is not.
//
// Thread-safety: any thread. The destructor, by one owner when nobody appends any more, writes what is left.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "service/base/file_descriptor.h"
#include "service/base/result.h"
#include "service/domain/time.h"
#include "service/ports/audit_log.h"
#include "service/ports/log.h"

namespace kulanz::adapters {

class AuditFile final : public ports::AuditLog {
 public:
  // `now`: the time that stands in an entry. FAILED_PRECONDITION / AUDIT_FILE when the file cannot be opened. A new
  // one can be read by nobody but its owner.
  static Result<std::unique_ptr<AuditFile>> Open(std::string path, std::function<Instant()> now,
                                                 ports::Log& log);
  ~AuditFile() override;

  Task<Status> Append(ports::AuditEntry entry) override;

 private:
  struct Waiting {
    std::string line;
    std::function<void(Status)> done;
  };
  AuditFile(std::string path, std::function<Instant()> now, ports::Log& log);
  void Run();
  Status Write(const std::string& lines);
  Status Reopen();

  const std::string path_;
  const std::function<Instant()> now_;
  ports::Log& log_;
  FileDescriptor file_;  // the thread's own, once it runs
  bool torn_ = false;    // the same: the file ends within a line
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Waiting> waiting_;  // under mutex_
  bool stopping_ = false;         // under mutex_
  std::thread thread_;            // last: everything above exists when it starts
};

// One line with its end.
std::string ToJsonLine(const ports::AuditEntry& entry, Instant time);

}  // namespace kulanz::adapters
