// Epilogue: when nothing goes wrong any more and everybody has had time, asks through the API what has
// become of everything, and repeats what was asked before.
#pragma once

#include <functional>

#include "service/base/task.h"
#include "tests/simulation/simulator/clients.h"
#include "tests/simulation/simulator/journal.h"
#include "tests/simulation/simulator/plan.h"

namespace kulanz::simulation {

// Runs tasks of clients to their end, side by side; false when one never ends.
using RunAll = std::function<bool(std::vector<Task<void>>)>;

// False when some answer never came (Journal::unanswered says which).
bool AskForEverything(Clients& clients, Journal& journal, const Plan& plan, const RunAll& run);

// Whether letters are still on their way, by the answers of AskForEverything.
bool LettersArePending(const Journal& journal);

}  // namespace kulanz::simulation
