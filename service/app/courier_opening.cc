#include "service/app/courier_opening.h"

#include <optional>
#include <utility>
#include <vector>

#include "service/app/keys.h"
#include "service/app/voucher_secrets.h"
#include "service/base/crypto.h"
#include "service/ports/log.h"
#include "service/ports/scheduler.h"

namespace kulanz::app {
namespace {

Task<Result<ports::Record>> ReadOne(const LetterTools& tools, ports::Key key) {
  std::vector<ports::Key> keys{key};
  auto records = co_await tools.dependencies.store.Read(std::move(keys), CallDeadline(tools));
  if (!records.ok()) {
    co_return records.status();
  }
  co_return std::move(records->front());
}

void LogProblem(const LetterTools& tools, std::string_view reason, const std::string& incident) {
  tools.dependencies.log.Error("letter_postponed", "a letter cannot be sent until somebody acts",
                               {{"reason", std::string(reason)}, {"incident", incident}});
}

// Everything that the voucher alone can say against sending.
std::optional<NoLetter> Objection(const LetterTools& tools, const StoredVoucher& voucher,
                                  std::uint64_t version) {
  if (voucher.delivery.state != DeliveryState::kPending) {
    return NoLetter{NoLetter::Kind::kRemove, "", voucher, version};
  }
  if (voucher.state == VoucherState::kRevoked) {
    return NoLetter{NoLetter::Kind::kRemove, "VOUCHER_REVOKED", voucher, version};
  }
  if (voucher.delivery.attempts >= tools.settings.attempts_max) {
    const std::string& last = voucher.delivery.last_error;
    return NoLetter{NoLetter::Kind::kDead, last.empty() ? "ATTEMPTS_EXHAUSTED" : last, voucher,
                    version};
  }
  return std::nullopt;
}

Opened FromRecords(const LetterTools& tools, const DueLetter& due, StoredVoucher voucher,
                   std::uint64_t version, Decision decision, std::optional<Customer> customer) {
  const Dependencies& dependencies = tools.dependencies;
  const auto dead = [&](std::string_view reason) {
    return NoLetter{NoLetter::Kind::kDead, std::string(reason), voucher, version};
  };
  if (!customer) {
    return dead("NO_ADDRESS");
  }
  if (!customer->contact_consent) {
    return dead("NO_CONSENT");
  }
  Voucher joined = Join(voucher, decision);
  if (joined.ExpiredAt(StoreNow(tools, decision.decided_at))) {
    return dead("VOUCHER_EXPIRED");
  }
  auto code =
      dependencies.secrets.DeriveWith(voucher.secret_id, decision.incident.id, due.partition);
  if (!code.ok()) {
    LogProblem(tools, code.status().reason(), decision.incident.id.text());
    return NoLetter{NoLetter::Kind::kPostpone, std::string(code.status().reason()), {}, 0};
  }
  const ports::KeyHash id = HashOf("delivery", decision.incident.id.text());
  DeliveryTerms terms = joined.delivery_terms;
  std::string zone = joined.terms.zone;
  ports::Delivery delivery{
      ToHex(app::MemberOf(id)), *std::move(customer),
      decision.incident,        std::move(terms),
      std::move(zone),          ports::EnclosedVoucher{std::move(joined), *std::move(code)},
      decision.decided_at};
  return OpenLetter{std::move(voucher), version, std::move(delivery)};
}

Opened Unreadable(const LetterTools& tools, const Status& status, const StoredVoucher& voucher) {
  if (status.code() != Code::kDataLoss && status.code() != Code::kNotFound) {
    return NoLetter{};
  }
  LogProblem(tools, status.reason(), ToHex(app::MemberOf(voucher.incident)));
  return NoLetter{NoLetter::Kind::kPostpone, std::string(status.reason()), {}, 0};
}

}  // namespace

ports::Key VoucherKey(const LetterTools& tools, const DueLetter& due) {
  return tools.dependencies.keys.Voucher(due.partition, due.voucher);
}

Deadline CallDeadline(const LetterTools& tools) {
  return tools.dependencies.scheduler.Now() + tools.settings.store_timeout;
}

Instant StoreNow(const LetterTools& tools, Instant otherwise) {
  return tools.dependencies.store.Now().value_or(otherwise);
}

Task<Opened> OpenDueLetter(LetterTools tools, DueLetter due) {
  const Dependencies& dependencies = tools.dependencies;
  const ports::Key voucher_key = VoucherKey(tools, due);
  StoredVoucher none;
  auto voucher_record = co_await ReadOne(tools, voucher_key);
  if (!voucher_record.ok()) {
    co_return Unreadable(tools, voucher_record.status(), none);
  }
  if (!voucher_record->exists()) {
    co_return NoLetter{NoLetter::Kind::kRemove, "VOUCHER_MISSING", {}, 0};
  }
  auto voucher = dependencies.codec.DecodeVoucher(voucher_key, voucher_record->value);
  if (!voucher.ok()) {
    co_return Unreadable(tools, voucher.status(), none);
  }
  const std::uint64_t version = voucher_record->version;
  if (auto objection = Objection(tools, *voucher, version)) {
    co_return *std::move(objection);
  }
  const ports::Key decision_key = dependencies.keys.Decision(due.partition, voucher->incident);
  auto decision_record = co_await ReadOne(tools, decision_key);
  if (!decision_record.ok()) {
    co_return Unreadable(tools, decision_record.status(), *voucher);
  }
  auto decision = dependencies.codec.DecodeDecision(decision_key, decision_record->value);
  if (!decision.ok() || !decision->decision.voucher) {
    const Status status =
        decision.ok() ? Status(Code::kDataLoss, "RECORD_CORRUPT", "no grant") : decision.status();
    co_return Unreadable(tools, status, *voucher);
  }
  const ports::Key profile_key = dependencies.keys.Profile(decision->decision.incident.customer);
  auto profile = co_await ReadOne(tools, profile_key);
  if (!profile.ok()) {
    co_return Unreadable(tools, profile.status(), *voucher);
  }
  std::optional<Customer> customer;
  if (profile->exists()) {
    auto decoded = dependencies.codec.DecodeCustomer(profile_key, profile->value);
    if (!decoded.ok()) {
      co_return Unreadable(tools, decoded.status(), *voucher);
    }
    customer = *std::move(decoded);
  }
  co_return FromRecords(tools, due, *std::move(voucher), version, std::move(decision->decision),
                        std::move(customer));
}

}  // namespace kulanz::app
