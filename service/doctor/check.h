// Check: one thing that must hold between the records of a store.
//
// Servers go on while a store is checked, so what a check sees may be a moment of their work. Therefore it
// says nothing that it has not confirmed: within a partition by a transaction that only checks (the
// records still have the versions that were read), across partitions by the order in which servers write.
// And every finding is examined a second time, after a pause, before it is reported.
//
// To add a check: a file with a subclass, and its place in checks.cc. Thread-safety: Examine from several
// threads at once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "service/app/keys.h"
#include "service/app/record_codec.h"
#include "service/app/voucher_secrets.h"
#include "service/base/result.h"
#include "service/policy/policy_set.h"
#include "service/ports/store.h"
#include "service/ports/store_scan.h"

namespace kulanz::doctor {

enum class Severity : std::uint8_t {
  kDamage,  // cannot be in a sound store
  kDoubt,   // may have a harmless reason, which the text names
};

struct Finding {
  std::string kind;  // "DELIVERY_NOT_SCHEDULED": stable, for programs
  Severity severity = Severity::kDamage;
  ports::Key key;    // of the record that it is about
  std::string text;  // for people: what, and what to do. No code and no personal data.
  bool repairable = false;
  bool repaired = false;
};
using Findings = std::vector<Finding>;

// What checks work with; outlives them.
struct Tools {
  ports::Store& store;
  ports::StoreScan& scan;
  const app::Keys& keys;
  const app::RecordCodec& codec;
  const app::VoucherSecrets& secrets;
  Duration intake_max_age = std::chrono::days{90};  // as the servers have it
};

class Check {
 public:
  virtual ~Check() = default;
  virtual bool Wants(ports::RecordKind kind) const = 0;
  // Looks at what is stored at `key` now. With `repair`, mends what is safe to mend, in the transaction that
  // confirms it. A record that does not open is not its business (records_check.cc).
  virtual Result<Findings> Examine(const ports::Key& key, bool repair) = 0;
  // Before the first and after the last Examine of a run, for what is a sum over the store.
  virtual Status Begin() { return Status::Ok(); }
  virtual Result<Findings> End() { return Findings{}; }
};

// All of them; `tools` are borrowed.
std::vector<std::unique_ptr<Check>> AllChecks(const Tools& tools);

// One per file.
std::unique_ptr<Check> MakeAgendaCheck(const Tools& tools);
std::unique_ptr<Check> MakeBudgetsCheck(const Tools& tools);
std::unique_ptr<Check> MakeClaimsCheck(const Tools& tools);
std::unique_ptr<Check> MakeDecisionsCheck(const Tools& tools);
std::unique_ptr<Check> MakeExpiriesCheck(const Tools& tools);
std::unique_ptr<Check> MakeHistoryCheck(const Tools& tools);
std::unique_ptr<Check> MakeLettersCheck(const Tools& tools);
std::unique_ptr<Check> MakeLiabilityCheck(const Tools& tools);
std::unique_ptr<Check> MakeRecordsCheck(const Tools& tools);
std::unique_ptr<Check> MakeVouchersCheck(const Tools& tools);

// ---- Calls that wait for their answer; each repeats what the store could not answer a few times ----

Result<std::vector<ports::Record>> Read(const Tools& tools, const std::vector<ports::Key>& keys);
Result<ports::Record> ReadOne(const Tools& tools, const ports::Key& key);
Result<std::vector<ports::IndexEntry>> ReadIndex(const Tools& tools,
                                                 const ports::IndexRange& range);
// Every entry of an index, once or more often; ends with the first failure of `visit`. False: more entries
// than a page holds have one score, and some of them were not seen.
Result<bool> VisitIndex(const Tools& tools, const ports::Key& index,
                        const std::function<Status(const ports::IndexEntry&)>& visit);
// `examine(entry, findings)` on every entry, as a check of a whole index.
Result<Findings> ExamineEntries(
    const Tools& tools, const ports::Key& index,
    const std::function<Status(const ports::IndexEntry&, Findings&)>& examine);
// Whether `entry` still stands and `record`, read at `key`, is unchanged; with `repair` the entry is taken off then.
Result<bool> ConfirmStale(const Tools& tools, const ports::Key& index,
                          const ports::IndexEntry& entry, const ports::Key& key,
                          const ports::Record& record, bool repair);
Result<std::int64_t> ReadCounter(const Tools& tools, const ports::Key& key);
// True: all checks held, and the writes are done.
Result<bool> Confirm(const Tools& tools, const ports::Transaction& transaction);

// For texts: "{01f}v3c5a...", as `kulanz inspect --key` takes it.
std::string KeyText(const ports::Key& key);

}  // namespace kulanz::doctor
