// ReplayResults: what became of each row, written out in the file's order, and where to resume.
//
// Answers overtake each other; a row is written once all before it are. Every so often the decisions are
// flushed and the state file says how many rows they hold, so that a run that was cut off goes on there:
// at worst some rows are reported again, and the server answers them as before. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "service/base/status.h"

namespace kulanz::command {

struct RowResult {
  std::string incident_id;
  std::string customer_id;
  std::string outcome;  // "granted", "denied", "review", "refused"; "" for a row that was skipped
  std::string reason;
  std::string policy;
  std::string amount;  // "12.50"; granted only
  std::string currency;
  bool replayed = false;
};

class ReplayResults {
 public:
  // `decisions`, `state`: files; "" for none. `identity`: of input and map; a state of another is
  // refused. FAILED_PRECONDITION / STATE, FILE.
  Status Open(const std::string& decisions, const std::string& state, const std::string& identity);
  ~ReplayResults();

  std::size_t first_row() const { return done_; }  // where to begin
  std::size_t done() const { return done_; }       // rows from the start without a gap
  void Add(std::size_t row, RowResult result);
  // Flushes and writes the state.
  Status Save();

  struct Totals {
    std::size_t skipped = 0;
    std::size_t replayed = 0;
    std::map<std::string, std::size_t> by_answer;     // "granted", "denied NOT_ELIGIBLE", ...
    std::map<std::string, std::int64_t> minor_units;  // granted, by currency; each incident once
  };
  const Totals& totals() const { return totals_; }

 private:
  void Count(const RowResult& result);
  Status LoadState();

  std::string decisions_path_;
  std::string state_path_;
  std::string identity_;
  std::FILE* decisions_ = nullptr;
  std::size_t done_ = 0;
  std::map<std::size_t, RowResult> waiting_;  // behind a gap
  Totals totals_;
  std::unordered_set<std::string> granted_;  // incidents; a file may report one several times
};

}  // namespace kulanz::command
