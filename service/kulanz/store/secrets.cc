// kulanz secrets: makes secret files, and tells what a directory of them holds. Never prints a secret.
#include "service/wiring/secrets.h"

#include <chrono>
#include <cstdio>
#include <memory>

#include "service/adapters/system/secret_files.h"
#include "service/adapters/system/system_entropy.h"
#include "service/kulanz/terminal/table.h"
#include "service/kulanz/verbs.h"

namespace kulanz::command {
namespace {

using adapters::SecretFile;

struct NewOptions {
  std::string directory;
  std::string purpose = "codes";
  std::string id;
  std::string used_from;
  int in_hours = 24;
  bool group_may_read = false;
};

Instant Now() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }

int ComplainOfSecrets(const Status& status) {
  std::fprintf(stderr, "kulanz: %s\n", status.message().c_str());
  return kExitProblems;
}

// The one that is used last of a purpose.
const SecretFile* LatestOf(std::string_view purpose, const std::vector<SecretFile>& files) {
  const SecretFile* latest = nullptr;
  for (const SecretFile& file : files) {
    if (wiring::NameOf(wiring::PurposeOf(file.id)) == purpose &&
        (latest == nullptr || latest->used_from < file.used_from)) {
      latest = &file;
    }
  }
  return latest;
}

// "c2" after "c1"; "lookup-2" after "lookup"; "pool", which installations before pools do not have. The first
// number that is free.
std::string NextId(std::string_view purpose, const std::vector<SecretFile>& files) {
  if (purpose == "pools" && LatestOf(purpose, files) == nullptr) {
    return "pool";
  }
  const std::string prefix = purpose == "records"   ? "record-"
                             : purpose == "lookups" ? "lookup-"
                             : purpose == "pools"   ? "pool-"
                                                    : "c";
  for (std::size_t number = 2;; ++number) {
    const std::string id = prefix + std::to_string(number);
    bool is_free = true;
    for (const SecretFile& file : files) {
      is_free = is_free && file.id != id;
    }
    if (is_free) {
      return id;
    }
  }
}

int RunInit(const std::string& directory) {
  adapters::SystemEntropy entropy;
  if (const Status status = wiring::CreateSecrets(directory, entropy); !status.ok()) {
    return ComplainOfSecrets(status);
  }
  std::printf("%s has a secret for each purpose\n", directory.c_str());
  return kExitClean;
}

int RunNew(const NewOptions& options) {
  const auto files = adapters::ReadSecretFiles(options.directory);
  if (!files.ok()) {
    return ComplainOfSecrets(files.status());
  }
  if (const Status valid = wiring::ValidateSecrets(*files); !valid.ok()) {
    return ComplainOfSecrets(valid);
  }
  Instant used_from = Now() + std::chrono::hours{options.in_hours};
  used_from -= used_from.time_since_epoch() % std::chrono::seconds{1};
  if (!options.used_from.empty()) {
    const auto parsed = ParseInstant(options.used_from);
    if (!parsed) {
      std::fprintf(stderr, "kulanz: --used-from wants an instant such as 2027-01-01T00:00:00Z\n");
      return kExitUsage;
    }
    used_from = *parsed;
  }
  const SecretFile* const latest = LatestOf(options.purpose, *files);
  const std::string id = options.id.empty() ? NextId(options.purpose, *files) : options.id;
  if (wiring::NameOf(wiring::PurposeOf(id)) != options.purpose) {
    std::fprintf(stderr, "kulanz: the id '%s' is not one for %s\n", id.c_str(),
                 options.purpose.c_str());
    return kExitUsage;
  }
  if (used_from <= Now() || (latest != nullptr && used_from <= latest->used_from)) {
    std::fprintf(
        stderr,
        "kulanz: a new secret begins in the future and after the one before it (%s); every "
        "server must have it by then\n",
        latest == nullptr ? "none" : latest->id.c_str());
    return kExitUsage;
  }
  adapters::SystemEntropy entropy;
  const auto created = adapters::CreateSecretFileIfMissing(
      options.directory,
      {.id = id,
       .used_from = used_from,
       .follows = latest == nullptr ? std::string() : latest->id,
       .group_may_read = options.group_may_read},
      entropy);
  if (!created.ok()) {
    return ComplainOfSecrets(created.status());
  }
  if (!*created) {
    std::fprintf(stderr, "kulanz: %s.secret is there already\n", id.c_str());
    return kExitProblems;
  }
  std::printf("%s/%s.secret is used for %s from %s on; bring it to every server before\n",
              options.directory.c_str(), id.c_str(), options.purpose.c_str(),
              FormatInstant(used_from).c_str());
  return kExitClean;
}

int RunList(const std::string& directory) {
  const auto files = adapters::ReadSecretFiles(directory);
  if (!files.ok()) {
    return ComplainOfSecrets(files.status());
  }
  Table table({{.title = "id"}, {.title = "for"}, {.title = "used from"}, {.title = "follows"}});
  for (const SecretFile& file : *files) {
    table.Add({file.id, std::string(wiring::NameOf(wiring::PurposeOf(file.id))),
               file.used_from == kMinInstant ? std::string("ever") : FormatInstant(file.used_from),
               file.follows});
  }
  std::fputs(table.Render(Style()).c_str(), stdout);
  if (const Status valid = wiring::ValidateSecrets(*files); !valid.ok()) {
    return ComplainOfSecrets(valid);
  }
  return kExitClean;
}

void AddDirectory(CLI::App& verb, std::string& directory) {
  verb.add_option("directory", directory, "of the secret files")->required();
}

}  // namespace

void AddSecrets(CLI::App& app, int& exit_code) {
  CLI::App& verb = *app.add_subcommand("secrets", "Make secret files, and tell what is there");
  verb.require_subcommand(1);
  auto directory = std::make_shared<std::string>();
  CLI::App& init = *verb.add_subcommand("init", "The secrets of a new installation");
  AddDirectory(init, *directory);
  init.callback([directory, &exit_code] { exit_code = RunInit(*directory); });

  auto options = std::make_shared<NewOptions>();
  CLI::App& add = *verb.add_subcommand("new", "A secret that takes over from the last one");
  AddDirectory(add, options->directory);
  add.add_option("--for", options->purpose, "codes, lookups, records or pools")
      ->check(CLI::IsMember({"codes", "lookups", "records", "pools"}))
      ->capture_default_str();
  add.add_option("--id", options->id, "default: the next number");
  auto* from =
      add.add_option("--used-from", options->used_from,
                     "instant from which it is used: for codes and lookups the incident's time");
  add.add_option("--in-hours", options->in_hours, "the same, from now")
      ->check(CLI::Range(1, 24 * 366))
      ->excludes(from)
      ->capture_default_str();
  add.add_flag("--group-may-read", options->group_may_read, "mode 0640 instead of 0600");
  add.callback([options, &exit_code] { exit_code = RunNew(*options); });

  auto listed = std::make_shared<std::string>();
  CLI::App& list =
      *verb.add_subcommand("list", "Ids, purposes and times; ends with 1 if something is wrong");
  AddDirectory(list, *listed);
  list.callback([listed, &exit_code] { exit_code = RunList(*listed); });
}

}  // namespace kulanz::command
