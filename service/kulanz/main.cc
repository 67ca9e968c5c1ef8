// kulanz: the command for authors of policies and operators. Each verb has its own file.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "service/kulanz/verbs.h"

int main(int argc, char** argv) {
  int exit_code = kulanz::command::kExitClean;
  try {
    CLI::App app("Kulanz: makes good before the customer has to ask.", "kulanz");
    app.set_version_flag("--version", KULANZ_VERSION);
    app.require_subcommand(1);
    for (const kulanz::command::AddVerb add : kulanz::command::kVerbs) {
      add(app, exit_code);
    }
    try {
      app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      // Help and version end well; everything else is a mistake in the command line.
      return app.exit(error) == 0 ? kulanz::command::kExitClean : kulanz::command::kExitUsage;
    }
  } catch (const std::exception& exception) {
    static_cast<void>(std::fprintf(stderr, "kulanz: %s\n", exception.what()));
    return kulanz::command::kExitProblems;
  }
  return exit_code;
}
