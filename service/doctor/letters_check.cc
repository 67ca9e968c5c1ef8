// Letters that wait to be sent and stand on no agenda, so nobody ever sends them; dead ones that stand on no list
// of such, so nobody sees them; apologies without the record of their letter, and such records without their
// apology.
//
// Repair: the letter is put on the agenda, due now, in a transaction that finds its record unchanged and the
// agenda without it; a dead one on the list, likewise. The courier then judges it as any other (quiet hours, consent, revoked or not).
#include "service/app/agenda.h"
#include "service/doctor/check.h"

namespace kulanz::doctor {
namespace {

class LettersCheck final : public Check {
 public:
  explicit LettersCheck(const Tools& tools) : tools_(tools) {}
  bool Wants(ports::RecordKind kind) const override {
    return kind == ports::RecordKind::kVoucher || kind == ports::RecordKind::kApology ||
           kind == ports::RecordKind::kDecision;
  }
  Result<Findings> Examine(const ports::Key& key, bool repair) override {
    KULANZ_ASSIGN_OR_RETURN(const ports::Record record, ReadOne(tools_, key));
    if (!record.exists()) {
      return Findings{};
    }
    switch (key.kind) {
      case ports::RecordKind::kVoucher:
        return ExamineVoucher(key, record, repair);
      case ports::RecordKind::kApology:
        return ExamineApology(key, record, repair);
      default:
        return ExamineDecision(key, record);
    }
  }

 private:
  Result<Findings> ExamineDecision(const ports::Key& key, const ports::Record& record) {
    const auto decision = tools_.codec.DecodeDecision(key, record.value);
    if (!decision.ok() || decision->decision.outcome != Outcome::kApologised) {
      return Findings{};
    }
    KULANZ_ASSIGN_OR_RETURN(const ports::Record letter,
                            ReadOne(tools_, tools_.keys.Apology(key.partition, key.hash)));
    if (letter.exists()) {
      return Findings{};
    }
    return Findings{{"LETTER_MISSING", Severity::kDamage, key,
                     "the record of an apology's letter is not stored, so nobody knows whether it "
                     "was sent"}};
  }

  Result<Findings> ExamineVoucher(const ports::Key& key, const ports::Record& record, bool repair) {
    const auto voucher = tools_.codec.DecodeVoucher(key, record.value);
    if (voucher.ok() && voucher->delivery.state == DeliveryState::kDead &&
        voucher->state != VoucherState::kRevoked && !voucher->reissue) {
      return ExamineDead(key, record.version, voucher->delivery,
                         {app::AgendaKind::kDelivery, key.hash}, repair);
    }
    if (!voucher.ok() || voucher->delivery.state != DeliveryState::kPending ||
        voucher->state == VoucherState::kRevoked || voucher->reissue) {
      return Findings{};
    }
    return ExaminePending(key, record.version, voucher->incident,
                          {app::AgendaKind::kDelivery, key.hash}, repair);
  }

  Result<Findings> ExamineApology(const ports::Key& key, const ports::Record& record, bool repair) {
    const auto apology = tools_.codec.DecodeApology(key, record.value);
    if (apology.ok() && !apology->withdrawn && apology->delivery.state == DeliveryState::kDead) {
      return ExamineDead(key, record.version, apology->delivery,
                         {app::AgendaKind::kApology, key.hash}, repair);
    }
    if (!apology.ok() || apology->withdrawn || apology->delivery.state != DeliveryState::kPending) {
      return Findings{};
    }
    return ExaminePending(key, record.version, key.hash, {app::AgendaKind::kApology, key.hash},
                          repair);
  }

  // `member` stands in `index`, or is put there by the transaction that finds it missing.
  Result<bool> IsMissing(const ports::Key& key, std::uint64_t version, const ports::Key& index,
                         ports::IndexEntry entry, bool repairs) {
    ports::Transaction lost;
    lost.partition = key.partition;
    lost.checks.emplace_back(ports::CheckVersion{key, version});
    lost.checks.emplace_back(ports::CheckScore{index, entry.member, std::nullopt});
    if (repairs) {
      lost.writes.emplace_back(ports::IndexPut{index, std::move(entry)});
    }
    return Confirm(tools_, lost);
  }

  Result<Findings> ExamineDead(const ports::Key& key, std::uint64_t version,
                               const DeliveryProgress& delivery, const app::AgendaItem& item,
                               bool repair) {
    KULANZ_ASSIGN_OR_RETURN(
        const bool is_missing,
        IsMissing(key, version, tools_.keys.DeadLetters(key.partition),
                  {app::EncodeAgendaMember(item), ToMillis(delivery.updated_at)}, repair));
    if (!is_missing) {
      return Findings{};
    }
    return Findings{
        {"DEAD_LETTER_NOT_LISTED", Severity::kDamage, key,
         "a letter was given up and 'kulanz letters' does not list it; --repair puts it "
         "there",
         true, repair}};
  }

  Result<Findings> ExaminePending(const ports::Key& key, std::uint64_t version,
                                  const ports::KeyHash& decision_hash, const app::AgendaItem& item,
                                  bool repair) {
    const ports::Key decision_key = tools_.keys.Decision(key.partition, decision_hash);
    KULANZ_ASSIGN_OR_RETURN(const ports::Record record, ReadOne(tools_, decision_key));
    if (!record.exists()) {
      return key.kind == ports::RecordKind::kVoucher
                 ? Findings{}  // vouchers_check.cc tells
                 : Findings{{"LETTER_WITHOUT_DECISION", Severity::kDamage, key,
                             "a letter waits whose decision is not stored; it cannot be written"}};
    }
    const auto decision = tools_.codec.DecodeDecision(decision_key, record.value);
    if (!decision.ok() || !decision->decision.delivery) {
      return Findings{};  // nothing was to be sent
    }
    const std::optional<Instant> now = tools_.store.Now();
    const bool repairs = repair && now;
    KULANZ_ASSIGN_OR_RETURN(
        const bool is_lost,
        IsMissing(key, version, tools_.keys.Agenda(key.partition),
                  {app::EncodeAgendaMember(item), ToMillis(now.value_or(Instant{}))}, repairs));
    if (!is_lost) {
      return Findings{};
    }
    return Findings{
        {"DELIVERY_NOT_SCHEDULED", Severity::kDamage, key,
         "a letter waits to be sent and is on no agenda; --repair puts it there, due now", true,
         repairs}};
  }

  const Tools& tools_;
};

}  // namespace

std::unique_ptr<Check> MakeLettersCheck(const Tools& tools) {
  return std::make_unique<LettersCheck>(tools);
}

}  // namespace kulanz::doctor
