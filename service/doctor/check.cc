#include "service/doctor/check.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "service/base/crypto.h"
#include "service/base/task.h"

namespace kulanz::doctor {
namespace {

constexpr Duration kCallTime{5'000};
constexpr Duration kPause{200};
constexpr int kCallAttempts = 10;

Deadline Soon() { return std::chrono::steady_clock::now() + kCallTime; }

// What is read may be read again, and transactions here only repeat what they confirmed.
template <typename T, typename Call>
Result<T> Persistently(const Call& call) {
  for (int attempt = 1;; ++attempt) {
    Result<T> result = SyncWait(call());
    const bool may_mend = !result.ok() && (result.status().code() == Code::kUnavailable ||
                                           result.status().code() == Code::kResourceExhausted);
    if (!may_mend || attempt == kCallAttempts) {
      return result;
    }
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace

Result<std::vector<ports::Record>> Read(const Tools& tools, const std::vector<ports::Key>& keys) {
  return Persistently<std::vector<ports::Record>>([&] { return tools.store.Read(keys, Soon()); });
}

Result<ports::Record> ReadOne(const Tools& tools, const ports::Key& key) {
  KULANZ_ASSIGN_OR_RETURN(std::vector<ports::Record> records, Read(tools, {key}));
  return std::move(records.front());
}

Result<std::vector<ports::IndexEntry>> ReadIndex(const Tools& tools,
                                                 const ports::IndexRange& range) {
  return Persistently<std::vector<ports::IndexEntry>>(
      [&] { return tools.store.ReadIndex(range, Soon()); });
}

Result<bool> VisitIndex(const Tools& tools, const ports::Key& index,
                        const std::function<Status(const ports::IndexEntry&)>& visit) {
  ports::IndexRange range{index, -ports::kStoredIntegerMax, ports::kStoredIntegerMax,
                          ports::kIndexRangeMax, false};
  bool all = true;
  for (;;) {
    KULANZ_ASSIGN_OR_RETURN(const std::vector<ports::IndexEntry> entries, ReadIndex(tools, range));
    for (const ports::IndexEntry& entry : entries) {
      KULANZ_RETURN_IF_ERROR(visit(entry));
    }
    if (entries.size() < range.limit) {
      return all;
    }
    // Those of the last score come again.
    all = all && entries.front().score != entries.back().score;
    range.score_min = std::max(range.score_min + 1, entries.back().score);
  }
}

Result<Findings> ExamineEntries(
    const Tools& tools, const ports::Key& index,
    const std::function<Status(const ports::IndexEntry&, Findings&)>& examine) {
  Findings findings;
  const auto visited = VisitIndex(
      tools, index, [&](const ports::IndexEntry& entry) { return examine(entry, findings); });
  if (!visited.ok()) {
    return visited.status();
  }
  return findings;
}

Result<bool> ConfirmStale(const Tools& tools, const ports::Key& index,
                          const ports::IndexEntry& entry, const ports::Key& key,
                          const ports::Record& record, bool repair) {
  ports::Transaction stale;
  stale.partition = index.partition;
  stale.checks.emplace_back(ports::CheckVersion{key, record.version});
  stale.checks.emplace_back(ports::CheckScore{index, entry.member, entry.score});
  if (repair) {
    stale.writes.emplace_back(ports::IndexRemove{index, entry.member});
  }
  return Confirm(tools, stale);
}

Result<std::int64_t> ReadCounter(const Tools& tools, const ports::Key& key) {
  return Persistently<std::int64_t>([&] { return tools.store.ReadCounter(key, Soon()); });
}

Result<bool> Confirm(const Tools& tools, const ports::Transaction& transaction) {
  KULANZ_ASSIGN_OR_RETURN(
      const ports::CommitOutcome outcome,
      Persistently<ports::CommitOutcome>([&] { return tools.store.Commit(transaction, Soon()); }));
  return std::holds_alternative<ports::Committed>(outcome);
}

std::string KeyText(const ports::Key& key) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "{";
  for (const unsigned shift : {8U, 4U, 0U}) {
    text += kDigits[(static_cast<unsigned>(key.partition.number) >> shift) & 0xfU];
  }
  return text + "}" + static_cast<char>(key.kind) + ToHex(app::MemberOf(key.hash));
}

std::vector<std::unique_ptr<Check>> AllChecks(const Tools& tools) {
  std::vector<std::unique_ptr<Check>> checks;
  for (const auto make :
       {&MakeRecordsCheck, &MakeClaimsCheck, &MakeDecisionsCheck, &MakeVouchersCheck,
        &MakeLettersCheck, &MakeHistoryCheck, &MakeAgendaCheck, &MakeExpiriesCheck,
        &MakeLiabilityCheck, &MakeBudgetsCheck}) {
    checks.push_back(make(tools));
  }
  return checks;
}

}  // namespace kulanz::doctor
