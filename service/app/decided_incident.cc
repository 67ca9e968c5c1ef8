#include "service/app/decided_incident.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "service/app/code_of_voucher.h"
#include "service/app/keys.h"
#include "service/base/check.h"

namespace kulanz::app {
namespace {

Status Missing(std::string_view reason, std::string_view what) {
  return Status(Code::kDataLoss, reason, "the decision's " + std::string(what) + " is not stored");
}

// Takes the records of a batch in the order in which their keys were asked for.
class Completion {
 public:
  Completion(const Dependencies& dependencies, ports::PartitionId partition)
      : dependencies_(dependencies), partition_(partition) {}

  void Want(const StoredDecision& stored) {
    if (stored.voucher_key) {
      keys_.push_back(dependencies_.keys.Voucher(partition_, *stored.voucher_key));
    }
    if (stored.decision.outcome == Outcome::kApologised) {
      keys_.push_back(ApologyKeyOf(dependencies_, partition_, stored));
    }
    if (stored.first_key) {
      keys_.push_back(dependencies_.keys.Decision(partition_, *stored.first_key));
    }
  }
  const std::vector<ports::Key>& keys() const { return keys_; }
  void Take(std::vector<ports::Record> records) { records_ = std::move(records); }

  Result<DecidedIncident> Complete(StoredDecision stored) {
    DecidedIncident decided;
    if (stored.voucher_key) {
      KULANZ_RETURN_IF_ERROR(AddVoucher(stored.decision, decided));
    }
    if (stored.decision.outcome == Outcome::kApologised) {
      KULANZ_RETURN_IF_ERROR(AddLetter(stored.decision, decided));
    }
    decided.withdrawn = std::move(stored.withdrawn);
    if (stored.first_key) {
      const std::size_t at = next_++;
      if (!records_[at].exists()) {
        return Missing("DECISION_MISSING", "first revision");
      }
      KULANZ_ASSIGN_OR_RETURN(StoredDecision first,
                              dependencies_.codec.DecodeDecision(keys_[at], records_[at].value));
      decided.withdrawn = std::move(first.withdrawn);
    }
    decided.decision = std::move(stored.decision);
    return decided;
  }

 private:
  Status AddVoucher(const Decision& decision, DecidedIncident& decided) {
    const std::size_t at = next_++;
    if (!records_[at].exists()) {
      return Missing("VOUCHER_MISSING", "voucher");
    }
    const auto voucher = dependencies_.codec.DecodeVoucher(keys_[at], records_[at].value);
    if (!voucher.ok()) {
      return voucher.status();
    }
    auto code = CodeOf(dependencies_, keys_[at], *voucher, decision);
    if (!code.ok()) {
      return code.status();
    }
    decided.code = *std::move(code);
    decided.voucher = Join(*voucher, decision, keys_[at]);
    return Status::Ok();
  }

  Status AddLetter(const Decision& decision, DecidedIncident& decided) {
    const std::size_t at = next_++;
    if (!records_[at].exists()) {
      return Missing("LETTER_MISSING", "letter");
    }
    const auto apology = dependencies_.codec.DecodeApology(keys_[at], records_[at].value);
    if (!apology.ok()) {
      return apology.status();
    }
    decided.letter = apology->delivery;
    if (decided.letter->updated_at == Instant{}) {
      decided.letter->updated_at = decision.decided_at;
    }
    return Status::Ok();
  }

  const Dependencies& dependencies_;
  const ports::PartitionId partition_;
  std::vector<ports::Key> keys_;
  std::vector<ports::Record> records_;
  std::size_t next_ = 0;
};

}  // namespace

ports::Key ApologyKeyOf(const Dependencies& dependencies, ports::PartitionId partition,
                        const StoredDecision& decision) {
  const Incident& incident = decision.decision.incident;
  return dependencies.keys.Apology(
      partition, decision.first_key ? HashOf(incident.id, incident.revision) : HashOf(incident.id));
}

Task<Result<std::vector<ports::Record>>> ReadMany(ports::Store& store, std::vector<ports::Key> keys,
                                                  Deadline deadline) {
  std::vector<ports::Record> records;
  records.reserve(keys.size());
  for (std::size_t begin = 0; begin < keys.size(); begin += ports::kReadKeysMax) {
    const std::size_t end = std::min(begin + ports::kReadKeysMax, keys.size());
    std::vector<ports::Key> part(keys.begin() + static_cast<std::ptrdiff_t>(begin),
                                 keys.begin() + static_cast<std::ptrdiff_t>(end));
    auto read = co_await store.Read(std::move(part), deadline);
    if (!read.ok()) {
      co_return read.status();
    }
    std::move(read->begin(), read->end(), std::back_inserter(records));
  }
  co_return records;
}

Task<Result<std::vector<DecidedIncident>>> ReadDecided(const Dependencies& dependencies,
                                                       ports::PartitionId partition,
                                                       std::vector<StoredDecision> decisions,
                                                       Deadline deadline) {
  Completion completion(dependencies, partition);
  for (const StoredDecision& stored : decisions) {
    completion.Want(stored);
  }
  auto records = co_await ReadMany(dependencies.store, completion.keys(), deadline);
  if (!records.ok()) {
    co_return records.status();
  }
  completion.Take(*std::move(records));
  std::vector<DecidedIncident> decided;
  decided.reserve(decisions.size());
  for (StoredDecision& stored : decisions) {
    auto complete = completion.Complete(std::move(stored));
    if (!complete.ok()) {
      co_return complete.status();
    }
    decided.push_back(*std::move(complete));
  }
  co_return decided;
}

Task<Result<DecidedIncident>> ReadDecided(const Dependencies& dependencies,
                                          ports::PartitionId partition, StoredDecision decision,
                                          Deadline deadline) {
  std::vector<StoredDecision> one;
  one.push_back(std::move(decision));
  auto decided = co_await ReadDecided(dependencies, partition, std::move(one), deadline);
  if (!decided.ok()) {
    co_return decided.status();
  }
  co_return std::move(decided->front());
}

}  // namespace kulanz::app
