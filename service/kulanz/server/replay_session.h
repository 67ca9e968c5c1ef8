// ReplaySession: sends the rows of a CSV file over StreamIncidents until each has its answer.
//
// Two threads: the caller's writes, one of its own reads. What the server answers with "repeat", and what
// a broken stream left unanswered, is sent again, after the pause that the server asks for; the session
// gives up when nothing at all was answered for `patience`.
#pragma once

#include <grpcpp/channel.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "kulanz/v1/incident_service.grpc.pb.h"
#include "service/base/status.h"
#include "service/kulanz/data/data_table.h"
#include "service/kulanz/data/incident_map.h"
#include "service/kulanz/server/client.h"
#include "service/kulanz/server/replay_plan.h"
#include "service/kulanz/server/replay_results.h"
#include "service/kulanz/terminal/progress_bar.h"

namespace kulanz::command {

struct ReplaySettings {
  std::size_t window = 96;  // unanswered rows at once; the server takes 128 of a stream
  std::chrono::milliseconds patience{60'000};
};

class ReplaySession {
 public:
  // `order`: indexes of rows in the order of sending. All outlive the session.
  ReplaySession(std::shared_ptr<grpc::Channel> channel, const DataTable& table,
                const IncidentMap& map, const std::vector<std::size_t>& order,
                const ReplaySettings& settings, ReplayResults& results);

  // Returns when all rows are answered. UNAVAILABLE / GAVE_UP, or a failure to write the results.
  Status Run(ProgressBar& progress);

  // Rows that the server will never accept, in words; the first few.
  const std::vector<std::string>& problems() const { return problems_; }
  std::size_t problem_count() const { return problem_count_; }

 private:
  using Clock = std::chrono::steady_clock;
  using Stream = grpc::ClientReaderWriter<v1::StreamIncidentsRequest, v1::StreamIncidentsResponse>;
  struct Pending {
    std::string customer;
    Incident incident;
    bool sent = false;  // at least once; else it waits for its customer
    int attempts = 0;   // that the server wanted repeated
  };

  // One stream from its opening to its end; false when it broke.
  bool RunStream(ProgressBar& progress);
  void ReadAnswers(Stream& stream);
  // Need mutex_:
  std::optional<std::size_t> NextRow();
  std::optional<std::string> CustomerOf(std::size_t position);
  void Accept(const v1::StreamIncidentsResponse& response);
  void Finish(std::size_t position, RowResult result);
  void AddProblem(std::size_t position, const std::string& text);
  void NoteProblem(std::size_t line, const std::string& text);
  bool AllDone() const;
  void SaveNowAndThen();

  const std::shared_ptr<grpc::Channel> channel_;
  const DataTable& table_;
  const IncidentMap& map_;
  const std::vector<std::size_t>& order_;
  const ReplaySettings settings_;
  ReplayResults& results_;

  std::mutex mutex_;
  std::condition_variable changed_;
  // Under mutex_:
  ReplayPlan plan_;
  std::unordered_map<std::size_t, Pending> under_way_;     // taken from the file, not answered
  std::multimap<Clock::time_point, std::size_t> repeats_;  // when to send which again
  std::size_t on_the_wire_ = 0;
  bool broken_ = false;
  Clock::time_point last_answer_ = Clock::now();
  Clock::time_point last_save_ = Clock::now();
  Status failure_;
  std::vector<std::string> problems_;
  std::size_t problem_count_ = 0;
};

}  // namespace kulanz::command
