// Vouchers::List: a customer's vouchers by the times of their incidents, page by page.
#include <algorithm>
#include <string>
#include <utility>

#include "service/app/decided_incident.h"
#include "service/app/decision_index.h"
#include "service/app/keys.h"
#include "service/app/page_token.h"
#include "service/app/store_time.h"
#include "service/app/vouchers.h"

namespace kulanz::app {
namespace {

// Decisions that gave no voucher, or one in another state, are passed over; after so many reads of a page's
// size the caller is asked to come again.
constexpr int kReadsMax = 4;

// Names the list that a token belongs to: the same customer's with other states has other pages.
std::string ListName(const std::set<VoucherView>& states) {
  std::string name = "vouchers";
  for (const VoucherView state : states) {
    name += ' ';
    name += std::to_string(static_cast<int>(state));
  }
  return name;
}

// The voucher of each entry; nothing where its decision gave none.
Task<Result<std::vector<std::optional<Voucher>>>> ReadVouchers(
    const Dependencies& dependencies, ports::PartitionId partition,
    std::vector<ports::IndexEntry> entries, Deadline deadline) {
  std::vector<ports::Key> decision_keys;
  for (const ports::IndexEntry& entry : entries) {
    decision_keys.push_back(dependencies.keys.Decision(
        partition, KeyHashFrom(entry.member).value_or(ports::KeyHash{})));
  }
  const auto records = co_await ReadMany(dependencies.store, decision_keys, deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  std::vector<std::optional<StoredDecision>> granted(entries.size());
  std::vector<ports::Key> voucher_keys;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!(*records)[i].exists()) {
      continue;
    }
    auto decision = dependencies.codec.DecodeDecision(decision_keys[i], (*records)[i].value);
    if (!decision.ok()) {
      co_return decision.status();
    }
    if (decision->voucher_key) {
      voucher_keys.push_back(dependencies.keys.Voucher(partition, *decision->voucher_key));
      granted[i] = *std::move(decision);
    }
  }
  const auto stored = co_await ReadMany(dependencies.store, voucher_keys, deadline);
  if (!stored.ok()) {
    co_return stored.status();
  }
  std::vector<std::optional<Voucher>> vouchers(entries.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!granted[i]) {
      continue;
    }
    const std::size_t at = next++;
    if (!(*stored)[at].exists()) {
      co_return Status(Code::kDataLoss, "VOUCHER_MISSING", "the decision's voucher is not stored");
    }
    const auto voucher = dependencies.codec.DecodeVoucher(voucher_keys[at], (*stored)[at].value);
    if (!voucher.ok()) {
      co_return voucher.status();
    }
    vouchers[i] = Join(*voucher, granted[i]->decision, voucher_keys[at]);
  }
  co_return vouchers;
}

bool IsWanted(const Voucher& voucher, const std::set<VoucherView>& states, Instant now) {
  return states.empty() || states.contains(ViewOf(Settled(voucher.terms, voucher.life, now)));
}

}  // namespace

Task<Result<VoucherPage>> Vouchers::List(CustomerId customer, std::set<VoucherView> states,
                                         std::uint32_t page_size, std::string page_token,
                                         Deadline deadline) {
  const std::uint32_t limit =
      page_size == 0 ? kVoucherPageDefault : std::min(page_size, kVoucherPageMax);
  const std::string list = ListName(states);
  PageToken token = PageToken::First();
  if (!page_token.empty()) {
    const auto parsed = ParsePageToken(dependencies_.codec, customer, page_token, list);
    if (!parsed) {
      co_return Status(Code::kInvalidArgument, "INVALID_PAGE_TOKEN",
                       "page_token is not one that this list gave");
    }
    token = *parsed;
  }
  const auto now = StoreTime(dependencies_.store);
  if (!now.ok()) {
    co_return now.status();
  }
  const ports::Key index = dependencies_.keys.DecisionIndex(customer);
  VoucherPage page;
  for (int read = 0; read < kReadsMax; ++read) {
    auto entries = co_await ReadDecisionEntries(dependencies_, index, token, limit, deadline);
    if (!entries.ok()) {
      co_return entries.status();
    }
    const bool more = entries->size() > limit;
    entries->resize(std::min<std::size_t>(entries->size(), limit));
    auto vouchers = co_await ReadVouchers(dependencies_, index.partition, *entries, deadline);
    if (!vouchers.ok()) {
      co_return vouchers.status();
    }
    for (std::size_t i = 0; i < entries->size(); ++i) {
      token = {(*entries)[i].score, (*entries)[i].member};
      if ((*vouchers)[i] && IsWanted(*(*vouchers)[i], states, *now)) {
        page.vouchers.push_back(*std::move((*vouchers)[i]));
      }
      const bool last = !more && i + 1 == entries->size();
      if (page.vouchers.size() == limit && !last) {
        page.next_page_token = FormatPageToken(dependencies_.codec, customer, token, list);
        co_return page;
      }
    }
    if (!more) {
      co_return page;
    }
  }
  page.next_page_token = FormatPageToken(dependencies_.codec, customer, token, list);
  co_return page;
}

}  // namespace kulanz::app
