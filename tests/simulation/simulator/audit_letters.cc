// I6: every letter is sent at least once or stands as dead; what is repeated can be recognised, and is
// bounded; nothing is sent that was not decided.
#include <map>
#include <string>

#include "tests/simulation/simulator/auditor.h"

namespace kulanz::simulation {
namespace {

struct Sent {
  std::string id;
  std::size_t times = 0;
};
// A reissued voucher has a letter of its own.
using CaseAndCode = std::pair<CaseKey, std::string>;
using SentByCase = std::map<CaseAndCode, Sent>;

Finding CheckSent(const Evidence& evidence, SentByCase& sent) {
  std::map<std::string, CaseAndCode> by_id;
  for (const PostOffice::Item& item : evidence.office.items) {
    const ports::Delivery& letter = item.delivery;
    const CaseKey key{NumberIn(letter.incident.id.text()), letter.incident.revision};
    const SeenDecision* known = evidence.FinalOf(key);
    if (known == nullptr) {
      if (key.first < 1'000) {  // else a probe's
        return Broken("I6", letter.incident.id.text(), "a letter was sent without a decision");
      }
      continue;
    }
    const std::string code = letter.voucher ? letter.voucher->code.Reveal("") : "";
    if (!evidence.AreOne(known->code, code) ||
        letter.customer.id != known->decision.incident.customer) {
      return Broken("I6", letter.incident.id.text(), "a letter says other than the decision");
    }
    if (!by_id.emplace(letter.id, CaseAndCode(key, code)).second &&
        by_id[letter.id] != CaseAndCode(key, code)) {
      return Broken("I6", letter.incident.id.text(), "two letters cannot be told apart");
    }
    Sent& its = sent[{key, code}];
    if (!its.id.empty() && its.id != letter.id) {
      return Broken("I6", letter.incident.id.text(), "a repeated letter cannot be recognised");
    }
    its.id = letter.id;
    its.times += item.report.result == ports::DeliveryResult::kAccepted ? 1U : 0U;
  }
  return std::nullopt;
}

bool MayBeDead(const Evidence& evidence, const SeenDecision& seen) {
  const std::string& error = seen.delivery->last_error;
  if (error == "NO_ADDRESS") {
    return !evidence.journal.erasures.empty();
  }
  if (error == "NO_CONSENT") {
    const std::size_t customer = NumberIn(seen.decision.incident.customer.text());
    return !evidence.plan.customers.at(customer).consents;
  }
  if (error == "VOUCHER_EXPIRED") {
    return !evidence.journal.clock_jumps.empty();
  }
  return !error.empty() && !evidence.plan.calm;
}

bool IsRevoked(const Evidence& evidence, const std::string& code) {
  const Chain* chain = evidence.ChainOf(code);
  return chain != nullptr && chain->WasAsked(Change::kRevoke);
}

Finding CheckProgress(const Evidence& evidence, const SeenDecision& seen, const std::string& name,
                      std::size_t times) {
  const std::string subject = seen.decision.incident.id.text();
  switch (seen.delivery->state) {
    case DeliveryState::kPending:
      return Broken("I6", subject, "the letter of " + name + " is neither sent nor dead");
    case DeliveryState::kSent:
      if (times == 0) {
        return Broken("I6", subject, "the letter of " + name + " counts as sent; nobody got it");
      }
      break;
    case DeliveryState::kDead:
      if (!MayBeDead(evidence, seen)) {
        return Broken("I6", subject,
                      "the letter of " + name + " is dead without a reason: '" +
                          seen.delivery->last_error + "'");
      }
      break;
    case DeliveryState::kCancelled:
      if (!seen.withdrawn && !IsRevoked(evidence, seen.code)) {
        return Broken("I6", subject, "the letter of " + name + " was cancelled by nobody");
      }
      break;
  }
  const std::size_t times_max = evidence.plan.calm ? 1 : evidence.settings.courier.attempts_max;
  if (times > times_max) {
    return Broken("I6", subject,
                  "the letter of " + name + " was sent " + std::to_string(times) + " times");
  }
  return std::nullopt;
}

}  // namespace

Finding AuditLetters(const Evidence& evidence) {
  SentByCase sent;
  if (Finding finding = CheckSent(evidence, sent)) {
    return finding;
  }
  for (const auto& [key, seen] : evidence.journal.decisions) {
    if (!seen || !seen->decision.delivery) {
      continue;
    }
    const std::string name = IncidentName(key.first) + "/" + std::to_string(key.second);
    if (!seen->delivery) {
      return Broken("I6", IncidentName(key.first), "the letter of " + name + " is unknown");
    }
    if (Finding finding = CheckProgress(evidence, *seen, name, sent[{key, seen->code}].times)) {
      return finding;
    }
  }
  return std::nullopt;
}

}  // namespace kulanz::simulation
