// Claims without a decision: the incident was reported, and nobody repeated the report until it was decided.
//
// A doubt, not damage: a caller may have given up (its customer was not known, a server died), and the next
// report of the incident decides it. The claim of a later revision does not say which incident it belongs
// to; those of incidents with revisions are learnt from their decisions on the way.
#include <mutex>
#include <set>

#include "service/doctor/check.h"

namespace kulanz::doctor {
namespace {

class ClaimsCheck final : public Check {
 public:
  explicit ClaimsCheck(const Tools& tools) : tools_(tools) {}
  bool Wants(ports::RecordKind kind) const override {
    return kind == ports::RecordKind::kClaim || kind == ports::RecordKind::kDecision;
  }
  Result<Findings> Examine(const ports::Key& key, bool) override {
    KULANZ_ASSIGN_OR_RETURN(const ports::Record record, ReadOne(tools_, key));
    if (!record.exists()) {
      return Findings{};
    }
    return key.kind == ports::RecordKind::kClaim ? ExamineClaim(key, record.value)
                                                 : Learn(key, record.value);
  }

 private:
  Result<Findings> ExamineClaim(const ports::Key& key, const std::string& stored) {
    const auto claim = tools_.codec.DecodeClaim(key, stored);
    if (!claim.ok()) {
      return Findings{};
    }
    const ports::PartitionId partition = tools_.keys.PartitionOf(claim->customer);
    KULANZ_ASSIGN_OR_RETURN(const ports::Record decision,
                            ReadOne(tools_, tools_.keys.Decision(partition, key.hash)));
    if (decision.exists() || IsKnownRevision(key.hash)) {
      return Findings{};
    }
    return Findings{{"CLAIM_WITHOUT_DECISION", Severity::kDoubt, key,
                     "an incident was reported and never decided: its caller gave up, or its "
                     "customer was not known; report it again"}};
  }

  // A case of several revisions: the claims of all of them belong to it.
  Result<Findings> Learn(const ports::Key& key, const std::string& stored) {
    const auto decision = tools_.codec.DecodeDecision(key, stored);
    if (!decision.ok() || decision->first_key) {
      return Findings{};
    }
    const Incident& incident = decision->decision.incident;
    if (incident.revision == 0 && decision->later.empty()) {
      return Findings{};
    }
    const std::lock_guard lock(mutex_);
    revisions_.insert(app::HashOf(incident.id, 0));
    revisions_.insert(app::HashOf(incident.id, incident.revision));
    for (const app::LaterRevision& later : decision->later) {
      revisions_.insert(app::HashOf(incident.id, later.revision));
    }
    return Findings{};
  }

  bool IsKnownRevision(const ports::KeyHash& hash) {
    const std::lock_guard lock(mutex_);
    return revisions_.contains(hash);
  }

  const Tools& tools_;
  std::mutex mutex_;
  std::set<ports::KeyHash> revisions_;
};

}  // namespace

std::unique_ptr<Check> MakeClaimsCheck(const Tools& tools) {
  return std::make_unique<ClaimsCheck>(tools);
}

}  // namespace kulanz::doctor
