#include "service/kulanz/preview/sample_letter.h"

#include <array>
#include <memory>
#include <utility>

#include "service/domain/voucher.h"
#include "service/domain/voucher_code.h"
#include "service/kulanz/rules_loading.h"
#include "service/kulanz/test/run_case.h"
#include "service/policy/policy.h"

namespace kulanz::command {
namespace {

// It looks as a code will, and is none but by a chance of one in 2^65.
VoucherCode SampleCode() {
  constexpr std::array<std::uint8_t, 9> kBytes = {0x53, 0x41, 0x4d, 0x50, 0x4c,
                                                  0x45, 0x21, 0x21, 0x80};
  return VoucherCode::Make(0, kBytes);
}

adapters::Signers SignersOf(const policy::PolicySet& policies) {
  adapters::Signers signers;
  for (const auto& [key, person] : policies.people()) {
    signers[key] = {person.name, person.role, person.email, person.reply_to};
  }
  return signers;
}

// The case's customer; what it leaves open is made up.
Customer SampleCustomer(Customer customer, const std::string& locale) {
  if (customer.given_name.empty() && customer.family_name.empty()) {
    customer.given_name = "Erika";
    customer.family_name = "Mustermann";
    customer.salutation = Salutation::kMs;
  }
  if (customer.email.empty()) {
    customer.email = "erika.mustermann@example.com";
  }
  if (!locale.empty()) {
    customer.locale = locale;
  }
  customer.contact_consent = true;
  return customer;
}

ports::Delivery SampleDelivery(const policy::PolicySet& policies, const LetterCase& letter,
                               const std::string& locale) {
  const Decision& decision = letter.decision;
  const policy::Policy* const policy = policies.FindPolicy(decision.policy.text());
  ports::Delivery delivery;
  delivery.id = "preview";
  delivery.customer = SampleCustomer(letter.facts.customer, locale);
  delivery.incident = letter.facts.incident;
  delivery.incident.id = IncidentId("I-preview");
  delivery.terms = *decision.delivery;
  delivery.zone = policy->zone_name;
  delivery.written_at = letter.facts.now;
  if (decision.voucher) {
    Voucher voucher{.incident = delivery.incident.id,
                    .customer = delivery.customer.id,
                    .policy = decision.policy,
                    .terms = *decision.voucher,
                    .issued_at = letter.facts.now,
                    .remaining = decision.voucher->amount,
                    .secret_id = {},
                    .redemptions = {},
                    .delivery_terms = delivery.terms,
                    .delivery = {}};
    delivery.voucher = ports::EnclosedVoucher{std::move(voucher), SampleCode()};
  }
  return delivery;
}

}  // namespace

std::optional<LetterCase> AnswerWithLetter(const policy::PolicySet& policies, std::string file,
                                           TestCase test) {
  Answered answered = Answer(policies, test.facts);
  if (!answered.verdict.decision.delivery) {
    return std::nullopt;
  }
  return LetterCase{std::move(file), std::move(test.name), std::move(test.facts),
                    std::move(answered.verdict.decision)};
}

namespace {

// At once, or later.
bool Sends(const DeliveryTerms& terms, std::string_view message) {
  return terms.message == message || (terms.reminder && terms.reminder->message == message) ||
         (terms.feedback && terms.feedback->message == message);
}

}  // namespace

std::optional<LetterCase> FindLetterCase(const policy::PolicySet& policies,
                                         const std::vector<std::string>& files,
                                         std::string_view message) {
  for (const std::string& name : files) {
    const std::optional<policy::SourceFile> file = ReadSource(name);
    policy::Diagnostics diagnostics;
    std::optional<TestSuite> suite = file ? ReadTests(*file, policies, diagnostics) : std::nullopt;
    if (!suite) {
      continue;
    }
    for (TestCase& test : suite->cases) {
      auto letter = AnswerWithLetter(policies, name, std::move(test));
      if (letter && Sends(*letter->decision.delivery, message)) {
        letter->decision.delivery->message = message;
        return letter;
      }
    }
  }
  return std::nullopt;
}

Result<adapters::Letter> WriteSample(const policy::PolicySet& policies, const LetterCase& letter,
                                     std::shared_ptr<const adapters::MessageSet> messages,
                                     const LetterOptions& options) {
  const adapters::LetterComposer composer(
      {std::move(messages), SignersOf(policies), options.company});
  const std::string locale = options.locale.empty() && letter.facts.customer.locale.empty()
                                 ? options.default_locale
                                 : options.locale;
  return composer.Compose(SampleDelivery(policies, letter, locale));
}

}  // namespace kulanz::command
