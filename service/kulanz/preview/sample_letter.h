// SampleLetter: a letter as a customer would get it, written by the server's own composer from a case of the tests.
//
// The customer is made up where the case says nothing of her; the voucher code is a sample that no server
// accepts. Thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "service/adapters/mail/letter_composer.h"
#include "service/kulanz/test/test_file.h"
#include "service/policy/policy_set.h"

namespace kulanz::command {

// A case that a policy answers with a letter.
struct LetterCase {
  std::string file;  // of the tests, as the user would name it
  std::string name;
  CaseFacts facts;
  Decision decision;
};

// The case, or nothing when its decision sends no letter.
std::optional<LetterCase> AnswerWithLetter(const policy::PolicySet& policies, std::string file,
                                           TestCase test);

// The first case in `files` whose letter is the message. A file that cannot be read has no cases here:
// `kulanz test` says what is wrong with it.
std::optional<LetterCase> FindLetterCase(const policy::PolicySet& policies,
                                         const std::vector<std::string>& files,
                                         std::string_view message);

struct LetterOptions {
  std::string locale;          // the customer's; empty: her own, if the case says it
  std::string default_locale;  // of letters in languages that the message does not have
  adapters::Company company;
};

// Fails as LetterComposer::Compose does.
Result<adapters::Letter> WriteSample(const policy::PolicySet& policies, const LetterCase& letter,
                                     std::shared_ptr<const adapters::MessageSet> messages,
                                     const LetterOptions& options);

}  // namespace kulanz::command
