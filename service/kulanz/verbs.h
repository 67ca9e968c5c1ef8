// The verbs of the command `kulanz`. To add one: a file with its Add function, its declaration and its
// place in kVerbs here, and the file's name in CMakeLists.txt.
#pragma once

#include <CLI/CLI.hpp>
#include <array>

namespace kulanz::command {

// What every verb's program ends with.
inline constexpr int kExitClean = 0;
inline constexpr int kExitProblems = 1;  // what was asked for was done, and found problems
inline constexpr int kExitUsage = 2;     // the command line or a named file could not be understood
inline constexpr int kExitLint = 3;      // nothing is wrong, something is doubtful

// Adds one subcommand to `app`; when it is chosen its callback does the work and sets `exit_code`.
using AddVerb = void (*)(CLI::App& app, int& exit_code);

void AddCheck(CLI::App& app, int& exit_code);
// Talk to a server; only where KULANZ_SERVER is built.
void AddHealth(CLI::App& app, int& exit_code);
void AddImportCustomers(CLI::App& app, int& exit_code);
void AddReplay(CLI::App& app, int& exit_code);
void AddSummary(CLI::App& app, int& exit_code);

inline constexpr std::array kVerbs = {
    &AddCheck,
#ifdef KULANZ_SERVER
    &AddHealth, &AddImportCustomers, &AddReplay, &AddSummary,
#endif
};

}  // namespace kulanz::command
