// How a decision is told: for a person in a terminal, or for a program. Pure functions.
#pragma once

#include <string>

#include "service/kulanz/explain/story.h"
#include "service/kulanz/terminal/json_writer.h"
#include "service/kulanz/terminal/style.h"
#include "service/kulanz/test/run_case.h"

namespace kulanz::command {

// "granted 8.00 EUR by late-delivery", with what is to be known of the voucher and the letter.
std::string RenderDecision(const engine::Verdict& verdict, const Style& style);

// The policy that was asked as number `index`: each expression that was evaluated, what it and its parts came
// to, and where it ended.
std::string RenderPolicy(const Answered& answered, std::size_t index, const Style& style);

// The members "decision" and "policies" of an object that is open.
void WriteAnswer(const Answered& answered, JsonWriter& json);

}  // namespace kulanz::command
