// RecordedFiles: what was told last by the file telemetry port.
//
// Thread-safety: any thread.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "service/ports/file_telemetry.h"

namespace kulanz::testing {

class RecordedFiles final : public ports::FileTelemetry {
 public:
  void FilesRead(std::string_view files, bool usable) override {
    const std::lock_guard lock(mutex_);
    usable_[std::string(files)] = usable;
  }
  void CertificateServed(Instant valid_from, Instant valid_until) override {
    const std::lock_guard lock(mutex_);
    valid_from_ = valid_from;
    valid_until_ = valid_until;
  }

  // Throws when nothing was told of them.
  bool Usable(const std::string& files) const {
    const std::lock_guard lock(mutex_);
    return usable_.at(files);
  }
  Instant valid_from() const {
    const std::lock_guard lock(mutex_);
    return valid_from_;
  }
  Instant valid_until() const {
    const std::lock_guard lock(mutex_);
    return valid_until_;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, bool> usable_;
  Instant valid_from_{};
  Instant valid_until_{};
};

}  // namespace kulanz::testing
