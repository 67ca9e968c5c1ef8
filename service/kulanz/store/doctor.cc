// kulanz doctor: looks a whole store over, beside its servers, and mends what is safe to mend.
#include "service/doctor/doctor.h"

#include <cstdio>
#include <memory>

#include "service/kulanz/store/opened_store.h"
#include "service/kulanz/terminal/json_writer.h"
#include "service/kulanz/terminal/progress_bar.h"
#include "service/kulanz/terminal/style.h"
#include "service/kulanz/verbs.h"

namespace kulanz::command {
namespace {

using doctor::Finding;
using doctor::Severity;

struct DoctorOptions {
  StoreOptions store;
  std::string format = "text";
  std::string color = "auto";
  bool repair = false;
  int settle_seconds = 10;
  int intake_days = 90;
};

std::string_view SeverityOf(const Finding& finding) {
  return finding.repaired ? "repaired" : finding.severity == Severity::kDamage ? "damage" : "doubt";
}

std::uint64_t Records(const doctor::Report& report) {
  std::uint64_t sum = 0;
  for (const auto& [kind, count] : report.records) {
    sum += count;
  }
  return sum;
}

std::string ToText(const doctor::Report& report, std::uint32_t partitions, const Style& style) {
  std::string out;
  for (const Finding& finding : report.findings) {
    const Paint paint = finding.repaired                        ? Paint::kGreen
                        : finding.severity == Severity::kDamage ? Paint::kRed
                                                                : Paint::kYellow;
    out += style.In(paint, SeverityOf(finding)) + " " + style.In(Paint::kBold, finding.kind) + " " +
           doctor::KeyText(finding.key) + "\n    " + Printable(finding.text) + "\n";
  }
  out += Count(Records(report), "record") + " in " + Count(partitions, "partition") + ": " +
         std::to_string(report.Count(Severity::kDamage)) + " damaged, " +
         std::to_string(report.Count(Severity::kDoubt)) + " in doubt, " +
         std::to_string(report.repaired()) + " repaired";
  if (report.passing > 0) {
    out += "; " + Count(report.passing, "moment") + " of servers at work";
  }
  if (report.foreign > 0) {
    out += "; " + Count(report.foreign, "key") + " of others";
  }
  return out + "\n";
}

std::string ToJson(const doctor::Report& report, std::uint32_t partitions) {
  JsonWriter json;
  json.BeginObject().Key("findings").BeginArray();
  for (const Finding& finding : report.findings) {
    json.BeginObject()
        .Field("kind", finding.kind)
        .Field("severity", finding.severity == Severity::kDamage ? "damage" : "doubt")
        .Field("key", doctor::KeyText(finding.key))
        .Field("text", finding.text)
        .Field("repairable", finding.repairable)
        .Field("repaired", finding.repaired)
        .EndObject();
  }
  json.EndArray()
      .Field("records", Records(report))
      .Field("partitions", partitions)
      .Field("damaged", report.Count(Severity::kDamage))
      .Field("doubts", report.Count(Severity::kDoubt))
      .Field("repaired", report.repaired())
      .Field("passing", report.passing)
      .Field("foreign", report.foreign)
      .EndObject();
  return json.Line();
}

int ComplainOfStore(const Status& status) {
  std::fprintf(stderr, "kulanz: %s\n", status.message().c_str());
  return status.code() == Code::kInvalidArgument ? kExitUsage : kExitProblems;
}

int RunDoctor(const DoctorOptions& options) {
  const auto opened = OpenedStore::Open(options.store);
  if (!opened.ok()) {
    return ComplainOfStore(opened.status());
  }
  redis::RedisStore& store = (*opened)->store();
  const app::Keys keys(store.partition_count());
  const doctor::Tools tools{.store = store,
                            .scan = store,
                            .keys = keys,
                            .codec = (*opened)->secrets().codec,
                            .secrets = (*opened)->secrets().vouchers,
                            .intake_max_age = std::chrono::days{options.intake_days}};
  Result<doctor::Report> report = doctor::Report{};
  {
    ProgressBar bar("examining", 1000);
    report = doctor::Examine(tools, {.repair = options.repair,
                                     .settle = std::chrono::seconds{options.settle_seconds},
                                     .progress = [&bar](std::uint32_t done) { bar.Show(done); }});
  }
  if (!report.ok()) {
    return ComplainOfStore(report.status());
  }
  const std::string text = options.format == "json" ? ToJson(*report, keys.partition_count())
                                                    : ToText(*report, keys.partition_count(),
                                                             Style::ForOutput(options.color));
  std::fputs(text.c_str(), stdout);
  return report->Count(Severity::kDamage) > 0  ? kExitProblems
         : report->Count(Severity::kDoubt) > 0 ? kExitLint
                                               : kExitClean;
}

}  // namespace

void AddDoctor(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App& verb = *app.add_subcommand("doctor",
                                       "Look a whole store over, beside its servers; ends with 0 "
                                       "when it is sound, 1 when something is "
                                       "damaged, 3 when something is in doubt");
  AddStoreOptions(verb, options->store);
  verb.add_flag(
      "--repair", options->repair,
      "mend what is safe: letters on no agenda, stale agenda entries, missing index entries "
      "and claims of decisions");
  verb.add_option("--settle-seconds", options->settle_seconds,
                  "how long to wait before what looks wrong is looked at again")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
  verb.add_option("--intake-days", options->intake_days, "--intake-max-age of the servers, in days")
      ->check(CLI::Range(1, 36'500))
      ->capture_default_str();
  verb.add_option("--format", options->format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  AddColorOption(verb, options->color);
  verb.callback([options, &exit_code] { exit_code = RunDoctor(*options); });
}

}  // namespace kulanz::command
