#include "service/app/courier_opening.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "service/app/code_of_voucher.h"
#include "service/app/courier_follow_up.h"
#include "service/app/grant.h"
#include "service/app/keys.h"
#include "service/app/quiet_hours.h"
#include "service/app/record_known_fields.h"
#include "service/base/crypto.h"
#include "service/ports/log.h"
#include "service/ports/scheduler.h"

namespace kulanz::app {
namespace {

Task<Result<ports::Record>> ReadOne(const LetterTools& tools, ports::Key key) {
  std::vector<ports::Key> keys{key};
  auto records = co_await tools.dependencies.store.Read(std::move(keys), CallDeadline(tools));
  if (!records.ok()) {
    co_return records.status();
  }
  co_return std::move(records->front());
}

void LogProblem(const LetterTools& tools, std::string_view reason, const std::string& incident) {
  tools.dependencies.log.Error("letter_postponed", "a letter cannot be sent until somebody acts",
                               {{"reason", std::string(reason)}, {"incident", incident}});
}

// It follows a letter that was sent, of a voucher that nobody has used.
std::optional<NoLetter> ObjectionToFollowUp(const LetterRecord& record) {
  const StoredVoucher* voucher = record.voucher();
  const bool used =
      voucher == nullptr || std::any_of(voucher->redemptions.begin(), voucher->redemptions.end(),
                                        [](const Redemption& each) { return !each.reversed_at; });
  const DeliveryState letter = record.delivery().state;
  if (used || record.revoked() ||
      (letter != DeliveryState::kSent && letter != DeliveryState::kPending)) {
    return NoLetter{NoLetter::Kind::kRemove, "NOT_WANTED", record, 0};
  }
  if (letter == DeliveryState::kPending) {
    return NoLetter{NoLetter::Kind::kPostpone, "LETTER_PENDING", {}, 0, std::nullopt};
  }
  return std::nullopt;
}

// Everything that the record alone can say against sending.
std::optional<NoLetter> Objection(const LetterTools& tools, const LetterRecord& record,
                                  std::uint64_t version, AgendaKind kind) {
  const DeliveryProgress& delivery = record.delivery();
  if (IsFollowUp(kind)) {
    return ObjectionToFollowUp(record);
  }
  if (delivery.state != DeliveryState::kPending) {
    return NoLetter{NoLetter::Kind::kRemove, "", record, version};
  }
  if (record.revoked()) {
    return NoLetter{NoLetter::Kind::kRemove, "VOUCHER_REVOKED", record, version};
  }
  if (delivery.attempts >= tools.settings.attempts_max) {
    const std::string& last = delivery.last_error;
    return NoLetter{NoLetter::Kind::kDead, last.empty() ? "ATTEMPTS_EXHAUSTED" : last, record,
                    version};
  }
  return std::nullopt;
}

// Names the letter for its receiver, the same at each attempt.
std::string DeliveryId(const ports::Key& decision, const IncidentId& incident,
                       const StoredVoucher* voucher) {
  if (voucher != nullptr && voucher->issue > 0) {
    return ToHex(MemberOf(HashOf("delivery-reissue",
                                 MemberOf(decision.hash) + '\0' + std::to_string(voucher->issue))));
  }
  const bool later = decision.hash != HashOf(incident);
  const ports::KeyHash id = later ? HashOf("delivery-revision", MemberOf(decision.hash))
                                  : HashOf("delivery", incident.text());
  return ToHex(MemberOf(id));
}

// A letter's record with its decision.
struct LetterFile {
  LetterRecord record;
  std::uint64_t version = 0;
  ports::Key key;
  ports::Key decision_key;
  Decision decision;
};

NoLetter Dead(LetterFile letter, std::string_view reason) {
  return {NoLetter::Kind::kDead, std::string(reason), std::move(letter.record), letter.version};
}

// The voucher to be enclosed, with its code derived or decrypted again.
Result<ports::EnclosedVoucher> Enclosed(const LetterTools& tools, const StoredVoucher& voucher,
                                        const Decision& decision, const ports::Key& key) {
  KULANZ_ASSIGN_OR_RETURN(IssuedCode code, CodeOf(tools.dependencies, key, voucher, decision));
  return ports::EnclosedVoucher{Join(voucher, decision, key), std::move(code)};
}

Opened FromRecords(const LetterTools& tools, LetterFile letter, std::optional<Customer> customer,
                   AgendaKind kind) {
  const Decision& decision = letter.decision;
  if (!customer) {
    return Dead(std::move(letter), "NO_ADDRESS");
  }
  if (!customer->contact_consent) {
    return Dead(std::move(letter), "NO_CONSENT");
  }
  if (customer->blocked) {
    return Dead(std::move(letter), "CUSTOMER_BLOCKED");  // since the decision: fraud, a dispute
  }
  const Instant now = StoreNow(tools, decision.decided_at);
  if (decision.voucher && now > decision.voucher->valid_until) {
    return Dead(std::move(letter), "VOUCHER_EXPIRED");
  }
  const DeliveryTerms terms = decision.delivery.value_or(DeliveryTerms{});
  if (terms.quiet_hours) {
    if (const auto end = EndOfQuietHours(*terms.quiet_hours, customer->time_zone, now)) {
      return NoLetter{NoLetter::Kind::kPostpone, "QUIET_HOURS", {}, 0, end};
    }
  }
  const std::string policy_zone = terms.quiet_hours ? terms.quiet_hours->zone : std::string();
  ports::Delivery delivery{
      DeliveryId(letter.decision_key, decision.incident.id, letter.record.voucher()),
      *std::move(customer),
      decision.incident,
      terms,
      decision.voucher ? decision.voucher->zone : policy_zone,
      std::nullopt,
      decision.decided_at};
  if (const StoredVoucher* voucher = letter.record.voucher()) {
    auto enclosed = Enclosed(tools, *voucher, decision, letter.key);
    if (!enclosed.ok()) {
      LogProblem(tools, enclosed.status().reason(), decision.incident.id.text());
      return NoLetter{
          NoLetter::Kind::kPostpone, std::string(enclosed.status().reason()), {}, 0, std::nullopt};
    }
    delivery.voucher = *std::move(enclosed);
  }
  if (IsFollowUp(kind)) {
    const Instant letter_due = DueTime(tools.dependencies, decision);
    const auto wanted_at = FollowUpDue(kind, decision, letter_due);
    if (!wanted_at) {
      return NoLetter{NoLetter::Kind::kRemove, "NOT_WANTED", {}, 0, std::nullopt};
    }
    const bool is_reminder = kind == AgendaKind::kReminder;
    delivery.terms.message = is_reminder ? terms.reminder->message : terms.feedback->message;
    delivery.written_at = *wanted_at;
    delivery.id = ToHex(
        MemberOf(HashOf(is_reminder ? "delivery-reminder" : "delivery-feedback", delivery.id)));
  }
  return OpenLetter{std::move(letter.record), letter.version, std::move(delivery)};
}

Opened Unreadable(const LetterTools& tools, const Status& status, const ports::Key& key) {
  const std::string record = ToHex(MemberOf(key.hash));
  if (IsOfANewerServer(status)) {
    tools.dependencies.log.Warning("letter_newer",
                                   "a letter waits for a server of the version that wrote it",
                                   {{"record", record}});
  } else if (status.code() == Code::kDataLoss || status.code() == Code::kNotFound) {
    LogProblem(tools, status.reason(), record);
  } else {
    return NoLetter{};
  }
  return NoLetter{NoLetter::Kind::kPostpone, std::string(status.reason()), {}, 0, std::nullopt};
}

// Whether it is the decision that such a letter belongs to.
bool Fits(const LetterRecord& record, const Decision& decision) {
  return record.voucher() != nullptr ? decision.voucher.has_value()
                                     : decision.outcome == Outcome::kApologised;
}

}  // namespace

ports::Key LetterKey(const LetterTools& tools, const DueLetter& due) {
  return LetterRecord::KeyOf(tools.dependencies.keys, due.partition, due.item);
}

Deadline CallDeadline(const LetterTools& tools) {
  return tools.dependencies.scheduler.Now() + tools.settings.store_timeout;
}

Instant StoreNow(const LetterTools& tools, Instant otherwise) {
  return tools.dependencies.store.Now().value_or(otherwise);
}

Task<Opened> OpenDueLetter(LetterTools tools, DueLetter due) {
  const Dependencies& dependencies = tools.dependencies;
  const ports::Key key = LetterKey(tools, due);
  auto stored = co_await ReadOne(tools, key);
  if (!stored.ok()) {
    co_return Unreadable(tools, stored.status(), key);
  }
  if (!stored->exists()) {
    co_return NoLetter{NoLetter::Kind::kRemove, "LETTER_MISSING", {}, 0, std::nullopt};
  }
  auto record = LetterRecord::Decode(dependencies.codec, key, stored->value);
  if (!record.ok()) {
    co_return Unreadable(tools, record.status(), key);
  }
  if (auto objection = Objection(tools, *record, stored->version, due.item.kind)) {
    co_return *std::move(objection);
  }
  const ports::Key decision_key = record->DecisionKey(dependencies.keys, key);
  auto decision_record = co_await ReadOne(tools, decision_key);
  if (!decision_record.ok()) {
    co_return Unreadable(tools, decision_record.status(), decision_key);
  }
  auto decision = dependencies.codec.DecodeDecision(decision_key, decision_record->value);
  if (!decision.ok() || !Fits(*record, decision->decision)) {
    const Status status = decision.ok()
                              ? Status(Code::kDataLoss, "RECORD_CORRUPT", "gave no such letter")
                              : decision.status();
    co_return Unreadable(tools, status, decision_key);
  }
  const ports::Key profile_key = dependencies.keys.Profile(decision->decision.incident.customer);
  auto profile = co_await ReadOne(tools, profile_key);
  if (!profile.ok()) {
    co_return Unreadable(tools, profile.status(), decision_key);
  }
  std::optional<Customer> customer;
  if (profile->exists()) {
    auto decoded = dependencies.codec.DecodeCustomer(profile_key, profile->value);
    if (!decoded.ok()) {
      co_return Unreadable(tools, decoded.status(), decision_key);
    }
    customer = *std::move(decoded);
  }
  co_return FromRecords(
      tools,
      {*std::move(record), stored->version, key, decision_key, std::move(decision->decision)},
      std::move(customer), due.item.kind);
}

}  // namespace kulanz::app
