// Log: structured events for operators.
//
// Port. Implemented by JsonLog (adapters/system). Fields carry ids and reason tokens, never PII and
// never a voucher code. Thread-safety: any thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace kulanz::ports {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarning, kError };

class Log {
 public:
  using Field = std::pair<std::string_view, std::string>;
  virtual ~Log() = default;
  // `event`: a stable snake_case name, "policy_set_rejected"; `message`: one sentence for people.
  virtual void Write(LogLevel level, std::string_view event, std::string_view message,
                     std::initializer_list<Field> fields) = 0;

  void Info(std::string_view event, std::string_view message,
            std::initializer_list<Field> fields = {}) {
    Write(LogLevel::kInfo, event, message, fields);
  }
  void Warning(std::string_view event, std::string_view message,
               std::initializer_list<Field> fields = {}) {
    Write(LogLevel::kWarning, event, message, fields);
  }
  void Error(std::string_view event, std::string_view message,
             std::initializer_list<Field> fields = {}) {
    Write(LogLevel::kError, event, message, fields);
  }
};

class NullLog final : public Log {
 public:
  void Write(LogLevel, std::string_view, std::string_view, std::initializer_list<Field>) override {}
};

}  // namespace kulanz::ports
