#include "service/app/courier_letter.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "service/app/courier_follow_up.h"
#include "service/app/courier_opening.h"
#include "service/app/customers.h"
#include "service/app/delivery_pause.h"
#include "service/app/keys.h"
#include "service/app/letters.h"
#include "service/app/record_codec.h"
#include "service/base/crypto.h"
#include "service/ports/entropy.h"
#include "service/ports/log.h"
#include "service/ports/messenger.h"
#include "service/ports/scheduler.h"
#include "service/ports/telemetry.h"

namespace kulanz::app {
namespace {

// What was sent must be recorded: repeated while the claim lasts, because the alternative is a second
// letter.
constexpr int kRecordTries = 8;
constexpr Duration kRecordPause{50};

// How a letter's record and entry change. The change may be applied to a fresher record.
struct Writing {
  std::optional<std::int64_t> score;  // the entry must have it; nothing: whatever it has
  std::function<void(LetterRecord&)> change;
  std::optional<std::int64_t> next;  // reschedule there; nothing: remove
};

std::string AgendaMemberOf(const DueLetter& due) { return EncodeAgendaMember(due.item); }

ports::Transaction BuildWriting(const LetterTools& tools, const DueLetter& due,
                                const Writing& writing, LetterRecord record,
                                std::uint64_t version) {
  const ports::Key key = LetterKey(tools, due);
  const ports::Key agenda = tools.dependencies.keys.Agenda(due.partition);
  const std::string member = AgendaMemberOf(due);
  ports::Transaction transaction;
  transaction.partition = due.partition;
  if (writing.score) {
    transaction.checks.emplace_back(ports::CheckScore{agenda, member, *writing.score});
  }
  if (writing.change) {
    writing.change(record);
    transaction.checks.emplace_back(ports::CheckVersion{key, version});
    transaction.writes.emplace_back(
        ports::Put{key, record.Encode(tools.dependencies.codec, key), std::nullopt});
    if (record.delivery().state == DeliveryState::kDead) {
      transaction.writes.emplace_back(
          ports::IndexPut{tools.dependencies.keys.DeadLetters(due.partition),
                          {member, ToMillis(record.delivery().updated_at)}});
    }
  }
  if (writing.next) {
    transaction.writes.emplace_back(ports::IndexPut{agenda, {member, *writing.next}});
  } else {
    transaction.writes.emplace_back(ports::IndexRemove{agenda, member});
  }
  return transaction;
}

void LogNotRecorded(const LetterTools& tools, const DueLetter& due, const Status& last) {
  tools.dependencies.log.Warning(
      "letter_not_recorded", "what became of a letter could not be recorded",
      {{"record", ToHex(MemberOf(due.item.record))}, {"error", last.ToString()}});
}

// The id is the one that operators ask for with, and no personal datum.
void LogDead(const LetterTools& tools, const DueLetter& due, std::string_view reason) {
  tools.dependencies.log.Warning(
      "letter_dead", "a letter was given up; 'kulanz letters' explains it and sends it again",
      {{"letter", LetterIdOf(due.partition, due.item)}, {"reason", std::string(reason)}});
}

// Writes until it is certain; a record that changed meanwhile (redeemed, withdrawn) is changed as it is
// now. Gives up when the entry is somebody else's, or when the store does not answer for long.
Task<void> CommitWriting(LetterTools tools, DueLetter due, Writing writing, LetterRecord record,
                         std::uint64_t version) {
  const Dependencies& dependencies = tools.dependencies;
  const ports::Key key = LetterKey(tools, due);
  Status last;
  for (int attempt = 0; attempt < kRecordTries; ++attempt) {
    ports::Transaction transaction = BuildWriting(tools, due, writing, record, version);
    auto outcome = co_await dependencies.store.Commit(std::move(transaction), CallDeadline(tools));
    if (!outcome.ok()) {
      last = outcome.status();
      const Duration pause = kRecordPause * (1 << attempt);
      co_await dependencies.scheduler.Sleep(pause);
      continue;
    }
    const auto* conflict = std::get_if<ports::Conflict>(&*outcome);
    const bool moved = conflict != nullptr && writing.score && conflict->scores[0] != writing.score;
    if (conflict == nullptr || moved || conflict->records.empty() ||
        !conflict->records[0].exists()) {
      co_return;
    }
    auto fresh = LetterRecord::Decode(dependencies.codec, key, conflict->records[0].value);
    if (!fresh.ok() || fresh->delivery().state == DeliveryState::kSent) {
      co_return;
    }
    record = *std::move(fresh);
    version = conflict->records[0].version;
  }
  LogNotRecorded(tools, due, last);
}

Task<void> Dispose(LetterTools tools, DueLetter due, NoLetter no_letter) {
  Writing writing{due.score, {}, std::nullopt};
  const Instant now = StoreNow(tools, InstantFromMillis(due.score));
  switch (no_letter.kind) {
    case NoLetter::Kind::kLeave:
      co_return;
    case NoLetter::Kind::kRemove:
      break;
    case NoLetter::Kind::kPostpone:
      writing.next = ToMillis(no_letter.until.value_or(now + tools.settings.pause));
      break;
    case NoLetter::Kind::kDead:
      tools.dependencies.telemetry.DeliveryAttempted("undeliverable", no_letter.reason);
      LogDead(tools, due, no_letter.reason);
      writing.change = [now, reason = no_letter.reason](LetterRecord& record) {
        record.delivery().state = DeliveryState::kDead;
        record.delivery().updated_at = now;
        record.delivery().last_error = reason;
      };
      break;
  }
  co_await CommitWriting(tools, due, std::move(writing), std::move(no_letter.record),
                         no_letter.version);
}

// The attempt is counted and the entry moved out of reach before anything is sent. Gives the claimed
// entry's score; nothing when it is not ours, or nobody knows (then its lease has to run out).
Task<std::optional<std::int64_t>> ClaimLetter(LetterTools tools, DueLetter due,
                                              OpenLetter* letter) {
  const Instant now = StoreNow(tools, InstantFromMillis(due.score));
  Writing writing;
  writing.score = due.score;
  writing.next = ToMillis(now + tools.settings.lease);
  writing.change = [now](LetterRecord& record) {
    ++record.delivery().attempts;
    record.delivery().updated_at = now;
  };
  ports::Transaction transaction =
      BuildWriting(tools, due, writing, letter->record, letter->version);
  auto outcome =
      co_await tools.dependencies.store.Commit(std::move(transaction), CallDeadline(tools));
  if (!outcome.ok() || !std::holds_alternative<ports::Committed>(*outcome)) {
    co_return std::nullopt;
  }
  writing.change(letter->record);
  letter->version = std::get<ports::Committed>(*outcome).sequence;
  co_return writing.next;
}

std::string_view NameOf(ports::DeliveryResult result) {
  switch (result) {
    case ports::DeliveryResult::kAccepted:
      return "accepted";
    case ports::DeliveryResult::kRetry:
      return "retry";
    case ports::DeliveryResult::kUndeliverable:
      return "undeliverable";
    case ports::DeliveryResult::kMisconfigured:
      return "misconfigured";
  }
  return "retry";
}

void LogFailedAttempt(const LetterTools& tools, const ports::DeliveryReport& report,
                      const std::string& incident, std::uint32_t attempts) {
  tools.dependencies.log.Warning("letter_attempt_failed", "a letter was not accepted",
                                 {{"incident", incident},
                                  {"result", std::string(NameOf(report.result))},
                                  {"reason", report.reason},
                                  {"detail", report.detail},
                                  {"attempt", std::to_string(attempts)}});
}

// What an attempt's report means for the record and the entry.
Writing Judge(const LetterTools& tools, const ports::DeliveryReport& report, std::uint32_t attempts,
              std::int64_t claimed, Instant now) {
  Writing writing;
  std::array<std::uint8_t, 2> chance{};
  tools.entropy.Fill(chance);
  auto result = report.result;
  const bool counts = result != ports::DeliveryResult::kRetry || report.counts;
  if (result == ports::DeliveryResult::kRetry && counts &&
      attempts >= tools.settings.attempts_max) {
    result = ports::DeliveryResult::kUndeliverable;
  }
  DeliveryState state = DeliveryState::kPending;
  std::uint32_t uncounted = 0;
  switch (result) {
    case ports::DeliveryResult::kAccepted:
      state = DeliveryState::kSent;  // also when the entry is another's by now: it was sent
      break;
    case ports::DeliveryResult::kUndeliverable:
      state = DeliveryState::kDead;
      writing.score = claimed;
      break;
    case ports::DeliveryResult::kRetry:
      uncounted = counts ? 0 : 1;
      writing.score = claimed;
      writing.next =
          ToMillis(now + PauseAfter(tools.settings, report, attempts,
                                    static_cast<std::uint16_t>((chance[0] << 8) | chance[1])));
      break;
    case ports::DeliveryResult::kMisconfigured:
      uncounted = 1;
      writing.score = claimed;
      writing.next = ToMillis(now + tools.settings.pause);
      break;
  }
  writing.change = [state, uncounted, now, reason = report.reason](LetterRecord& record) {
    DeliveryProgress& delivery = record.delivery();
    delivery.attempts -= std::min(uncounted, delivery.attempts);
    if (delivery.state == DeliveryState::kCancelled && state != DeliveryState::kSent) {
      return;  // withdrawn during the attempt: there is no other
    }
    delivery.state = state;
    delivery.updated_at = now;
    delivery.last_error = reason;
  };
  return writing;
}

}  // namespace

void CountAttempt(const LetterTools& tools, const ports::DeliveryReport& report,
                  const std::string& incident) {
  tools.dependencies.telemetry.DeliveryAttempted(NameOf(report.result), report.reason);
  if (report.result != ports::DeliveryResult::kAccepted) {
    LogFailedAttempt(tools, report, incident, 1);
  }
}

Duration PauseAfter(const CourierSettings& settings, const ports::DeliveryReport& report,
                    std::uint32_t attempts, std::uint16_t chance) {
  if (report.counts) {
    return BackoffAfter(settings, attempts, report.retry_after, chance);
  }
  // Up to half as much again, so that those that were turned away together do not come back together.
  const Duration asked =
      std::min(report.retry_after.value_or(settings.backoff_first), kAskedPauseMax);
  return asked + asked * (chance % 501) / 1000;
}

Duration BackoffAfter(const CourierSettings& settings, std::uint32_t attempts,
                      std::optional<Duration> asked, std::uint16_t chance) {
  const std::uint32_t doublings = std::min<std::uint32_t>(attempts == 0 ? 0 : attempts - 1, 30);
  const std::int64_t first = settings.backoff_first.count();
  const std::int64_t longest = settings.backoff_max.count();
  const Duration plain{first > (longest >> doublings) ? longest
                                                      : std::min(longest, first << doublings)};
  return PauseBetweenAttempts(plain, asked, chance);
}

Task<LetterEnd> DeliverLetter(LetterTools tools, DueLetter due) {
  if (IsFollowUp(due.item.kind)) {
    const LetterEnd end = co_await DeliverFollowUp(tools, due);
    co_return end;
  }
  const Dependencies& dependencies = tools.dependencies;
  Opened opened = co_await OpenDueLetter(tools, due);
  if (auto* no_letter = std::get_if<NoLetter>(&opened)) {
    co_await Dispose(tools, due, std::move(*no_letter));
    co_return LetterEnd::kFinished;
  }
  OpenLetter letter = std::get<OpenLetter>(std::move(opened));
  const std::optional<std::int64_t> claimed = co_await ClaimLetter(tools, due, &letter);
  if (!claimed) {
    co_return LetterEnd::kFinished;
  }
  const Instant decided_at = letter.delivery.written_at;
  const Instant occurred_at = letter.delivery.incident.occurred_at;
  const std::string incident = letter.delivery.incident.id.text();
  const CustomerId customer = letter.delivery.customer.id;
  const std::string email = letter.delivery.customer.email;
  const Deadline handed_over = dependencies.scheduler.Now();
  const ports::DeliveryReport report = co_await tools.messenger.Send(std::move(letter.delivery));
  dependencies.telemetry.MessengerCallFinished(NameOf(report.result),
                                               dependencies.scheduler.Now() - handed_over);
  dependencies.telemetry.DeliveryAttempted(NameOf(report.result), report.reason);
  const Instant now = StoreNow(tools, InstantFromMillis(due.score));
  Writing writing = Judge(tools, report, letter.record.delivery().attempts, *claimed, now);
  if (!writing.next && report.result != ports::DeliveryResult::kAccepted) {
    LogDead(tools, due, report.reason);
  }
  if (report.result == ports::DeliveryResult::kAccepted) {
    dependencies.telemetry.ApologyDelivered(now - decided_at, now - occurred_at);
  } else {
    LogFailedAttempt(tools, report, incident, letter.record.delivery().attempts);
  }
  co_await CommitWriting(tools, due, std::move(writing), std::move(letter.record), letter.version);
  if (report.address_refused) {
    co_await MarkEmailRefused(dependencies, customer, email, now, CallDeadline(tools));
  }
  // A letter that nothing was said about tells nothing of the messenger either.
  if (report.result == ports::DeliveryResult::kMisconfigured) {
    co_return LetterEnd::kMisconfigured;
  }
  co_return report.counts ? LetterEnd::kAttempted : LetterEnd::kFinished;
}

}  // namespace kulanz::app
