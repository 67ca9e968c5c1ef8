// What a case must come to, read from its `expect`. Thread-safe.
#pragma once

#include "service/kulanz/test/test_file.h"

namespace kulanz::command {

// {outcome, amount, policy, reason, message, severity, valid_until, vars, shadow}; reports every mistake.
Expectation ReadExpectation(const policy::FileContext& context, const policy::Node& node,
                            const policy::PolicySet& policies);

}  // namespace kulanz::command
