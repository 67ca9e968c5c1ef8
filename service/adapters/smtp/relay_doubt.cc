#include "service/adapters/smtp/relay_doubt.h"

#include <functional>

namespace kulanz::adapters {

using ports::DeliveryReport;
using ports::DeliveryResult;

DeliveryReport RelayDoubt::Judge(DeliveryReport report, const std::string& recipient) {
  const std::lock_guard lock(mutex_);
  if (report.result == DeliveryResult::kAccepted) {
    refused_.reset();
  } else if (report.reason == "SMTP_RELAY_DENIED") {
    const std::size_t whom = std::hash<std::string>()(recipient);
    if (refused_.value_or(whom) == whom) {
      refused_ = whom;
      report.result = DeliveryResult::kRetry;
    }
  }
  return report;
}

}  // namespace kulanz::adapters
