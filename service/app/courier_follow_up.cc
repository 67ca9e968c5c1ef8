#include "service/app/courier_follow_up.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <variant>

#include "service/app/courier_opening.h"
#include "service/app/customers.h"
#include "service/app/keys.h"
#include "service/ports/entropy.h"
#include "service/ports/log.h"
#include "service/ports/messenger.h"
#include "service/ports/scheduler.h"
#include "service/ports/telemetry.h"

namespace kulanz::app {
namespace {

constexpr Duration kLateMax = std::chrono::hours{72};

// Moves the entry from one score to another, or away; false when it is not there any more, or nobody knows.
Task<bool> Move(LetterTools tools, DueLetter due, std::int64_t from,
                std::optional<std::int64_t> to) {
  const ports::Key agenda = tools.dependencies.keys.Agenda(due.partition);
  const std::string member = EncodeAgendaMember(due.item);
  ports::Transaction transaction;
  transaction.partition = due.partition;
  transaction.checks.emplace_back(ports::CheckScore{agenda, member, from});
  if (to) {
    transaction.writes.emplace_back(ports::IndexPut{agenda, {member, *to}});
  } else {
    transaction.writes.emplace_back(ports::IndexRemove{agenda, member});
  }
  const auto outcome =
      co_await tools.dependencies.store.Commit(std::move(transaction), CallDeadline(tools));
  co_return outcome.ok() && std::holds_alternative<ports::Committed>(*outcome);
}

// When to try again, after a report that is not the last word; nothing: never.
std::optional<Instant> Again(const LetterTools& tools, const ports::DeliveryReport& report,
                             Instant wanted_at, Instant now) {
  if (report.result == ports::DeliveryResult::kMisconfigured) {
    return now + tools.settings.pause;
  }
  const Duration late = now - wanted_at;
  if (report.result != ports::DeliveryResult::kRetry || late > kLateMax) {
    return std::nullopt;
  }
  std::array<std::uint8_t, 2> chance{};
  tools.entropy.Fill(chance);
  const auto drawn = static_cast<std::uint16_t>((chance[0] << 8) | chance[1]);
  if (!report.counts) {
    return now + PauseAfter(tools.settings, report, 1, drawn);
  }
  // Half of the time that has passed so far: so the pauses grow, without a count of them.
  const Duration pause =
      std::clamp(late / 2, tools.settings.backoff_first, tools.settings.backoff_max);
  return now + pause + pause * (drawn % 201) / 1000;
}

}  // namespace

std::optional<Instant> FollowUpDue(AgendaKind kind, const Decision& decision, Instant letter_due) {
  if (!decision.delivery || !decision.voucher) {
    return std::nullopt;
  }
  if (kind == AgendaKind::kFeedback && decision.delivery->feedback) {
    return letter_due + decision.delivery->feedback->distance;
  }
  if (kind == AgendaKind::kReminder && decision.delivery->reminder) {
    return decision.voucher->valid_until - decision.delivery->reminder->distance;
  }
  return std::nullopt;
}

void ScheduleFollowUps(const Keys& keys, const ports::Key& voucher, const Decision& decision,
                       Instant letter_due, ports::Transaction& transaction) {
  for (const AgendaKind kind : {AgendaKind::kReminder, AgendaKind::kFeedback}) {
    const auto due = FollowUpDue(kind, decision, letter_due);
    // A voucher that ends so soon needs no reminder.
    if (due && *due > letter_due) {
      transaction.writes.emplace_back(
          ports::IndexPut{keys.Agenda(voucher.partition),
                          {EncodeAgendaMember({kind, voucher.hash}), ToMillis(*due)}});
    }
  }
}

Task<LetterEnd> DeliverFollowUp(LetterTools tools, DueLetter due) {
  Opened opened = co_await OpenDueLetter(tools, due);
  Instant now = StoreNow(tools, InstantFromMillis(due.score));
  if (const auto* no_letter = std::get_if<NoLetter>(&opened)) {
    std::optional<std::int64_t> next;
    if (no_letter->kind == NoLetter::Kind::kPostpone) {
      next = ToMillis(no_letter->until.value_or(now + tools.settings.pause));
    }
    if (no_letter->kind != NoLetter::Kind::kLeave) {
      co_await Move(tools, due, due.score, next);
    }
    co_return LetterEnd::kFinished;
  }
  ports::Delivery delivery = std::get<OpenLetter>(std::move(opened)).delivery;
  const std::int64_t claimed = ToMillis(now + tools.settings.lease);
  const bool is_ours = co_await Move(tools, due, due.score, claimed);
  if (!is_ours) {
    co_return LetterEnd::kFinished;
  }
  const Instant wanted_at = delivery.written_at;
  const std::string incident = delivery.incident.id.text();
  const CustomerId customer = delivery.customer.id;
  const std::string email = delivery.customer.email;
  const ports::DeliveryReport report = co_await tools.messenger.Send(std::move(delivery));
  CountAttempt(tools, report, incident);
  now = StoreNow(tools, now);
  std::optional<std::int64_t> next;
  if (const auto again = Again(tools, report, wanted_at, now)) {
    next = ToMillis(*again);
  }
  co_await Move(tools, due, claimed, next);
  if (report.address_refused) {
    co_await MarkEmailRefused(tools.dependencies, customer, email, now, CallDeadline(tools));
  }
  if (report.result == ports::DeliveryResult::kMisconfigured) {
    co_return LetterEnd::kMisconfigured;
  }
  co_return report.counts ? LetterEnd::kAttempted : LetterEnd::kFinished;
}

}  // namespace kulanz::app
