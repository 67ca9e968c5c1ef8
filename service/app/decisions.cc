// The reading use-cases of Incidents: one decision by incident, a customer's decisions page by page.

#include <algorithm>
#include <utility>

#include "service/app/case_file.h"
#include "service/app/case_head.h"
#include "service/app/decided_incident.h"
#include "service/app/decision_index.h"
#include "service/app/incidents.h"
#include "service/app/keys.h"
#include "service/app/page_token.h"

namespace kulanz::app {
namespace {

// The decisions at `keys`, one partition's; absent ones are left out.
Task<Result<std::vector<StoredDecision>>> ReadDecisions(const Dependencies& dependencies,
                                                        std::vector<ports::Key> keys,
                                                        Deadline deadline) {
  const auto records = co_await ReadMany(dependencies.store, keys, deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  std::vector<StoredDecision> decisions;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!(*records)[i].exists()) {
      continue;
    }
    auto stored = dependencies.codec.DecodeDecision(keys[i], (*records)[i].value);
    if (!stored.ok()) {
      co_return stored.status();
    }
    decisions.push_back(*std::move(stored));
  }
  co_return decisions;
}

// The decisions named by `entries` (one partition), then what belongs to them, all at once.
Task<Result<std::vector<DecidedIncident>>> ReadPage(const Dependencies& dependencies,
                                                    ports::PartitionId partition,
                                                    std::vector<ports::IndexEntry> entries,
                                                    Deadline deadline) {
  std::vector<ports::Key> keys;
  for (const ports::IndexEntry& entry : entries) {
    if (const auto hash = KeyHashFrom(entry.member)) {
      keys.push_back(dependencies.keys.Decision(partition, *hash));
    }
  }
  auto decisions = co_await ReadDecisions(dependencies, std::move(keys), deadline);
  if (!decisions.ok()) {
    co_return decisions.status();
  }
  co_return co_await ReadDecided(dependencies, partition, *std::move(decisions), deadline);
}

}  // namespace

Task<Result<DecidedIncident>> Incidents::Get(IncidentId incident,
                                             std::optional<std::uint32_t> revision,
                                             Deadline deadline) {
  auto head = co_await ReadCaseHead(dependencies_, incident, deadline);
  if (!head.ok()) {
    co_return head.status();
  }
  StoredDecision stored = std::move(head->first);
  const std::uint32_t wanted = revision.value_or(LatestRevision(stored));
  if (!HasDecided(stored, wanted)) {
    co_return DecisionNotFound(incident);
  }
  if (stored.decision.incident.revision != wanted) {
    std::vector<ports::Key> keys = {
        dependencies_.keys.Decision(head->key.partition, HashOf(incident, wanted))};
    auto later = co_await ReadDecisions(dependencies_, std::move(keys), deadline);
    if (!later.ok()) {
      co_return later.status();
    }
    if (later->empty()) {
      co_return Status(Code::kDataLoss, "DECISION_MISSING", "a decided revision is not stored");
    }
    stored = std::move(later->front());
  }
  co_return co_await ReadDecided(dependencies_, head->key.partition, std::move(stored), deadline);
}

Task<Result<DecisionPage>> Incidents::List(CustomerId customer, std::uint32_t page_size,
                                           std::string page_token, Deadline deadline) {
  const std::uint32_t limit =
      page_size == 0 ? kDecisionPageDefault : std::min(page_size, kDecisionPageMax);
  PageToken token = PageToken::First();
  if (!page_token.empty()) {
    const auto parsed = ParsePageToken(dependencies_.codec, customer, page_token);
    if (!parsed) {
      co_return Status(Code::kInvalidArgument, "INVALID_PAGE_TOKEN",
                       "page_token is not one that this customer's list gave");
    }
    token = *parsed;
  }
  const ports::Key index = dependencies_.keys.DecisionIndex(customer);
  auto entries = co_await ReadDecisionEntries(dependencies_, index, token, limit, deadline);
  if (!entries.ok()) {
    co_return entries.status();
  }
  DecisionPage page;
  if (entries->size() > limit) {
    entries->resize(limit);
    page.next_page_token = FormatPageToken(dependencies_.codec, customer,
                                           {entries->back().score, entries->back().member});
  }
  auto decisions = co_await ReadPage(dependencies_, index.partition, *std::move(entries), deadline);
  if (!decisions.ok()) {
    co_return decisions.status();
  }
  page.decisions = *std::move(decisions);
  co_return page;
}

}  // namespace kulanz::app
