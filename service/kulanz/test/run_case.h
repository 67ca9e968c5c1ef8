// RunCase: one case through the server's own decision, and how it differs from what was expected.
//
// Thread-safe; pure.
#pragma once

#include <string>
#include <vector>

#include "service/engine/decide.h"
#include "service/kulanz/explain/story.h"
#include "service/kulanz/test/test_file.h"

namespace kulanz::command {

// What is expected and what came out, of one thing.
struct Compared {
  std::string what;  // "amount"
  std::string expected;
  std::string actual;
  bool same = false;
};

// The answer to a case's facts, with how each policy that was asked came to what it said.
struct Answered {
  engine::Verdict verdict;
  engine::Explanation explanation;
  std::vector<PolicyStory> stories;  // of the policies in `explanation`, in its order
};

Answered Answer(const policy::PolicySet& policies, const CaseFacts& facts);

struct CaseResult {
  Answered answered;
  std::vector<Compared> compared;  // everything that was expected
  bool passed() const;
};

CaseResult RunCase(const policy::PolicySet& policies, const TestCase& test);

}  // namespace kulanz::command
