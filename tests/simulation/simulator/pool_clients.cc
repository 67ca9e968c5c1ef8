// Clients' calls about the pool of codes: who fills it, and who asks how much is left.
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/simulator/client_calls.h"

namespace kulanz::simulation {

void Clients::NotePoolCode(const std::string& code, const std::string& voucher_id) {
  if (IsPoolCode(code)) {
    journal_.pool_vouchers[code].insert(voucher_id);
  }
}

void Clients::Import(const ImportPlan& plan) {
  journal_.imports.push_back({plan.first, plan.count, {}, {}});
  Start(PutIntoPool(journal_.imports.back()));
}

Task<void> Clients::PutIntoPool(ImportLog& log) {
  std::vector<PoolCode> codes;
  for (std::size_t i = 0; i < log.count; ++i) {
    codes.push_back(*PoolCode::Parse(PoolCodeName(log.first + i)));
  }
  const Call<app::ImportedCodes> call = [codes](SimServer& server, Deadline deadline) {
    return server.pools().Import(kPoolName, codes, deadline);
  };
  const std::string what =
      "import " + PoolCodeName(log.first) + " and " + std::to_string(log.count - 1) + " more -> ";
  for (bool again = true; again;) {
    auto told = co_await Ask<app::ImportedCodes>(call);
    log.attempts.push_back(told.attempt);
    if (told.value) {
      log.successes.push_back({log.attempts.size() - 1, told.value->added, told.value->known,
                               told.value->elsewhere.size()});
    }
    cluster_.trace().Note(what + OutcomeOf(told.attempt));
    again = co_await TriesAgain(told.attempt, log.attempts.size(), 0);
  }
}

Task<void> Clients::CountPool() {
  const Call<app::PoolStock> call = [](SimServer& server, Deadline deadline) {
    return server.pools().Count(kPoolName, deadline);
  };
  const auto stock = co_await AskOn<app::PoolStock>(call, "count the pool");
  if (stock) {
    journal_.pool_remaining = stock->remaining;
    cluster_.trace().Note("the pool has " + std::to_string(stock->remaining) + " codes");
  }
}

}  // namespace kulanz::simulation
