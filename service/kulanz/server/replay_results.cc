#include "service/kulanz/server/replay_results.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <utility>

#include "service/base/result.h"
#include "service/domain/money.h"
#include "service/kulanz/data/data_table.h"

namespace kulanz::command {
namespace {

constexpr const char* kHeader = "incident_id,customer_id,outcome,reason,policy,amount,currency\n";

Status FileError(const std::string& path) {
  return Status(Code::kFailedPrecondition, "FILE", "cannot write " + path);
}

}  // namespace

Status ReplayResults::Open(const std::string& decisions, const std::string& state,
                           const std::string& identity) {
  decisions_path_ = decisions;
  state_path_ = state;
  identity_ = identity;
  KULANZ_RETURN_IF_ERROR(LoadState());
  if (decisions_path_.empty()) {
    return Status::Ok();
  }
  decisions_ = std::fopen(decisions_path_.c_str(), done_ == 0 ? "we" : "ae");
  if (decisions_ == nullptr || (done_ == 0 && std::fputs(kHeader, decisions_) < 0)) {
    return FileError(decisions_path_);
  }
  return Status::Ok();
}

// The state file: identity, rows done, bytes of the decisions file that hold them.
Status ReplayResults::LoadState() {
  std::ifstream file(state_path_);
  if (state_path_.empty() || !file) {
    return Status::Ok();
  }
  std::string identity;
  std::size_t rows = 0;
  std::uintmax_t bytes = 0;
  if (!(file >> identity >> rows >> bytes) || identity != identity_) {
    return Status(Code::kFailedPrecondition, "STATE",
                  state_path_ +
                      " belongs to another file or map, or is damaged; remove it to begin "
                      "from the first row");
  }
  if (!decisions_path_.empty()) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(decisions_path_, error);
    if (error || size < bytes) {
      return Status(Code::kFailedPrecondition, "STATE",
                    decisions_path_ + " is shorter than " + state_path_ +
                        " says; remove the state file to begin from the first row");
    }
    std::filesystem::resize_file(decisions_path_, bytes, error);
    if (error) {
      return FileError(decisions_path_);
    }
  }
  done_ = rows;
  return Status::Ok();
}

ReplayResults::~ReplayResults() {
  if (decisions_ != nullptr) {
    std::fclose(decisions_);
  }
}

void ReplayResults::Add(std::size_t row, RowResult result) {
  Count(result);
  waiting_.emplace(row, std::move(result));
  for (auto next = waiting_.begin(); next != waiting_.end() && next->first == done_;
       next = waiting_.erase(next), ++done_) {
    const RowResult& r = next->second;
    if (decisions_ != nullptr && !r.outcome.empty()) {
      const std::string line = CsvField(r.incident_id) + "," + CsvField(r.customer_id) + "," +
                               r.outcome + "," + r.reason + "," + r.policy + "," + r.amount + "," +
                               r.currency + "\n";
      std::fputs(line.c_str(), decisions_);
    }
  }
}

Status ReplayResults::Save() {
  std::uintmax_t bytes = 0;
  if (decisions_ != nullptr) {
    if (std::fflush(decisions_) != 0 || fsync(fileno(decisions_)) != 0) {
      return FileError(decisions_path_);
    }
    bytes = static_cast<std::uintmax_t>(std::ftell(decisions_));
  }
  if (state_path_.empty()) {
    return Status::Ok();
  }
  const std::string temporary = state_path_ + ".new";
  {
    std::ofstream file(temporary, std::ios::trunc);
    file << identity_ << ' ' << done_ << ' ' << bytes << '\n';
    if (!file.flush()) {
      return FileError(temporary);
    }
  }
  return std::rename(temporary.c_str(), state_path_.c_str()) == 0 ? Status::Ok()
                                                                  : FileError(state_path_);
}

void ReplayResults::Count(const RowResult& result) {
  if (result.outcome.empty()) {
    ++totals_.skipped;
    return;
  }
  totals_.replayed += result.replayed ? 1U : 0U;
  const bool granted = result.outcome == "granted";
  ++totals_.by_answer[granted ? result.outcome : result.outcome + " " + result.reason];
  const std::optional<Currency> currency = Currency::FromCode(result.currency);
  if (granted && currency && granted_.insert(result.incident_id).second) {
    if (const std::optional<Money> money = Money::Parse(result.amount, *currency)) {
      totals_.minor_units[result.currency] += money->minor_units();
    }
  }
}

}  // namespace kulanz::command
