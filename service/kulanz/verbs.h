// The verbs of the command `kulanz`. To add one: a file with its Add function in the folder of its family, and
// its declaration and its place in kVerbs here.
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
void AddDiff(CLI::App& app, int& exit_code);
void AddSimulate(CLI::App& app, int& exit_code);
void AddTest(CLI::App& app, int& exit_code);
void AddExplain(CLI::App& app, int& exit_code);
void AddFmt(CLI::App& app, int& exit_code);
void AddNew(CLI::App& app, int& exit_code);
void AddPreview(CLI::App& app, int& exit_code);
void AddCompletion(CLI::App& app, int& exit_code);
// Talk to a server; only where KULANZ_SERVER is built.
void AddHealth(CLI::App& app, int& exit_code);
void AddImportCustomers(CLI::App& app, int& exit_code);
void AddBreakers(CLI::App& app, int& exit_code);
void AddEvents(CLI::App& app, int& exit_code);
void AddLetters(CLI::App& app, int& exit_code);
void AddReplay(CLI::App& app, int& exit_code);
void AddSummary(CLI::App& app, int& exit_code);
// Look at a store itself; likewise.
void AddDoctor(CLI::App& app, int& exit_code);
void AddInspect(CLI::App& app, int& exit_code);
void AddSecrets(CLI::App& app, int& exit_code);

struct Verb {
  AddVerb add;
  const char* group;  // under which the help lists it
};
inline constexpr const char* kForAuthors = "For authors of policies, without a server";
inline constexpr const char* kForOperators = "With a running server";
inline constexpr const char* kForStores = "With a store and its secrets";
inline constexpr const char* kForShells = "For shells";

inline constexpr std::array kVerbs = {
    Verb{&AddCheck, kForAuthors},      Verb{&AddTest, kForAuthors},
    Verb{&AddSimulate, kForAuthors},   Verb{&AddDiff, kForAuthors},
    Verb{&AddExplain, kForAuthors},    Verb{&AddFmt, kForAuthors},
    Verb{&AddNew, kForAuthors},        Verb{&AddPreview, kForAuthors},
#ifdef KULANZ_SERVER
    Verb{&AddHealth, kForOperators},   Verb{&AddImportCustomers, kForOperators},
    Verb{&AddEvents, kForOperators},   Verb{&AddLetters, kForOperators},
    Verb{&AddBreakers, kForOperators}, Verb{&AddReplay, kForOperators},
    Verb{&AddSummary, kForOperators},  Verb{&AddDoctor, kForStores},
    Verb{&AddInspect, kForStores},     Verb{&AddSecrets, kForStores},
#endif
    Verb{&AddCompletion, kForShells},
};

}  // namespace kulanz::command
