// Vouchers and the decisions that gave them: neither stands without the other, the voucher's life is sound,
// and its code can be derived.
//
// Nothing here is repaired: whether a lost voucher was redeemed nobody knows.
#include "service/doctor/check.h"
#include "service/domain/voucher_life.h"

namespace kulanz::doctor {
namespace {

class VouchersCheck final : public Check {
 public:
  explicit VouchersCheck(const Tools& tools) : tools_(tools) {}
  bool Wants(ports::RecordKind kind) const override {
    return kind == ports::RecordKind::kVoucher || kind == ports::RecordKind::kDecision;
  }
  Result<Findings> Examine(const ports::Key& key, bool) override {
    return key.kind == ports::RecordKind::kVoucher ? ExamineVoucher(key) : ExamineDecision(key);
  }

 private:
  // Both in one view: a decision and its voucher are written together.
  Result<Findings> ExamineDecision(const ports::Key& key) {
    KULANZ_ASSIGN_OR_RETURN(const ports::Record record, ReadOne(tools_, key));
    const auto decision = tools_.codec.DecodeDecision(key, record.value);
    if (!record.exists() || !decision.ok() || !decision->voucher_key) {
      return Findings{};
    }
    KULANZ_ASSIGN_OR_RETURN(
        const ports::Record voucher,
        ReadOne(tools_, tools_.keys.Voucher(key.partition, *decision->voucher_key)));
    if (voucher.exists()) {
      return Findings{};
    }
    return Findings{{"DECISION_WITHOUT_VOUCHER", Severity::kDamage, key,
                     "the voucher of a grant is not stored, so its code is refused; restore it, or "
                     "give the customer another one"}};
  }

  Result<Findings> ExamineVoucher(const ports::Key& key) {
    KULANZ_ASSIGN_OR_RETURN(const ports::Record first, ReadOne(tools_, key));
    const auto named = tools_.codec.DecodeVoucher(key, first.value);
    if (!first.exists() || !named.ok()) {
      return Findings{};
    }
    const ports::Key decision_key = tools_.keys.Decision(key.partition, named->incident);
    KULANZ_ASSIGN_OR_RETURN(const std::vector<ports::Record> records,
                            Read(tools_, {key, decision_key}));
    const auto voucher = tools_.codec.DecodeVoucher(key, records[0].value);
    if (!records[0].exists() || !voucher.ok()) {
      return Findings{};
    }
    Findings findings;
    if (!records[1].exists()) {
      findings.push_back({"VOUCHER_WITHOUT_DECISION", Severity::kDamage, key,
                          "the decision that gave a voucher is not stored, so nobody knows what it "
                          "is worth; restore the decision"});
      return findings;
    }
    const auto decision = tools_.codec.DecodeDecision(decision_key, records[1].value);
    if (!decision.ok()) {
      return findings;
    }
    // One that took the place of another, or lost its own, is linked with that one.
    if (!decision->decision.voucher ||
        (decision->voucher_key != key.hash && !voucher->predecessor && !voucher->successor)) {
      findings.push_back({"VOUCHER_WITHOUT_DECISION", Severity::kDamage, key,
                          "the decision that a voucher names gave another one, or none"});
      return findings;
    }
    Audit(key, *decision, *voucher, findings);
    return findings;
  }

  void Audit(const ports::Key& key, const app::StoredDecision& decision,
             const app::StoredVoucher& voucher, Findings& findings) {
    // A withdrawal revokes without the bookkeeping of a revocation.
    const bool is_withdrawn = voucher.state == VoucherState::kRevoked && !voucher.revocation;
    for (const std::string& rule : AuditVoucherLife(*decision.decision.voucher, voucher)) {
      if (is_withdrawn) {
        break;
      }
      findings.push_back({"VOUCHER_UNSOUND", Severity::kDamage, key,
                          "the life of a voucher breaks a rule: " + rule});
    }
    if (voucher.secret_id.empty() || voucher.issue != 0 || voucher.long_code) {
      return;  // not derived in this way
    }
    const auto code = tools_.secrets.DeriveAgain(key, voucher.secret_id,
                                                 decision.decision.incident.id, voucher.revision);
    if (!code.ok()) {
      findings.push_back(
          {std::string(code.status().reason()), Severity::kDamage, key, code.status().message()});
    }
  }

  const Tools& tools_;
};

}  // namespace

std::unique_ptr<Check> MakeVouchersCheck(const Tools& tools) {
  return std::make_unique<VouchersCheck>(tools);
}

}  // namespace kulanz::doctor
