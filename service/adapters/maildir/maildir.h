// Maildir: letters as files, each written whole or not at all.
//
// The layout of maildir(5): a letter is written below tmp/, made durable, and renamed into new/; a reader
// moves what it has seen to cur/. The file's name is the letter's id, so writing the same letter again
// finds it, wherever it lies by then. A crash leaves at most a stray file in tmp/, which readers ignore
// and Open() removes after a day and a half (the maildir convention).
//
// Thread-safety: any thread, any process. Blocking.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "service/base/result.h"

namespace kulanz::adapters {

class Maildir {
 public:
  enum class Durability : std::uint8_t {
    kSynced,   // Write() returns when the letter is on disk: survives a power failure
    kWritten,  // when the system has it: survives a crash of this process only
  };

  // Creates the folder and its three subfolders where they are missing (mode 0700), and tidies tmp/.
  //   FAILED_PRECONDITION / MAILDIR_UNUSABLE
  static Result<std::unique_ptr<Maildir>> Open(const std::string& path, Durability durability);

  Maildir(const Maildir&) = delete;
  Maildir& operator=(const Maildir&) = delete;

  // `name`: [A-Za-z0-9-], the same for the same letter. True when it was written now, false when it had
  // been there. Safe to repeat; two that write the same letter at once are one letter.
  //   FAILED_PRECONDITION / DISK_FULL, MAILDIR_FORBIDDEN, MAILDIR_GONE   an operator must act
  //   UNAVAILABLE / MAILDIR_IO                                           may succeed later
  Result<bool> Write(const std::string& name, std::string_view letter);

  const std::string& path() const { return path_; }

 private:
  Maildir(std::string path, Durability durability);

  bool Exists(const std::string& file);
  bool IsInCur(const std::string& file);

  const std::string path_;
  const Durability durability_;

  // What lies in cur/, as of the folder's own time of change: listing it for each letter would be slow.
  std::mutex cur_mutex_;
  std::set<std::string, std::less<>> cur_;      // names without flags
  std::optional<std::int64_t> cur_changed_ns_;  // nothing: must be listed
};

}  // namespace kulanz::adapters
