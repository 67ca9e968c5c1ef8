#include "service/app/guess_throttle.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "service/app/keys.h"
#include "service/base/crypto.h"

namespace kulanz::app {
namespace {

std::string_view OutcomeLabel(CodeOutcome outcome) {
  return outcome == CodeOutcome::kTypo ? "typo" : "wrong";
}

// Parts are told apart by a byte that no id has.
std::string JoinedPair(std::string_view a, std::string_view b) {
  std::string joined(a);
  joined += '\0';
  joined += b;
  return joined;
}

}  // namespace

GuessThrottle::GuessThrottle(const Ports& ports, GuessSettings settings)
    : ports_(ports), settings_(settings) {}

std::size_t GuessThrottle::HashOfKey::operator()(const ports::KeyHash& key) const {
  std::size_t hash = 0;
  std::memcpy(&hash, key.data(), sizeof hash);
  return hash;
}

std::vector<GuessThrottle::Charge> GuessThrottle::ChargesOf(const Attempt& attempt) const {
  std::vector<Charge> charges;
  const std::string& caller = attempt.caller.id;
  const std::string& customer = attempt.customer.text();
  if (!customer.empty()) {
    charges.push_back({attempt.trusted ? HashOf("guess-customer", customer)
                                       : HashOf("guess-pair", JoinedPair(caller, customer)),
                       settings_.customer, true, "customer"});
  }
  const ports::KeyHash key = HashOf("guess-caller", caller);
  if (attempt.trusted) {
    charges.push_back({key, settings_.trusted_caller, false, "trusted_caller"});
  } else {
    charges.push_back({key, settings_.caller, true, "caller"});
  }
  return charges;
}

GuessThrottle::Measure& GuessThrottle::Touch(const ports::KeyHash& key, Deadline now) {
  if (const auto found = places_.find(key); found != places_.end()) {
    measures_.splice(measures_.begin(), measures_, found->second);
  } else {
    measures_.push_front({key, now, false});
    places_[key] = measures_.begin();
    if (measures_.size() > settings_.entries_max) {
      places_.erase(measures_.back().key);
      measures_.pop_back();
    }
  }
  Measure& measure = measures_.front();
  if (measure.empty_at <= now) {
    measure.empty_at = now;
    measure.told = false;
  }
  return measure;
}

std::optional<Duration> GuessThrottle::Wait(const Charge& charge, Deadline now) {
  const auto found = places_.find(charge.key);
  if (found == places_.end()) {
    return std::nullopt;
  }
  const Deadline after = std::max(found->second->empty_at, now) + charge.limit.recovery;
  const Deadline full = now + charge.limit.recovery * charge.limit.wrong_max;
  if (after <= full) {
    return std::nullopt;
  }
  return std::chrono::ceil<Duration>(after - full);
}

Status GuessThrottle::Begin(const Attempt& attempt) {
  const std::vector<Charge> charges = ChargesOf(attempt);
  const Deadline now = ports_.scheduler.Now();
  std::optional<Duration> wait;
  {
    const std::lock_guard lock(mutex_);
    for (const Charge& charge : charges) {
      const std::optional<Duration> one = charge.refuses ? Wait(charge, now) : std::nullopt;
      wait = one ? std::max(one, wait) : wait;
    }
    if (!wait) {
      for (const Charge& charge : charges) {
        Touch(charge.key, now).empty_at += charge.limit.recovery;
      }
    }
  }
  if (!wait) {
    return Status::Ok();
  }
  ports_.telemetry.VoucherGuessed("throttled", attempt.trusted);
  return Status(Code::kResourceExhausted, "TOO_MANY_WRONG_CODES",
                "too many wrong voucher codes; try again later")
      .WithRetryAfter(*wait);
}

void GuessThrottle::End(const Attempt& attempt, CodeOutcome outcome) {
  const Deadline now = ports_.scheduler.Now();
  std::vector<Charge> to_tell;
  {
    const std::lock_guard lock(mutex_);
    for (const Charge& charge : ChargesOf(attempt)) {
      Measure& measure = Touch(charge.key, now);
      const Duration all = charge.limit.recovery;
      const Duration back = outcome == CodeOutcome::kRight  ? all
                            : outcome == CodeOutcome::kTypo ? all - all / kTyposPerWrongCode
                                                            : Duration{0};
      measure.empty_at = std::max(now, measure.empty_at - back);
      const bool full = measure.empty_at + all > now + all * charge.limit.wrong_max;
      if (full && outcome != CodeOutcome::kRight && !std::exchange(measure.told, true)) {
        to_tell.push_back(charge);
      }
    }
  }
  if (outcome != CodeOutcome::kRight) {
    ports_.telemetry.VoucherGuessed(OutcomeLabel(outcome), attempt.trusted);
  }
  for (const Charge& charge : to_tell) {
    Tell(charge);
  }
}

// The caller's address may be a person's, so only its hash is told: enough to see whether two are one.
void GuessThrottle::Tell(const Charge& charge) const {
  ports_.log.Warning("voucher_guessing",
                     "so many wrong voucher codes that somebody may be guessing",
                     {{"scope", std::string(charge.scope)},
                      {"refused", charge.refuses ? "true" : "false"},
                      {"who", ToHex(MemberOf(charge.key)).substr(0, 12)}});
}

std::size_t GuessThrottle::entries() const {
  const std::lock_guard lock(mutex_);
  return measures_.size();
}

}  // namespace kulanz::app
