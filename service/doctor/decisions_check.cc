// Decisions without their claim, in a foreign partition, or missing in their customer's index.
//
// A claim is written before its decision and never removed, so a decision that is read first and has no
// claim then has lost it. Both repairs follow from the decision alone: the claim is a fingerprint of the
// incident that stands in it, the index entry its key and the incident's time.
#include "service/app/fingerprint.h"
#include "service/doctor/check.h"

namespace kulanz::doctor {
namespace {

class DecisionsCheck final : public Check {
 public:
  explicit DecisionsCheck(const Tools& tools) : tools_(tools) {}
  bool Wants(ports::RecordKind kind) const override { return kind == ports::RecordKind::kDecision; }
  Result<Findings> Examine(const ports::Key& key, bool repair) override {
    KULANZ_ASSIGN_OR_RETURN(const ports::Record record, ReadOne(tools_, key));
    const auto stored = tools_.codec.DecodeDecision(key, record.value);
    if (!record.exists() || !stored.ok()) {
      return Findings{};
    }
    const Incident& incident = stored->decision.incident;
    const ports::KeyHash expected =
        stored->first_key ? app::HashOf(incident.id, incident.revision) : app::HashOf(incident.id);
    if (key.partition != tools_.keys.PartitionOf(incident.customer) || key.hash != expected) {
      return Findings{{"DECISION_MISPLACED", Severity::kDamage, key,
                       "a decision stands where nobody looks for it; was the number of partitions "
                       "changed, or a foreign record restored?"}};
    }
    Findings findings;
    KULANZ_RETURN_IF_ERROR(ExamineClaim(key, incident, repair, findings));
    KULANZ_RETURN_IF_ERROR(ExamineIndex(key, incident, record.version, repair, findings));
    return findings;
  }

 private:
  Status ExamineClaim(const ports::Key& key, const Incident& incident, bool repair,
                      Findings& findings) {
    const ports::Key first = tools_.keys.Claim(incident.id);
    const ports::Key other = tools_.keys.Claim(incident.id, incident.revision);
    KULANZ_ASSIGN_OR_RETURN(const std::vector<ports::Record> claims, Read(tools_, {first, other}));
    if (claims[1].exists()) {
      return Status::Ok();
    }
    if (claims[0].exists()) {
      const auto claim = tools_.codec.DecodeClaim(first, claims[0].value);
      if (!claim.ok() || claim->revision == incident.revision) {
        return Status::Ok();
      }
    }
    const ports::Key missing = claims[0].exists() ? other : first;
    Finding finding{"DECISION_WITHOUT_CLAIM", Severity::kDamage, key,
                    "a decision has lost the claim that keeps its incident from being reported for "
                    "another customer; --repair writes it again from the decision",
                    true};
    if (repair) {
      const app::Claim claim{app::HashOf(incident.customer), app::FingerprintOf(incident),
                             app::kFingerprintVersion, incident.revision};
      ports::Transaction transaction;
      transaction.partition = missing.partition;
      transaction.checks.emplace_back(ports::CheckVersion{missing, 0});
      transaction.writes.emplace_back(
          ports::Put{missing, tools_.codec.Encode(missing, claim), std::nullopt});
      KULANZ_ASSIGN_OR_RETURN(finding.repaired, Confirm(tools_, transaction));
    }
    findings.push_back(std::move(finding));
    return Status::Ok();
  }

  Status ExamineIndex(const ports::Key& key, const Incident& incident, std::uint64_t version,
                      bool repair, Findings& findings) {
    const ports::Key index = tools_.keys.DecisionIndex(incident.customer);
    const std::string member = app::MemberOf(key.hash);
    ports::Transaction missing;
    missing.partition = key.partition;
    missing.checks.emplace_back(ports::CheckVersion{key, version});
    missing.checks.emplace_back(ports::CheckScore{index, member, std::nullopt});
    if (repair) {
      missing.writes.emplace_back(ports::IndexPut{index, {member, ToMillis(incident.occurred_at)}});
    }
    KULANZ_ASSIGN_OR_RETURN(const bool is_missing, Confirm(tools_, missing));
    if (is_missing) {
      findings.push_back({"DECISION_NOT_INDEXED", Severity::kDamage, key,
                          "a decision is missing in the list of its customer's decisions; --repair "
                          "adds it",
                          true, repair});
    }
    return Status::Ok();
  }

  const Tools& tools_;
};

}  // namespace

std::unique_ptr<Check> MakeDecisionsCheck(const Tools& tools) {
  return std::make_unique<DecisionsCheck>(tools);
}

}  // namespace kulanz::doctor
