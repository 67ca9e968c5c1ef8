// kulanz replay: sends recorded incidents to a running server.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "service/base/crypto.h"
#include "service/domain/money.h"
#include "service/kulanz/data/data_table.h"
#include "service/kulanz/data/incident_map.h"
#include "service/kulanz/data/map_file.h"
#include "service/kulanz/server/client.h"
#include "service/kulanz/server/replay_results.h"
#include "service/kulanz/server/replay_session.h"
#include "service/kulanz/terminal/progress_bar.h"
#include "service/kulanz/verbs.h"

namespace kulanz::command {
namespace {

constexpr int kExitGaveUp = 3;

struct ReplayOptions {
  std::string file;
  ServerAccess access;
  std::string map;
  std::string decisions;
  std::string state;
  bool by_time = false;
  bool in_order = false;
  int patience_s = 60;
};

int Fail(const Status& status, int exit_code) {
  std::fprintf(stderr, "kulanz replay: %s\n", status.message().c_str());
  return exit_code;
}

// The rows as they stand, or by the time of their reports, the id and the revision.
std::vector<std::size_t> OrderOf(const DataTable& table, const IncidentMap& map, bool by_time) {
  std::vector<std::size_t> order(table.row_count());
  for (std::size_t i = 0; i < order.size(); ++i) {
    order[i] = i;
  }
  if (!by_time) {
    return order;
  }
  using Key = std::tuple<Instant, std::string, std::uint32_t>;
  std::vector<Key> keys(table.row_count());
  DataRow row;
  MappedRow mapped;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    table.ReadRow(i, row);
    map.Read(row, mapped);
    if (mapped.kind == MappedRow::Kind::kIncident) {
      keys[i] = {mapped.reported_at, mapped.incident.id.text(), mapped.incident.revision};
    }
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return keys[a] < keys[b]; });
  return order;
}

void PrintTotals(const ReplayResults::Totals& totals) {
  for (const auto& [answer, count] : totals.by_answer) {
    std::printf("  %9s  %s\n", Grouped(count).c_str(), answer.c_str());
  }
  if (totals.by_answer.contains("refused UNKNOWN_CUSTOMER")) {
    std::printf(
        "             customers that the server does not know count as answered, not as a fault\n");
  }
  if (totals.skipped > 0) {
    std::printf("  %9s  skipped, as the map says\n", Grouped(totals.skipped).c_str());
  }
  if (totals.replayed > 0) {
    std::printf("  %9s  of these had been decided before\n", Grouped(totals.replayed).c_str());
  }
  for (const auto& [code, minor_units] : totals.minor_units) {
    const auto sum = Money::FromMinorUnits(minor_units, *Currency::FromCode(code));
    std::printf("  granted in all: %s\n", sum ? sum->ToString().c_str() : "more than fits");
  }
}

int RunReplay(const ReplayOptions& options) {
  const Result<MapFile> map_file = MapFile::Read(options.map);
  if (!map_file.ok()) {
    return Fail(map_file.status(), kExitUsage);
  }
  const Result<DataTable> table = DataTable::Read(options.file, map_file->separator());
  if (!table.ok()) {
    return Fail(table.status(), kExitUsage);
  }
  const Result<IncidentMap> map = IncidentMap::Make(*map_file, *table, nullptr);
  if (!map.ok()) {
    return Fail(map.status(), kExitUsage);
  }
  const std::string identity = ToHex(AsView(Sha256(
      table->Digest() + map_file->Digest() + (options.by_time ? " by time" : " as it stands"))));
  ReplayResults results;
  if (Status status = results.Open(options.decisions, options.state, identity); !status.ok()) {
    return Fail(status, kExitUsage);
  }
  const auto channel = Connect(options.access, kConnectPatience);
  if (channel == nullptr) {
    return Fail(Status(Code::kUnavailable, "NO_SERVER", options.access.server + " does not answer"),
                kExitGaveUp);
  }
  const std::vector<std::size_t> order = OrderOf(*table, *map, options.by_time);
  ReplaySettings settings;
  settings.patience = std::chrono::seconds{options.patience_s};
  if (options.in_order) {
    settings.window = 1;
  }
  ReplaySession session(channel, *table, *map, order, settings, results);
  const auto start = std::chrono::steady_clock::now();
  Status status;
  {
    ProgressBar progress("replaying", order.size());
    status = session.Run(progress);
  }
  for (const std::string& problem : session.problems()) {
    std::fprintf(stderr, "%s\n", problem.c_str());
  }
  if (session.problem_count() > session.problems().size()) {
    std::fprintf(stderr, "and %zu more\n", session.problem_count() - session.problems().size());
  }
  if (!status.ok()) {
    return Fail(status, kExitGaveUp);
  }
  const auto elapsed_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                              std::chrono::steady_clock::now() - start)
                              .count();
  std::printf("%s rows of %s in %.1f s\n", Grouped(table->row_count()).c_str(),
              options.file.c_str(), static_cast<double>(elapsed_ms) / 1000.0);
  PrintTotals(results.totals());
  return session.problem_count() == 0 ? kExitClean : kExitProblems;
}

}  // namespace

void AddReplay(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<ReplayOptions>();
  CLI::App& verb = *app.add_subcommand("replay", "Send recorded incidents from a file");
  verb.footer(
      "Safe to repeat. Ends with 0 when all were answered (customers that the server does not know "
      "count\n"
      "as answered), 1 when some rows were refused, 2 when the command line, the file or the map "
      "is\n"
      "wrong, and 3 when it gave up.\n\n"
      "Example:\n"
      "  kulanz replay incidents.csv --map map.yaml --decisions out.csv");
  verb.add_option("file", options->file, "CSV or JSON Lines, plain or gzip")->required();
  AddServerAccess(verb, options->access);
  verb.add_option("--map", options->map, "YAML: which columns are which parts of an incident");
  verb.add_option("--decisions", options->decisions, "CSV to write the decisions to, in order");
  verb.add_option("--state", options->state, "file to resume from after an interruption");
  verb.add_flag("--by-time", options->by_time,
                "send in the order in which the incidents occurred, not in that of the file");
  verb.add_flag("--in-order", options->in_order,
                "one at a time: needed where a budget binds and the order over customers matters");
  verb.add_option("--patience", options->patience_s, "seconds without any answer before giving up")
      ->capture_default_str();
  verb.callback([options, &exit_code] { exit_code = RunReplay(*options); });
}

}  // namespace kulanz::command
