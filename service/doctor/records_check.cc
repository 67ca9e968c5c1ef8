// Records that do not open: damaged, moved, copied, or sealed with a secret that is not here.
#include "service/app/record_breaker.h"
#include "service/app/record_budget.h"
#include "service/app/record_events.h"
#include "service/app/record_known_fields.h"
#include "service/app/record_pool.h"
#include "service/doctor/check.h"

namespace kulanz::doctor {
namespace {

class RecordsCheck final : public Check {
 public:
  explicit RecordsCheck(const Tools& tools) : tools_(tools) {}
  bool Wants(ports::RecordKind kind) const override {
    return ports::ShapeOf(kind) == ports::RecordShape::kRecord;
  }
  Result<Findings> Examine(const ports::Key& key, bool) override {
    KULANZ_ASSIGN_OR_RETURN(const ports::Record record, ReadOne(tools_, key));
    const Status opened = record.exists() ? Open(key, record.value) : Status::Ok();
    if (opened.ok()) {
      return Findings{};
    }
    if (app::IsOfANewerServer(opened)) {
      return Findings{{"RECORD_NEWER", Severity::kDoubt, key,
                       "was written by a newer version than this one; look with the servers' own"}};
    }
    return Findings{{"RECORD_CORRUPT", Severity::kDamage, key,
                     opened.message() + "; restore it from a backup of this store, or check that "
                                        "the record secrets are those of the servers"}};
  }

 private:
  Status Open(const ports::Key& key, const std::string& stored) const {
    const app::RecordCodec& codec = tools_.codec;
    switch (key.kind) {
      case ports::RecordKind::kClaim:
        return codec.DecodeClaim(key, stored).status();
      case ports::RecordKind::kProfile:
        return codec.DecodeCustomer(key, stored).status();
      case ports::RecordKind::kHistory:
        return codec.DecodeHistory(key, stored).status();
      case ports::RecordKind::kDecision:
        return codec.DecodeDecision(key, stored).status();
      case ports::RecordKind::kVoucher:
        return codec.DecodeVoucher(key, stored).status();
      case ports::RecordKind::kApology:
        return codec.DecodeApology(key, stored).status();
      case ports::RecordKind::kBudget:
        return app::DecodeBudget(codec, key, stored).status();
      case ports::RecordKind::kEvents:
        return app::DecodeEvents(codec, key, stored).status();
      case ports::RecordKind::kPool:
        return app::DecodePool(codec, key, stored).status();
      case ports::RecordKind::kPoolCode:
        return app::DecodePoolCode(codec, key, stored).status();
      case ports::RecordKind::kBreaker:
        return app::DecodeBreaker(codec, key, stored).status();
      default:
        return codec.Open(key, stored).status();  // at least its seal
    }
  }

  const Tools& tools_;
};

}  // namespace

std::unique_ptr<Check> MakeRecordsCheck(const Tools& tools) {
  return std::make_unique<RecordsCheck>(tools);
}

}  // namespace kulanz::doctor
