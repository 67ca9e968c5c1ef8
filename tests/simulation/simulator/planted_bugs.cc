#include "tests/simulation/simulator/planted_bugs.h"

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace kulanz::simulation {
namespace {

using ports::CommitOutcome;
using ports::RecordKind;
using ports::Transaction;
using ports::TransactionCheck;
using ports::TransactionWrite;

constexpr std::array kNames = {
    BugName{Bug::kCheckDropped, "check-dropped"},
    BugName{Bug::kLeaseNotFenced, "lease-not-fenced"},
    BugName{Bug::kAgendaOutsideTransaction, "agenda-outside-transaction"},
    BugName{Bug::kHistoryNotChecked, "history-not-checked"},
    BugName{Bug::kRedemptionWithoutId, "redemption-without-id"},
    BugName{Bug::kVoucherNotChecked, "voucher-not-checked"},
    BugName{Bug::kClaimNotChecked, "claim-not-checked"},
    BugName{Bug::kLetterForgotten, "letter-forgotten"},
    BugName{Bug::kReversalWithoutTombstone, "reversal-without-tombstone"},
    BugName{Bug::kReservationIgnored, "reservation-ignored"},
    BugName{Bug::kOldCodeLives, "old-code-lives"},
    BugName{Bug::kExpiryForgotten, "expiry-forgotten"},
    BugName{Bug::kLiabilityForgotten, "liability-forgotten"},
    BugName{Bug::kDeadlineDropped, "deadline-dropped"},
    BugName{Bug::kPoolCodeNotChecked, "pool-code-not-checked"},
    BugName{Bug::kPoolMoveForgotten, "pool-move-forgotten"},
    BugName{Bug::kPoolImportUnnoticed, "pool-import-unnoticed"},
};

// Passes everything on but commits.
class AroundCommit : public ports::Store {
 public:
  explicit AroundCommit(ports::Store& inner) : inner_(inner) {}
  std::uint32_t partition_count() const override { return inner_.partition_count(); }
  Task<Result<std::vector<ports::Record>>> Read(std::vector<ports::Key> keys,
                                                Deadline deadline) override {
    return inner_.Read(std::move(keys), deadline);
  }
  Task<Result<std::vector<ports::IndexEntry>>> ReadIndex(ports::IndexRange range,
                                                         Deadline deadline) override {
    return inner_.ReadIndex(range, deadline);
  }
  Task<Result<ports::IndexSummary>> SummarizeIndex(ports::Key index, Deadline deadline) override {
    return inner_.SummarizeIndex(index, deadline);
  }
  Task<Result<std::int64_t>> ReadCounter(ports::Key counter, Deadline deadline) override {
    return inner_.ReadCounter(counter, deadline);
  }
  std::optional<Instant> Now() const override { return inner_.Now(); }
  Status Health() const override { return inner_.Health(); }

 protected:
  ports::Store& inner_;  // NOLINT(misc-non-private-member-variables-in-classes): ours alone
};

bool Puts(const Transaction& transaction, RecordKind kind) {
  return std::any_of(transaction.writes.begin(), transaction.writes.end(),
                     [kind](const TransactionWrite& write) {
                       const auto* put = std::get_if<ports::Put>(&write);
                       return put != nullptr && put->key.kind == kind;
                     });
}

bool IsAgendaEntry(const TransactionWrite& write) {
  const auto* put = std::get_if<ports::IndexPut>(&write);
  return put != nullptr && put->index.kind == RecordKind::kAgenda;
}

// Looks at no version of one kind of record. A Conflict over the others has the shape that it would have
// had, so that the use-case reads it right.
class WithoutCheck final : public AroundCommit {
 public:
  WithoutCheck(ports::Store& inner, RecordKind kind) : AroundCommit(inner), kind_(kind) {}

  Task<Result<CommitOutcome>> Commit(Transaction transaction, Deadline deadline) override {
    Transaction weaker = transaction;
    std::erase_if(weaker.checks, [this](const TransactionCheck& check) { return Drops(check); });
    if (weaker.writes.empty()) {
      weaker.checks = transaction.checks;
    }
    const bool same = weaker.checks.size() == transaction.checks.size();
    auto outcome = co_await inner_.Commit(std::move(weaker), deadline);
    if (same || !outcome.ok() || std::holds_alternative<ports::Committed>(*outcome)) {
      co_return outcome;
    }
    auto& conflict = std::get<ports::Conflict>(*outcome);
    std::vector<ports::Record> records;
    auto next = conflict.records.begin();
    for (const TransactionCheck& check : transaction.checks) {
      const auto* version = std::get_if<ports::CheckVersion>(&check);
      if (version == nullptr) {
        continue;
      }
      if (!Drops(check)) {
        records.push_back(*next++);
        continue;
      }
      std::vector<ports::Key> wanted = {version->key};
      auto fresh = co_await inner_.Read(std::move(wanted), deadline);
      if (!fresh.ok()) {
        co_return fresh.status();
      }
      records.push_back(fresh->front());
    }
    conflict.records = std::move(records);
    co_return outcome;
  }

 private:
  bool Drops(const TransactionCheck& check) const {
    const auto* version = std::get_if<ports::CheckVersion>(&check);
    return version != nullptr && version->key.kind == kind_;
  }
  const RecordKind kind_;
};

class WithoutFences final : public AroundCommit {
 public:
  using AroundCommit::AroundCommit;
  Task<Result<CommitOutcome>> Commit(Transaction transaction, Deadline deadline) override {
    ports::Committed committed;
    for (const TransactionWrite& write : transaction.writes) {
      if (const auto* fence = std::get_if<ports::FenceCounter>(&write)) {
        const auto value = co_await inner_.ReadCounter(fence->key, deadline);
        if (!value.ok()) {
          co_return value.status();
        }
        committed.counters.push_back(*value);
      }
    }
    if (committed.counters.empty()) {
      co_return co_await inner_.Commit(std::move(transaction), deadline);
    }
    co_return CommitOutcome(std::move(committed));
  }
};

class AgendaAfterwards final : public AroundCommit {
 public:
  using AroundCommit::AroundCommit;
  Task<Result<CommitOutcome>> Commit(Transaction transaction, Deadline deadline) override {
    Transaction afterwards;
    afterwards.partition = transaction.partition;
    if (Puts(transaction, RecordKind::kDecision)) {
      auto& writes = transaction.writes;
      std::copy_if(writes.begin(), writes.end(), std::back_inserter(afterwards.writes),
                   IsAgendaEntry);
      std::erase_if(writes, IsAgendaEntry);
    }
    auto outcome = co_await inner_.Commit(std::move(transaction), deadline);
    const bool committed = outcome.ok() && std::holds_alternative<ports::Committed>(*outcome);
    if (committed && !afterwards.writes.empty()) {
      const auto ignored = co_await inner_.Commit(std::move(afterwards), deadline);
      static_cast<void>(ignored);
    }
    co_return outcome;
  }
};

// Writes vouchers otherwise.
class Falsifying final : public AroundCommit {
 public:
  using Falsify = void (*)(app::StoredVoucher&);
  Falsifying(ports::Store& inner, const app::RecordCodec& codec, Falsify falsify)
      : AroundCommit(inner), codec_(codec), falsify_(falsify) {}
  Task<Result<CommitOutcome>> Commit(Transaction transaction, Deadline deadline) override {
    for (TransactionWrite& write : transaction.writes) {
      auto* put = std::get_if<ports::Put>(&write);
      if (put == nullptr || put->key.kind != RecordKind::kVoucher) {
        continue;
      }
      auto voucher = codec_.DecodeVoucher(put->key, put->value);
      if (voucher.ok()) {
        falsify_(*voucher);
        put->value = codec_.Encode(put->key, *voucher);
      }
    }
    return inner_.Commit(std::move(transaction), deadline);
  }

 private:
  const app::RecordCodec& codec_;
  const Falsify falsify_;
};

void DropRedemptionIds(app::StoredVoucher& voucher) {
  for (Redemption& redemption : voucher.redemptions) {
    redemption.id = RedemptionId("-");
  }
}

void DropTombstones(app::StoredVoucher& voucher) {
  std::erase_if(voucher.redemptions, [](const Redemption& redemption) {
    return redemption.reversed_at && redemption.amount.is_zero();
  });
}

// It stays on record, but holds nothing.
void IgnoreReservations(app::StoredVoucher& voucher) {
  for (Reservation& reservation : voucher.reservations) {
    if (reservation.state == ReservationState::kHeld) {
      reservation.state = ReservationState::kUsed;
    }
  }
}

// Changes transactions on their way; it may drop all writes, then the checks remain.
class Tampering final : public AroundCommit {
 public:
  using Tamper = std::function<void(Transaction&)>;
  Tampering(ports::Store& inner, Tamper tamper) : AroundCommit(inner), tamper_(std::move(tamper)) {}
  Task<Result<CommitOutcome>> Commit(Transaction transaction, Deadline deadline) override {
    tamper_(transaction);
    return inner_.Commit(std::move(transaction), deadline);
  }

 private:
  const Tamper tamper_;
};

void DropDeadline(Transaction& transaction) { transaction.not_after.reset(); }

void ForgetExpiry(Transaction& transaction) {
  if (Puts(transaction, RecordKind::kDecision)) {
    std::erase_if(transaction.writes, [](const TransactionWrite& write) {
      const auto* put = std::get_if<ports::IndexPut>(&write);
      return put != nullptr && put->index.kind == RecordKind::kExpiry;
    });
  }
}

void ForgetLiability(Transaction& transaction) {
  if (!Puts(transaction, RecordKind::kDecision)) {
    std::erase_if(transaction.writes, [](const TransactionWrite& write) {
      const auto* add = std::get_if<ports::AddToCounter>(&write);
      return add != nullptr && add->key.kind == RecordKind::kLiability;
    });
  }
}

void KeepOldCode(const app::RecordCodec& codec, Transaction& transaction) {
  std::erase_if(transaction.writes, [&codec](const TransactionWrite& write) {
    const auto* put = std::get_if<ports::Put>(&write);
    if (put == nullptr || put->key.kind != RecordKind::kVoucher) {
      return false;
    }
    const auto voucher = codec.DecodeVoucher(put->key, put->value);
    return voucher.ok() && voucher->state == VoucherState::kReissued;
  });
}

void IgnoreShelf(Transaction& transaction) {
  if (Puts(transaction, RecordKind::kVoucher)) {
    std::erase_if(transaction.checks, [](const TransactionCheck& check) {
      const auto* score = std::get_if<ports::CheckScore>(&check);
      return score != nullptr && score->index.kind == RecordKind::kPoolShelf;
    });
  }
}

void ForgetMove(Transaction& transaction) {
  std::erase_if(transaction.writes, [](const TransactionWrite& write) {
    const auto* put = std::get_if<ports::IndexPut>(&write);
    return put != nullptr && put->index.kind == RecordKind::kPoolTransit;
  });
}

void ForgetImport(Transaction& transaction) {
  std::erase_if(transaction.writes, [](const TransactionWrite& write) {
    const auto* put = std::get_if<ports::Put>(&write);
    return put != nullptr && put->key.kind == RecordKind::kPool;
  });
}

class ForgettingLetters final : public AroundCommit {
 public:
  using AroundCommit::AroundCommit;
  Task<Result<CommitOutcome>> Commit(Transaction transaction, Deadline deadline) override {
    const bool schedules_anew =
        transaction.checks.empty() || Puts(transaction, RecordKind::kDecision);
    for (TransactionWrite& write : transaction.writes) {
      if (!schedules_anew && IsAgendaEntry(write)) {
        const auto put = std::get<ports::IndexPut>(write);
        write = ports::IndexRemove{put.index, put.entry.member};
      }
    }
    return inner_.Commit(std::move(transaction), deadline);
  }
};

}  // namespace

std::span<const BugName> AllBugs() { return kNames; }

std::optional<Bug> BugNamed(std::string_view name) {
  const auto* found = std::find_if(kNames.begin(), kNames.end(),
                                   [name](const BugName& bug) { return bug.name == name; });
  return found == kNames.end() ? std::nullopt : std::optional(found->bug);
}

std::unique_ptr<ports::Store> PlantInDatabase(Bug bug, ports::Store& store,
                                              const app::RecordCodec& codec) {
  switch (bug) {
    case Bug::kCheckDropped:
      return std::make_unique<WithoutCheck>(store, RecordKind::kDecision);
    case Bug::kHistoryNotChecked:
      return std::make_unique<WithoutCheck>(store, RecordKind::kHistory);
    case Bug::kVoucherNotChecked:
      return std::make_unique<WithoutCheck>(store, RecordKind::kVoucher);
    case Bug::kClaimNotChecked:
      return std::make_unique<WithoutCheck>(store, RecordKind::kClaim);
    case Bug::kLeaseNotFenced:
      return std::make_unique<WithoutFences>(store);
    case Bug::kRedemptionWithoutId:
      return std::make_unique<Falsifying>(store, codec, DropRedemptionIds);
    case Bug::kReversalWithoutTombstone:
      return std::make_unique<Falsifying>(store, codec, DropTombstones);
    case Bug::kReservationIgnored:
      return std::make_unique<Falsifying>(store, codec, IgnoreReservations);
    case Bug::kOldCodeLives:
      return std::make_unique<Tampering>(
          store, [&codec](Transaction& transaction) { KeepOldCode(codec, transaction); });
    case Bug::kExpiryForgotten:
      return std::make_unique<Tampering>(store, ForgetExpiry);
    case Bug::kLiabilityForgotten:
      return std::make_unique<Tampering>(store, ForgetLiability);
    case Bug::kDeadlineDropped:
      return std::make_unique<Tampering>(store, DropDeadline);
    case Bug::kPoolCodeNotChecked:
      return std::make_unique<Tampering>(store, IgnoreShelf);
    case Bug::kPoolMoveForgotten:
      return std::make_unique<Tampering>(store, ForgetMove);
    case Bug::kPoolImportUnnoticed:
      return std::make_unique<Tampering>(store, ForgetImport);
    case Bug::kLetterForgotten:
      return std::make_unique<ForgettingLetters>(store);
    case Bug::kAgendaOutsideTransaction:
    case Bug::kNone:
      break;
  }
  return nullptr;
}

std::unique_ptr<ports::Store> PlantInProcess(Bug bug, ports::Store& store) {
  return bug == Bug::kAgendaOutsideTransaction ? std::make_unique<AgendaAfterwards>(store)
                                               : nullptr;
}

}  // namespace kulanz::simulation
