// Entries of the agenda for letters that are not stored, or are not waiting any more.
//
// Entries of kinds that this version does not know are left for one that does. An entry of a revoked
// voucher or a cancelled letter is no finding: the courier takes it off when it is due. Repair: the entry is removed, in a
// transaction that finds it and the record as they were read.
#include "service/app/agenda.h"
#include "service/app/letter_record.h"
#include "service/doctor/check.h"

namespace kulanz::doctor {
namespace {

class AgendaCheck final : public Check {
 public:
  explicit AgendaCheck(const Tools& tools) : tools_(tools) {}
  bool Wants(ports::RecordKind kind) const override { return kind == ports::RecordKind::kAgenda; }
  Result<Findings> Examine(const ports::Key& key, bool repair) override {
    return ExamineEntries(tools_, key, [&](const ports::IndexEntry& entry, Findings& findings) {
      return ExamineEntry(key, entry, repair, findings);
    });
  }

 private:
  Status ExamineEntry(const ports::Key& agenda, const ports::IndexEntry& entry, bool repair,
                      Findings& findings) {
    const auto item = app::DecodeAgendaMember(entry.member);
    if (!item ||
        (item->kind != app::AgendaKind::kDelivery && item->kind != app::AgendaKind::kApology)) {
      return Status::Ok();
    }
    const ports::Key key = app::LetterRecord::KeyOf(tools_.keys, agenda.partition, *item);
    KULANZ_ASSIGN_OR_RETURN(const ports::Record record, ReadOne(tools_, key));
    if (record.exists()) {
      const auto letter = app::LetterRecord::Decode(tools_.codec, key, record.value);
      if (!letter.ok() || letter->delivery().state == DeliveryState::kPending ||
          letter->delivery().state == DeliveryState::kCancelled) {
        return Status::Ok();
      }
    }
    KULANZ_ASSIGN_OR_RETURN(const bool is_stale,
                            ConfirmStale(tools_, agenda, entry, key, record, repair));
    if (is_stale) {
      findings.push_back({"AGENDA_STALE", Severity::kDamage, key,
                          std::string("the agenda has work for a letter that ") +
                              (record.exists() ? "is not waiting any more" : "is not stored") +
                              "; --repair takes it off",
                          true, repair});
    }
    return Status::Ok();
  }

  const Tools& tools_;
};

}  // namespace

std::unique_ptr<Check> MakeAgendaCheck(const Tools& tools) {
  return std::make_unique<AgendaCheck>(tools);
}

}  // namespace kulanz::doctor
