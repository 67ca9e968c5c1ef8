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
    app.footer(
        "A first afternoon:\n"
        "  kulanz new ruleset my-rules      a small set of policies, with a test\n"
        "  kulanz check my-rules            is it right?\n"
        "  kulanz test my-rules             does it do what it should?\n"
        "  kulanz explain my-rules --case my-rules/tests/late_delivery_test.yaml:'one day late'\n\n"
        "`kulanz VERB --help` tells more of each.");
    for (const kulanz::command::Verb& verb : kulanz::command::kVerbs) {
      verb.add(app, exit_code);
      app.get_subcommands(nullptr).back()->group(verb.group);
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
