// The agenda of expiries: an open voucher that is not on it never expires for the books, though nobody's answer
// depends on that; an entry without an open voucher is work for nothing. That of a revoked voucher is no finding:
// a withdrawal leaves it, and it comes off when it is due.
//
// Repair: the voucher is put on it, due now, which lets a server work out the true instant; the entry is taken
// off. Each in a transaction that finds both as they were read.
#include "service/app/keys.h"
#include "service/doctor/check.h"

namespace kulanz::doctor {
namespace {

class ExpiriesCheck final : public Check {
 public:
  explicit ExpiriesCheck(const Tools& tools) : tools_(tools) {}
  bool Wants(ports::RecordKind kind) const override {
    return kind == ports::RecordKind::kVoucher || kind == ports::RecordKind::kExpiry;
  }
  Result<Findings> Examine(const ports::Key& key, bool repair) override {
    return key.kind == ports::RecordKind::kVoucher ? ExamineVoucher(key, repair)
                                                   : ExamineIndex(key, repair);
  }

 private:
  Result<Findings> ExamineVoucher(const ports::Key& key, bool repair) {
    KULANZ_ASSIGN_OR_RETURN(const ports::Record record, ReadOne(tools_, key));
    const auto voucher = tools_.codec.DecodeVoucher(key, record.value);
    if (!record.exists() || !voucher.ok() || voucher->state != VoucherState::kIssued) {
      return Findings{};
    }
    const ports::Key index = tools_.keys.Expiries(key.partition);
    const std::string member = app::MemberOf(key.hash);
    ports::Transaction forgotten;
    forgotten.partition = key.partition;
    forgotten.checks.emplace_back(ports::CheckVersion{key, record.version});
    forgotten.checks.emplace_back(ports::CheckScore{index, member, std::nullopt});
    const std::optional<Instant> now = tools_.store.Now();
    const bool repairs = repair && now;
    if (repairs) {
      forgotten.writes.emplace_back(ports::IndexPut{index, {member, ToMillis(*now)}});
    }
    KULANZ_ASSIGN_OR_RETURN(const bool is_forgotten, Confirm(tools_, forgotten));
    if (!is_forgotten) {
      return Findings{};
    }
    return Findings{{"EXPIRY_NOT_SCHEDULED", Severity::kDamage, key,
                     "an open voucher is not on the agenda of expiries, so the outstanding "
                     "liability would never lose it; --repair puts it there",
                     true, repairs}};
  }

  Result<Findings> ExamineIndex(const ports::Key& key, bool repair) {
    return ExamineEntries(tools_, key, [&](const ports::IndexEntry& entry, Findings& findings) {
      return ExamineEntry(key, entry, repair, findings);
    });
  }

  Status ExamineEntry(const ports::Key& index, const ports::IndexEntry& entry, bool repair,
                      Findings& findings) {
    const auto hash = app::KeyHashFrom(entry.member);
    if (!hash) {
      return Status::Ok();  // of a later version
    }
    const ports::Key key = tools_.keys.Voucher(index.partition, *hash);
    KULANZ_ASSIGN_OR_RETURN(const ports::Record record, ReadOne(tools_, key));
    if (record.exists()) {
      const auto voucher = tools_.codec.DecodeVoucher(key, record.value);
      if (!voucher.ok() || voucher->state == VoucherState::kIssued ||
          voucher->state == VoucherState::kRevoked) {
        return Status::Ok();
      }
    }
    KULANZ_ASSIGN_OR_RETURN(const bool is_stale,
                            ConfirmStale(tools_, index, entry, key, record, repair));
    if (is_stale) {
      findings.push_back({"EXPIRY_STALE", Severity::kDamage, key,
                          std::string("the agenda of expiries names a voucher that ") +
                              (record.exists() ? "is not open any more" : "is not stored") +
                              "; --repair takes it off",
                          true, repair});
    }
    return Status::Ok();
  }

  const Tools& tools_;
};

}  // namespace

std::unique_ptr<Check> MakeExpiriesCheck(const Tools& tools) {
  return std::make_unique<ExpiriesCheck>(tools);
}

}  // namespace kulanz::doctor
