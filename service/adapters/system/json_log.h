// JsonLog: one JSON object per line, for a log collector and for jq.
//
//   {"ts":"2026-03-01T12:00:00.123Z","level":"warning","event":"store_unreachable",
//    "message":"Redis does not answer","address":"unix:redis.sock"}            (on one line)
//
// Fields follow as members of the same object; one that is called like a member of the frame gets '_'
// behind its name. Values are strings. Bytes that are not UTF-8 become U+FFFD, control characters are
// escaped, values longer than kFieldBytesMax are cut: no input can break a line in two or forge one.
//
// Lines of a request have its "request_id" and, if its caller sent one, its "trace_id" (base/log_context.h).
//
// The same (level, event) is written at most `events_per_second` times a second; what was left out is
// counted in the member "suppressed" of the next line of that event, or of a last line at destruction.
//
// Thread-safety: any thread. A line is one write(2); a full pipe makes whoever writes wait, and not those whose
// lines are left out. A descriptor that fails is ignored: there is nobody left to tell.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "service/domain/time.h"
#include "service/ports/log.h"

namespace kulanz::adapters {

class JsonLog final : public ports::Log {
 public:
  static constexpr std::size_t kFieldBytesMax = 4096;
  static constexpr std::size_t kEventsMax = 1024;  // distinct events that are counted apart

  struct Options {
    int descriptor = 2;  // standard error; not closed
    ports::LogLevel level_min = ports::LogLevel::kInfo;
    std::uint32_t events_per_second = 20;  // 0: no limit
    std::map<std::string, std::uint32_t, std::less<>> events_per_second_of =
        {};                        // of some, another limit
    std::function<Instant()> now;  // empty: the host's clock
  };

  JsonLog();
  explicit JsonLog(Options options);
  ~JsonLog() override;
  JsonLog(const JsonLog&) = delete;
  JsonLog& operator=(const JsonLog&) = delete;

  void Write(ports::LogLevel level, std::string_view event, std::string_view message,
             std::initializer_list<Field> fields) override;

 private:
  struct EventCount {
    std::int64_t second = 0;
    std::uint32_t written = 0;
    std::uint64_t suppressed = 0;
  };
  using EventKey = std::pair<ports::LogLevel, std::string>;
  struct EventKeyLess {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return std::pair<ports::LogLevel, std::string_view>(a.first, a.second) <
             std::pair<ports::LogLevel, std::string_view>(b.first, b.second);
    }
  };

  std::uint32_t LimitOf(std::string_view event) const;
  // How many lines before this one were left out; nothing: so is this one. Asked before a line is composed: in a flood of
  // refused calls most are left out, and must neither cost that nor wait for whoever writes.
  std::optional<std::uint64_t> Admit(ports::LogLevel level, std::string_view event, Instant now);

  const Options options_;
  std::mutex mutex_;
  std::map<EventKey, EventCount, EventKeyLess> events_;  // under mutex_
  std::mutex write_mutex_;  // keeps lines apart that write(2) would split
};

// "debug", "info", "warning", "error".
std::string_view LogLevelName(ports::LogLevel level);

}  // namespace kulanz::adapters
