// The reading use-cases of Incidents: one decision by incident, a customer's decisions page by page.

#include <algorithm>
#include <utility>

#include "service/app/case_file.h"
#include "service/app/incidents.h"
#include "service/app/keys.h"
#include "service/app/page_token.h"
#include "service/app/voucher_secrets.h"
#include "service/base/check.h"

namespace kulanz::app {
namespace {

Status DecisionNotFound(const IncidentId& incident) {
  return Status(Code::kNotFound, "DECISION_NOT_FOUND",
                "no decision is recorded for incident '" + incident.text() + "'")
      .WithMetadata("incidentId", incident.text());
}

// The decision behind a claim.
Task<Result<StoredDecision>> ReadDecision(const Dependencies& dependencies, ports::Key key,
                                          IncidentId incident, Deadline deadline) {
  std::vector<ports::Key> wanted = {key};
  const auto records = co_await dependencies.store.Read(std::move(wanted), deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  if (!records->front().exists()) {
    co_return DecisionNotFound(incident);
  }
  co_return dependencies.codec.DecodeDecision(key, records->front().value);
}

// The entries after `token`, at most `limit` and one more that tells whether there is a next page.
Task<Result<std::vector<ports::IndexEntry>>> ReadEntries(const Dependencies& dependencies,
                                                         ports::Key index, PageToken token,
                                                         std::uint32_t limit, Deadline deadline) {
  // Entries of the token's own score come again and are skipped; the range grows until it is past them.
  for (std::uint32_t range = limit + 1;; range = std::min(range * 4, ports::kIndexRangeMax)) {
    const ports::IndexRange wanted{index, -ports::kStoredIntegerMax, token.score, range, true};
    auto entries = co_await dependencies.store.ReadIndex(wanted, deadline);
    if (!entries.ok()) {
      co_return entries.status();
    }
    const bool all = entries->size() < range;
    std::erase_if(*entries, [&token](const ports::IndexEntry& entry) {
      return entry.score == token.score && entry.member >= token.member;
    });
    if (entries->size() > limit || all || range == ports::kIndexRangeMax) {
      if (entries->size() > limit + 1) {
        entries->resize(limit + 1);
      }
      co_return std::move(*entries);
    }
  }
}

// A recorded decision with its voucher as it is now.
Task<Result<DecidedIncident>> WithVoucher(const Dependencies& dependencies, StoredDecision stored,
                                          Deadline deadline) {
  DecidedIncident decided;
  if (stored.voucher_key) {
    auto issued = co_await ReadVoucherOf(dependencies, stored, deadline);
    if (!issued.ok()) {
      co_return issued.status();
    }
    decided.code = issued->code;
    decided.voucher = std::move(issued->voucher);
  }
  decided.decision = std::move(stored.decision);
  co_return decided;
}

// Reads the decisions named by `entries` (one partition), then their vouchers.
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
  std::vector<DecidedIncident> page;
  if (keys.empty()) {
    co_return page;
  }
  const auto records = co_await dependencies.store.Read(keys, deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!(*records)[i].exists()) {
      continue;
    }
    auto stored = dependencies.codec.DecodeDecision(keys[i], (*records)[i].value);
    if (!stored.ok()) {
      co_return stored.status();
    }
    auto decided = co_await WithVoucher(dependencies, *std::move(stored), deadline);
    if (!decided.ok()) {
      co_return decided.status();
    }
    page.push_back(*std::move(decided));
  }
  co_return page;
}

}  // namespace

Task<Result<DecidedIncident>> Incidents::Get(IncidentId incident, Deadline deadline) {
  const ports::Key claim_key = dependencies_.keys.Claim(incident);
  std::vector<ports::Key> wanted = {claim_key};
  const auto records = co_await dependencies_.store.Read(std::move(wanted), deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  if (!records->front().exists()) {
    co_return DecisionNotFound(incident);
  }
  const auto claim = dependencies_.codec.DecodeClaim(claim_key, records->front().value);
  if (!claim.ok()) {
    co_return claim.status();
  }
  const ports::Key key =
      dependencies_.keys.Decision(dependencies_.keys.PartitionOf(claim->customer), incident);
  auto stored = co_await ReadDecision(dependencies_, key, incident, deadline);
  if (!stored.ok()) {
    co_return stored.status();
  }
  co_return co_await WithVoucher(dependencies_, *std::move(stored), deadline);
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
  auto entries = co_await ReadEntries(dependencies_, index, token, limit, deadline);
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
