#include "service/app/letters.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include "service/app/contention.h"
#include "service/app/courier.h"
#include "service/app/decided_incident.h"
#include "service/app/keys.h"
#include "service/app/letter_record.h"
#include "service/app/partition_walk.h"
#include "service/app/record_codec.h"
#include "service/app/store_time.h"
#include "service/ports/scheduler.h"

namespace kulanz::app {
namespace {

constexpr std::string_view kDeadLetterList = "dead-letters";

struct LetterPlace {
  ports::PartitionId partition;
  AgendaItem item;
};

std::optional<LetterPlace> ParseLetterId(const Keys& keys, std::string_view id) {
  if (id.empty()) {
    return std::nullopt;
  }
  const auto kind = static_cast<AgendaKind>(id.front());
  const auto key = keys.VoucherFromId(id.substr(1));
  if (!key || (kind != AgendaKind::kDelivery && kind != AgendaKind::kApology)) {
    return std::nullopt;
  }
  return LetterPlace{key->partition, {kind, key->hash}};
}

Status LetterNotFound() {
  return Status(Code::kNotFound, "LETTER_NOT_FOUND", "there is no such letter");
}

struct ReadLetter {
  LetterRecord record;
  std::uint64_t version = 0;
  ports::Key key;
  Letter letter;
};

Task<Result<ReadLetter>> ReadLetterAt(const Dependencies& dependencies, LetterPlace at,
                                      Deadline deadline) {
  ReadLetter read;
  read.key = LetterRecord::KeyOf(dependencies.keys, at.partition, at.item);
  std::vector<ports::Key> wanted = {read.key};
  auto records = co_await dependencies.store.Read(std::move(wanted), deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  if (!records->front().exists()) {
    co_return LetterNotFound();
  }
  auto record = LetterRecord::Decode(dependencies.codec, read.key, records->front().value);
  if (!record.ok()) {
    co_return record.status();
  }
  read.record = *std::move(record);
  read.version = records->front().version;
  const ports::Key decision_key = read.record.DecisionKey(dependencies.keys, read.key);
  std::vector<ports::Key> decision_wanted = {decision_key};
  auto decisions = co_await dependencies.store.Read(std::move(decision_wanted), deadline);
  if (!decisions.ok()) {
    co_return decisions.status();
  }
  auto stored = dependencies.codec.DecodeDecision(decision_key, decisions->front().value);
  if (!stored.ok()) {
    co_return stored.status();
  }
  const Decision& decision = stored->decision;
  Letter& letter = read.letter;
  letter.id = LetterIdOf(at.partition, at.item);
  letter.incident = decision.incident.id;
  letter.revision = decision.incident.revision;
  letter.customer = decision.incident.customer;
  letter.policy = decision.policy;
  letter.message = decision.delivery ? decision.delivery->message : "";
  letter.delivery = read.record.delivery();
  if (letter.delivery.updated_at == Instant{}) {
    letter.delivery.updated_at = decision.decided_at;
  }
  letter.explanation = ExplainDeliveryError(letter.delivery.last_error);
  letter.decided_at = decision.decided_at;
  co_return read;
}

bool IsDeadStill(const ReadLetter& read) {
  return read.record.delivery().state == DeliveryState::kDead && !read.record.revoked();
}

}  // namespace

std::string LetterIdOf(ports::PartitionId partition, const AgendaItem& item) {
  const ports::Key key{partition, ports::RecordKind::kVoucher, item.record};
  return static_cast<char>(item.kind) + VoucherIdOf(key);
}

Task<Result<LetterPage>> Letters::ListDead(std::uint32_t page_size, std::string page_token,
                                           Deadline deadline) {
  const std::uint32_t limit =
      page_size == 0 ? kLetterPageDefault : std::min(page_size, kLetterPageMax);
  const std::uint32_t partitions = dependencies_.keys.partition_count();
  auto place = ParseWalkPlace(dependencies_, page_token, kDeadLetterList);
  if (!place.ok()) {
    co_return place.status();
  }
  LetterPage page;
  while (place->partition < partitions) {
    const ports::PartitionId partition{static_cast<std::uint16_t>(place->partition)};
    const auto entries = co_await ReadAfter(
        dependencies_, dependencies_.keys.DeadLetters(partition), *place, deadline);
    if (!entries.ok()) {
      co_return entries.status();
    }
    for (const ports::IndexEntry& entry : *entries) {
      if (page.letters.size() == limit) {
        page.next_page_token = FormatWalkPlace(dependencies_.codec, *place, kDeadLetterList);
        co_return page;
      }
      place->score = entry.score;
      place->member = entry.member;
      const auto item = DecodeAgendaMember(entry.member);
      if (!item) {
        continue;
      }
      const LetterPlace at{partition, *item};
      auto read = co_await ReadLetterAt(dependencies_, at, deadline);
      if (!read.ok() && read.status().code() != Code::kNotFound) {
        co_return read.status();
      }
      if (read.ok() && IsDeadStill(*read)) {
        page.letters.push_back(std::move(read->letter));
      }
    }
    if (entries->empty()) {
      *place = WalkPlace{.partition = place->partition + 1, .member = {}};
    }
  }
  co_return page;
}

Task<Result<Letter>> Letters::Get(std::string id, Deadline deadline) {
  const auto at = ParseLetterId(dependencies_.keys, id);
  if (!at) {
    co_return LetterNotFound();
  }
  auto read = co_await ReadLetterAt(dependencies_, *at, deadline);
  if (!read.ok()) {
    co_return read.status();
  }
  co_return std::move(read->letter);
}

Task<Result<Letter>> Letters::Resend(std::string id, Deadline deadline) {
  const auto at = ParseLetterId(dependencies_.keys, id);
  if (!at) {
    co_return LetterNotFound();
  }
  for (int attempt = 0; attempt < kRaceTriesMax; ++attempt) {
    auto read = co_await ReadLetterAt(dependencies_, *at, deadline);
    if (!read.ok()) {
      co_return read.status();
    }
    DeliveryProgress& delivery = read->record.delivery();
    if (read->record.revoked() || delivery.state == DeliveryState::kCancelled) {
      co_return Status(Code::kFailedPrecondition, "LETTER_WITHDRAWN",
                       "its incident was withdrawn, or its voucher revoked or reissued");
    }
    if (delivery.state == DeliveryState::kSent) {
      co_return Status(Code::kFailedPrecondition, "LETTER_SENT", "it has been accepted");
    }
    if (delivery.state == DeliveryState::kPending) {
      co_return std::move(read->letter);
    }
    const Result<Instant> now = StoreTime(dependencies_.store);
    if (!now.ok()) {
      co_return now.status();
    }
    delivery.state = DeliveryState::kPending;
    delivery.attempts = 0;
    delivery.updated_at = *now;
    const std::string member = EncodeAgendaMember(at->item);
    ports::Transaction transaction;
    transaction.partition = at->partition;
    transaction.checks.emplace_back(ports::CheckVersion{read->key, read->version});
    transaction.writes.emplace_back(
        ports::Put{read->key, read->record.Encode(dependencies_.codec, read->key), std::nullopt});
    transaction.writes.emplace_back(
        ports::IndexPut{dependencies_.keys.Agenda(at->partition), {member, ToMillis(*now)}});
    transaction.writes.emplace_back(
        ports::IndexRemove{dependencies_.keys.DeadLetters(at->partition), member});
    read->letter.delivery = delivery;
    const auto outcome = co_await dependencies_.store.Commit(std::move(transaction), deadline);
    if (!outcome.ok()) {
      co_return outcome.status();
    }
    if (std::holds_alternative<ports::Committed>(*outcome)) {
      if (dependencies_.courier != nullptr) {
        dependencies_.courier->Notify(at->partition, *now);
      }
      co_return std::move(read->letter);
    }
  }
  co_return Contention("the letter was changed by others at once");
}

}  // namespace kulanz::app
