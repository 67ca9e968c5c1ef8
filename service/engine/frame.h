// Frame: one incident as the input of expressions, filled once for all policies of its type.
//
// Thread-safety: none; lives while one decision is made, and so do the values in it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/cel/arena.h"
#include "service/cel/value.h"
#include "service/engine/decide.h"
#include "service/policy/guard_index.h"
#include "service/policy/incident_type.h"
#include "service/policy/policy_set.h"

namespace kulanz::engine {

// Memory that decisions of one thread use again and again.
struct Scratch {
  std::vector<cel::Value> frame;
  cel::Arena inputs;  // what the frame points at
  cel::Arena arena;   // what one policy's expressions make; each begins with all of it
  cel::Arena notes;   // what an explanation is put together in, so that it takes nothing of `arena`
  // Of an explanation: what the last expression came to, for people; and, by slot, the inputs that were
  // told already, as text in `input_notes`, since many policies read the same ones.
  std::string detail;
  std::vector<std::string_view> input_texts;
  cel::Arena input_notes;
  policy::PositionSet candidates;
  policy::PositionSet guarded;
};

// Fills `scratch.frame` (and empties `scratch.input_texts`) with what `facts` say. The values point into the facts and
// `scratch.inputs`.
void FillFrame(const policy::PolicySet& policies, const policy::IncidentType& type,
               const Facts& facts, Scratch& scratch);

}  // namespace kulanz::engine
