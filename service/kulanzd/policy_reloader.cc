#include "service/kulanzd/policy_reloader.h"

#include <utility>

#include "service/policy/diagnostic.h"
#include "service/policy/loader.h"

namespace kulanz::server {
namespace {

std::string Position(const policy::Diagnostic& diagnostic) {
  return diagnostic.file + ":" + std::to_string(diagnostic.line) + ":" +
         std::to_string(diagnostic.column);
}

adapters::Signers SignersOf(const policy::PolicySet& policies) {
  adapters::Signers signers;
  for (const auto& [key, person] : policies.people()) {
    signers[key] = {person.name, person.role, person.email, person.reply_to};
  }
  return signers;
}

void LogDiagnostics(const policy::Diagnostics& diagnostics, ports::Log& log) {
  for (const policy::Diagnostic& diagnostic : diagnostics) {
    const bool error = diagnostic.severity == policy::Severity::kError;
    log.Write(error ? ports::LogLevel::kError : ports::LogLevel::kWarning, "policy_diagnostic",
              diagnostic.message,
              {{"position", Position(diagnostic)}, {"id", std::string(diagnostic.id)}});
  }
}

// Renders the problems of messages, and logs them.
std::string Report(const adapters::TemplateProblems& problems, ports::Log& log) {
  std::string text;
  for (const adapters::TemplateProblem& problem : problems) {
    text += problem.ToString() + "\n";
    log.Error("message_diagnostic", problem.message,
              {{"position", problem.file + ":" + std::to_string(problem.line)}});
  }
  return text;
}

}  // namespace

PolicyReloader::PolicyReloader(std::string directory, std::optional<LetterSettings> letters,
                               app::PolicyHolder& holder, ports::Telemetry& telemetry,
                               ports::FileTelemetry& files, ports::Log& log)
    : directory_(std::move(directory)),
      letters_(std::move(letters)),
      holder_(holder),
      telemetry_(telemetry),
      files_(files),
      log_(log),
      composer_(letters_ ? std::make_unique<adapters::LetterComposer>(adapters::LetterSources{})
                         : nullptr) {}

PolicyReloader::~PolicyReloader() = default;

std::string PolicyReloader::Reload() {
  const std::lock_guard lock(mutex_);
  std::string problems = ReloadLocked();
  telemetry_.PolicySetReloaded(problems.empty() ? "ok" : "rejected");
  files_.FilesRead("policies", problems.empty());
  if (!problems.empty()) {
    const auto active = holder_.Current();
    log_.Error("policy_set_rejected",
               active == nullptr ? "the policies cannot be used"
                                 : "the policies cannot be used; what was active stays",
               {{"directory", directory_},
                {"active_revision", active == nullptr ? "" : active->revision().text()}});
  }
  return problems;
}

std::string PolicyReloader::ReloadLocked() {
  policy::LoadResult loaded = policy::LoadPolicySet(directory_);
  LogDiagnostics(loaded.diagnostics, log_);
  std::string problems;
  if (!loaded.ok()) {
    problems = policy::Render(loaded.diagnostics, {.file_prefix = directory_ + "/"});
  }
  std::shared_ptr<const adapters::MessageSet> messages;
  if (letters_) {
    adapters::TemplateProblems template_problems;
    messages = adapters::MessageSet::Load(directory_ + "/messages", letters_->default_locale,
                                          template_problems);
    problems += Report(template_problems, log_);
  }
  if (!problems.empty()) {
    return problems;
  }
  if (letters_) {
    composer_->Replace({std::move(messages), SignersOf(*loaded.policies), letters_->company});
  }
  const auto active = holder_.Current();
  const std::string revision = loaded.policies->revision().text();
  const std::size_t count = loaded.policies->policy_count();
  const bool changed = active == nullptr || active->revision() != loaded.policies->revision();
  holder_.Replace(std::move(loaded.policies));
  telemetry_.PolicySetActive(revision, count);
  if (changed) {
    log_.Info(
        "policy_set_active", "a policy set is active",
        {{"directory", directory_}, {"revision", revision}, {"policies", std::to_string(count)}});
  }
  return "";
}

void PolicyReloader::Watch() {
  watcher_ = std::make_unique<adapters::DirectoryWatcher>(
      adapters::DirectoryWatcher::Options{.path = directory_}, [this] { Reload(); });
  if (!watcher_->notified()) {
    log_.Warning("policy_watch_polls", "inotify is not available; changed policies are seen late",
                 {{"directory", directory_}});
  }
  Reload();  // What changed between the first load and the watch.
}

}  // namespace kulanz::server
