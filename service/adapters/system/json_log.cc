#include "service/adapters/system/json_log.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "service/adapters/system/json_text.h"
#include "service/base/log_context.h"

namespace kulanz::adapters {
namespace {

constexpr std::array<std::string_view, 7> kFrame = {
    "ts", "level", "event", "message", "suppressed", "request_id", "trace_id"};

Instant HostNow() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

void AppendMember(std::string& line, std::string_view name, std::string_view value) {
  if (line.size() > 1) line += ',';
  AppendJsonString(line, name);
  line += ':';
  AppendJsonString(line, value);
}

void WriteAll(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string OpenLine(Instant now, ports::LogLevel level, std::string_view event,
                     std::string_view message) {
  std::string line = "{";
  AppendMember(line, "ts", FormatInstant(now));
  AppendMember(line, "level", LogLevelName(level));
  AppendMember(line, "event", event);
  AppendMember(line, "message", message.substr(0, JsonLog::kFieldBytesMax));
  return line;
}

void AppendRequest(std::string& line) {
  const LogContextPtr& context = CurrentLogContext();
  if (context == nullptr) return;
  AppendMember(line, "request_id", context->request_id);
  if (!context->trace_id.empty()) AppendMember(line, "trace_id", context->trace_id);
}

void CloseLine(std::string& line, std::uint64_t suppressed) {
  if (suppressed > 0) line += ",\"suppressed\":" + std::to_string(suppressed);
  line += "}\n";
}

}  // namespace

std::string_view LogLevelName(ports::LogLevel level) {
  switch (level) {
    case ports::LogLevel::kDebug:
      return "debug";
    case ports::LogLevel::kInfo:
      return "info";
    case ports::LogLevel::kWarning:
      return "warning";
    case ports::LogLevel::kError:
      return "error";
  }
  return "error";
}

JsonLog::JsonLog() : JsonLog(Options{}) {}

JsonLog::JsonLog(Options options)
    : options_([&options] {
        if (!options.now) options.now = HostNow;
        return std::move(options);
      }()) {}

JsonLog::~JsonLog() {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, count] : events_) {
    if (count.suppressed == 0) continue;
    std::string line =
        OpenLine(options_.now(), key.first, key.second, "more of these were left out");
    CloseLine(line, count.suppressed);
    WriteAll(options_.descriptor, line);
  }
}

void JsonLog::Write(ports::LogLevel level, std::string_view event, std::string_view message,
                    std::initializer_list<Field> fields) {
  if (level < options_.level_min) return;
  const Instant now = options_.now();
  const std::optional<std::uint64_t> suppressed = Admit(level, event, now);
  if (!suppressed) return;
  std::string line = OpenLine(now, level, event, message);
  for (const auto& [name, value] : fields) {
    const bool taken = std::find(kFrame.begin(), kFrame.end(), name) != kFrame.end();
    AppendMember(line, taken ? std::string(name) + "_" : std::string(name),
                 std::string_view(value).substr(0, kFieldBytesMax));
  }
  AppendRequest(line);
  CloseLine(line, *suppressed);
  const std::lock_guard lock(write_mutex_);
  WriteAll(options_.descriptor, line);
}

std::uint32_t JsonLog::LimitOf(std::string_view event) const {
  const auto found = options_.events_per_second_of.find(event);
  return found == options_.events_per_second_of.end() ? options_.events_per_second : found->second;
}

std::optional<std::uint64_t> JsonLog::Admit(ports::LogLevel level, std::string_view event,
                                            Instant now) {
  const std::uint32_t limit = LimitOf(event);
  if (limit == 0) return 0;
  const std::lock_guard lock(mutex_);
  auto found = events_.find(std::pair<ports::LogLevel, std::string_view>(level, event));
  if (found == events_.end()) {
    // Event names come from our own code; if they ever do not, the rest shares one count.
    const std::string_view name = events_.size() < kEventsMax ? event : std::string_view{};
    found = events_.try_emplace(EventKey{level, std::string(name)}).first;
  }
  EventCount& count = found->second;
  const std::int64_t second =
      std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  if (count.second != second) {
    count.second = second;
    count.written = 0;
  }
  if (count.written == limit) {
    ++count.suppressed;
    return std::nullopt;
  }
  ++count.written;
  return std::exchange(count.suppressed, 0);
}

}  // namespace kulanz::adapters
