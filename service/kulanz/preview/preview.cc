// kulanz preview: a letter as its reader will see it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "service/cel/suggestion.h"
#include "service/kulanz/preview/sample_letter.h"
#include "service/kulanz/rule_sets.h"
#include "service/kulanz/rules_loading.h"
#include "service/kulanz/simulate/output_file.h"
#include "service/kulanz/verbs.h"

namespace kulanz::command {
namespace {

namespace fs = std::filesystem;

struct PreviewOptions {
  std::string message;
  std::string rules = "rules";
  std::string one_case;
  std::string folder = "preview";
  bool open = false;
  LetterOptions letter{.locale = {}, .default_locale = "en", .company = {}};
};

int Refuse(const std::string& why) {
  static_cast<void>(std::fprintf(stderr, "kulanz preview: %s\n", why.c_str()));
  return kExitUsage;
}

std::shared_ptr<const adapters::MessageSet> LoadMessages(const std::string& rules,
                                                         const std::string& default_locale) {
  adapters::TemplateProblems problems;
  auto messages =
      adapters::MessageSet::Load((fs::path(rules) / "messages").string(), default_locale, problems);
  for (const adapters::TemplateProblem& problem : problems) {
    static_cast<void>(std::fprintf(stderr, "%s:%d: %s\n", problem.file.c_str(), problem.line,
                                   problem.message.c_str()));
  }
  return messages;
}

std::string UnknownMessage(const std::string& name, const std::vector<std::string>& known) {
  const std::vector<std::string_view> views(known.begin(), known.end());
  const std::string_view near = cel::Suggest(name, views);
  std::string text = "there is no message '" + name + "'";
  if (!near.empty()) {
    return text + "; did you mean '" + std::string(near) + "'?";
  }
  text += "; there are:";
  for (const std::string& each : known) {
    text += " " + each;
  }
  return text;
}

// "FILE:NAME" as `kulanz explain --case` takes it.
std::optional<LetterCase> NamedCase(const std::string& which, const policy::PolicySet& policies) {
  const std::size_t end = which.find(".yaml:");
  if (end == std::string::npos) {
    Refuse("--case takes FILE_test.yaml:NAME, not '" + which + "'");
    return std::nullopt;
  }
  const std::size_t colon = end + std::string_view(".yaml").size();
  const std::optional<policy::SourceFile> file = ReadSource(which.substr(0, colon));
  if (!file) {
    return std::nullopt;
  }
  policy::Diagnostics diagnostics;
  std::optional<TestCase> test = FindCase(*file, which.substr(colon + 1), policies, diagnostics);
  PrintDiagnostics(diagnostics, "");
  if (!test) {
    return std::nullopt;
  }
  auto letter = AnswerWithLetter(policies, which.substr(0, colon), *std::move(test));
  if (!letter) {
    Refuse("the decision on that case sends no letter; kulanz explain --case says why");
  }
  return letter;
}

// The case that the letter answers, with the message that was asked for; why there is none is told.
std::optional<LetterCase> ChooseCase(const PreviewOptions& options,
                                     const policy::PolicySet& policies) {
  if (!options.one_case.empty()) {
    std::optional<LetterCase> letter = NamedCase(options.one_case, policies);
    if (letter) {
      letter->decision.delivery->message = options.message;
    }
    return letter;
  }
  std::optional<LetterCase> letter =
      FindLetterCase(policies, TestFilesOf(options.rules), options.message);
  if (!letter) {
    Refuse("no case in " + (fs::path(options.rules) / "tests").string() + " is answered with '" +
           options.message + "'; write one, or name a case to write it for with --case");
  }
  return letter;
}

// The files that hold the letter; empty after a failure, which is told.
std::vector<std::string> WriteLetterFiles(const PreviewOptions& options,
                                          const adapters::Letter& letter) {
  std::error_code error;
  fs::create_directories(options.folder, error);
  const std::string stem =
      (fs::path(options.folder) / (options.message + "." + letter.locale)).string();
  const std::vector<std::pair<std::string, const std::string*>> files = {
      {stem + ".eml", &letter.message},
      {stem + ".html", &letter.html},
      {stem + ".txt", &letter.text}};
  std::vector<std::string> written;
  for (const auto& [name, text] : files) {
    if (const Status status = WriteFile(name, *text); !status.ok()) {
      Refuse(status.message());
      return {};
    }
    written.push_back(name);
  }
  return written;
}

// With what the desktop shows pages with. False when nothing could be started.
bool Open(const std::string& page) {
  std::string quoted = "'";
  for (const char c : fs::absolute(page).string()) {
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return std::system(("xdg-open " + quoted + "' >/dev/null 2>&1").c_str()) == 0;
}

int RunPreview(const PreviewOptions& options) {
  const std::shared_ptr<const policy::PolicySet> policies = LoadRules(options.rules);
  if (policies == nullptr) {
    return kExitUsage;
  }
  const auto messages = LoadMessages(options.rules, options.letter.default_locale);
  if (messages == nullptr) {
    return kExitUsage;
  }
  if (messages->Find(options.message) == nullptr) {
    return Refuse(UnknownMessage(options.message, messages->names()));
  }
  const std::optional<LetterCase> chosen = ChooseCase(options, *policies);
  if (!chosen) {
    return kExitUsage;
  }
  const Result<adapters::Letter> letter = WriteSample(*policies, *chosen, messages, options.letter);
  if (!letter.ok()) {
    return Refuse(letter.status().message());
  }
  const std::vector<std::string> files = WriteLetterFiles(options, *letter);
  if (files.empty()) {
    return kExitUsage;
  }
  std::printf("%s: case '%s' by policy %s\n", chosen->file.c_str(), chosen->name.c_str(),
              chosen->decision.policy.text().c_str());
  if (!options.letter.locale.empty() && letter->locale != options.letter.locale) {
    std::printf("there is no '%s' of this message: the letter is in '%s'\n",
                options.letter.locale.c_str(), letter->locale.c_str());
  }
  std::printf("\nSubject: %s\n\n%s\n", letter->subject.c_str(), letter->text.c_str());
  for (const std::string& file : files) {
    std::printf("%s\n", file.c_str());
  }
  if (options.open && !Open(files[1])) {
    return Refuse("xdg-open could not open " + files[1]);
  }
  return kExitClean;
}

}  // namespace

void AddPreview(CLI::App& app, int& exit_code) {
  CLI::App* const verb = app.add_subcommand("preview", "Write a letter as a customer will get it");
  const auto options = std::make_shared<PreviewOptions>();
  verb->add_option("message", options->message, "The message, as its folder is called")
      ->type_name("MESSAGE")
      ->required();
  verb->add_option("--rules", options->rules, "The folder of the policy set")
      ->type_name("DIR")
      ->capture_default_str();
  verb->add_option("--locale", options->letter.locale, "The customer's language, such as de-CH")
      ->type_name("LOCALE");
  verb->add_option("--default-locale", options->letter.default_locale,
                   "The language of customers whose own there is not")
      ->type_name("LOCALE")
      ->capture_default_str();
  verb->add_option("--case", options->one_case,
                   "The case of a file of tests that the letter answers; else the first that fits")
      ->type_name("FILE:NAME");
  verb->add_option("--out", options->folder, "The folder for the letter's files")
      ->type_name("DIR")
      ->capture_default_str();
  verb->add_option("--company-name", options->letter.company.name, "As kulanzd is given it");
  verb->add_option("--company-address", options->letter.company.address, "As kulanzd is given it");
  verb->add_option("--company-url", options->letter.company.url, "As kulanzd is given it");
  verb->add_flag("--open", options->open, "Show the HTML in the desktop's browser");
  verb->footer(
      "Writes MESSAGE.LOCALE.eml, .html and .txt, from a case of the set's tests decided by its "
      "policies.\n"
      "The customer is made up where the case does not say, and the code is accepted nowhere. Ends "
      "with 0,\n"
      "and with 2 when there is no such message, no case for it, or a file is wrong.\n\n"
      "Example:\n"
      "  kulanz preview late-delivery --locale de --open");
  verb->callback([options, &exit_code] { exit_code = RunPreview(*options); });
}

}  // namespace kulanz::command
