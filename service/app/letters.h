// Letters: those that reached nobody, for operators: listed, explained, and sent again.
//
// Thread-safety: any method from any thread. No personal data beyond the customer's id, and no code, in any
// answer. Failures of the store come through as they are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "service/app/agenda.h"
#include "service/app/dependencies.h"
#include "service/base/result.h"
#include "service/base/task.h"
#include "service/domain/ids.h"
#include "service/domain/voucher.h"
#include "service/ports/store.h"

namespace kulanz::app {

inline constexpr std::uint32_t kLetterPageDefault = 50;
inline constexpr std::uint32_t kLetterPageMax = 100;

struct Letter {
  std::string id;
  IncidentId incident;
  std::uint32_t revision = 0;
  CustomerId customer;
  PolicyId policy;
  std::string message;
  DeliveryProgress delivery;
  std::string explanation;
  Instant decided_at{};
};

struct LetterPage {
  std::vector<Letter> letters;
  std::string next_page_token;  // empty: there are no more
};

class Letters {
 public:
  explicit Letters(const Dependencies& dependencies) : dependencies_(dependencies) {}

  // `page_size`: 0: kLetterPageDefault; at most kLetterPageMax. INVALID_ARGUMENT / INVALID_PAGE_TOKEN.
  Task<Result<LetterPage>> ListDead(std::uint32_t page_size, std::string page_token,
                                    Deadline deadline);
  // NOT_FOUND / LETTER_NOT_FOUND.
  Task<Result<Letter>> Get(std::string id, Deadline deadline);
  // Idempotent. NOT_FOUND / LETTER_NOT_FOUND, FAILED_PRECONDITION / LETTER_SENT, LETTER_WITHDRAWN,
  // UNAVAILABLE / CONTENTION.
  Task<Result<Letter>> Resend(std::string id, Deadline deadline);

 private:
  const Dependencies& dependencies_;
};

// As Letter::id: the kind's letter, and 36 hexadecimal digits.
std::string LetterIdOf(ports::PartitionId partition, const AgendaItem& item);

// What a letter's, or an event's, last error means and what can be done about it, in a sentence; empty for no error.
std::string ExplainDeliveryError(std::string_view reason);

}  // namespace kulanz::app
