#include "service/adapters/redis/transaction_codec.h"

#include <array>
#include <type_traits>

#include "service/adapters/redis/resp_writer.h"
#include "service/adapters/redis/scripts.h"

namespace kulanz::redis {
namespace {

using ports::kTransactionOpsMax;

// The operations of one section, in order. Without allocation: transactions are small.
template <typename Op>
class Section {
 public:
  void Add(const Op& op) { ops_[size_++] = &op; }
  std::size_t size() const { return size_; }
  const Op* const* begin() const { return ops_.data(); }
  const Op* const* end() const { return ops_.data() + size_; }

 private:
  std::array<const Op*, kTransactionOpsMax> ops_;
  std::size_t size_ = 0;
};

struct Sections {
  explicit Sections(const ports::Transaction& transaction) {
    for (const ports::TransactionCheck& check : transaction.checks) {
      if (const auto* version = std::get_if<ports::CheckVersion>(&check)) {
        versions.Add(*version);
      } else {
        scores.Add(std::get<ports::CheckScore>(check));
      }
    }
    for (const ports::TransactionWrite& write : transaction.writes) {
      std::visit([this](const auto& op) { Sort(op); }, write);
      bytes += kWriteBytes;
    }
    bytes += kWriteBytes * transaction.checks.size();
  }

  void Sort(const ports::Put& put) {
    (put.expires_in ? expiring_puts : puts).Add(put);
    bytes += put.value.size();
  }
  void Sort(const ports::Delete& op) { deletes.Add(op); }
  void Sort(const ports::AddToCounter& op) { adds.Add(op); }
  void Sort(const ports::FenceCounter& op) { fences.Add(op); }
  void Sort(const ports::IndexPut& op) { index_puts.Add(op); }
  void Sort(const ports::IndexRemove& op) { index_removals.Add(op); }

  std::size_t Keys() const {
    return 1 + versions.size() + adds.size() + fences.size() + puts.size() + expiring_puts.size() +
           deletes.size() + scores.size() + index_puts.size() + index_removals.size();
  }
  std::size_t Arguments(bool not_after) const {
    return 3 + (not_after ? 1U : 0U) + 2 * scores.size() + 2 * adds.size() + fences.size() +
           puts.size() + 2 * expiring_puts.size() + 2 * index_puts.size() + index_removals.size();
  }
  std::string Header(unsigned flags) const {
    std::string header;
    for (const std::size_t size :
         {versions.size(), adds.size(), fences.size(), puts.size(), expiring_puts.size(),
          deletes.size(), scores.size(), index_puts.size(), index_removals.size(),
          static_cast<std::size_t>(flags)}) {
      header.push_back(static_cast<char>(size));
    }
    return header;
  }

  static constexpr std::size_t kWriteBytes = 64;  // roughly, with its key and framing

  Section<ports::CheckVersion> versions;
  Section<ports::CheckScore> scores;
  Section<ports::AddToCounter> adds;
  Section<ports::FenceCounter> fences;
  Section<ports::Put> puts;
  Section<ports::Put> expiring_puts;
  Section<ports::Delete> deletes;
  Section<ports::IndexPut> index_puts;
  Section<ports::IndexRemove> index_removals;
  std::size_t bytes = 256;
};

void WriteExpiry(std::optional<Duration> expires_in, RespWriter& writer) {
  if (expires_in) {
    writer.Integer(expires_in->count());
  } else {
    writer.Arg("");
  }
}

void WriteKeys(const Sections& sections, RespWriter& writer) {
  const auto keys_of = [&writer](const auto& section) {
    for (const auto* op : section) {
      if constexpr (requires { op->key; }) {
        writer.KeyArg(op->key);
      } else {
        writer.KeyArg(op->index);
      }
    }
  };
  keys_of(sections.versions);
  keys_of(sections.adds);
  keys_of(sections.fences);
  keys_of(sections.puts);
  keys_of(sections.expiring_puts);
  keys_of(sections.deletes);
  keys_of(sections.scores);
  keys_of(sections.index_puts);
  keys_of(sections.index_removals);
}

void WriteArguments(const Sections& sections, RespWriter& writer) {
  for (const ports::CheckScore* check : sections.scores) {
    writer.Arg(check->member);
    if (check->score) {
      writer.Integer(*check->score);
    } else {
      writer.Arg("");
    }
  }
  for (const ports::AddToCounter* add : sections.adds) {
    writer.Integer(add->delta);
    WriteExpiry(add->expires_in, writer);
  }
  for (const ports::FenceCounter* fence : sections.fences) {
    WriteExpiry(fence->expires_in, writer);
  }
  for (const ports::Put* put : sections.puts) {
    writer.Arg(put->value);
  }
  for (const ports::Put* put : sections.expiring_puts) {
    writer.Arg(put->value);
    WriteExpiry(put->expires_in, writer);
  }
  for (const ports::IndexPut* put : sections.index_puts) {
    writer.Integer(put->entry.score);
    writer.Arg(put->entry.member);
  }
  for (const ports::IndexRemove* removal : sections.index_removals) {
    writer.Arg(removal->member);
  }
}

}  // namespace

EncodedTransaction EncodeTransaction(const ports::Transaction& transaction, const Genesis& genesis,
                                     bool touch) {
  const Sections sections(transaction);
  const bool has_not_after = transaction.not_after.has_value();
  const std::size_t keys = sections.Keys();
  RespWriter writer(3 + keys + sections.Arguments(has_not_after), sections.bytes);
  writer.Arg("EVALSHA").Arg(kTransactionScript.sha1).Integer(static_cast<std::int64_t>(keys));
  writer.Arg(GenesisKey(transaction.partition));
  WriteKeys(sections, writer);
  writer.Arg(genesis.Text(transaction.partition));
  writer.Arg(sections.Header((has_not_after ? 1U : 0U) + (touch ? 2U : 0U)));
  std::string versions;
  for (const ports::CheckVersion* check : sections.versions) {
    AppendVersion(check->version, versions);
  }
  writer.Arg(versions);
  if (has_not_after) {
    writer.Integer(ToMillis(*transaction.not_after));
  }
  WriteArguments(sections, writer);
  return {std::move(writer).Take(),
          {sections.versions.size(), sections.scores.size(), sections.fences.size()}};
}

std::string EncodeRead(const std::vector<ports::Key>& keys) {
  RespWriter writer(2 + keys.size(), 32 + 32 * keys.size());
  writer.Arg("MGET").Arg(GenesisKey(keys.front().partition));
  for (const ports::Key& key : keys) {
    writer.KeyArg(key);
  }
  return std::move(writer).Take();
}

std::string EncodeReadIndex(const ports::IndexRange& range, const Genesis& genesis) {
  const auto [from, to] = range.descending ? std::pair(range.score_max, range.score_min)
                                           : std::pair(range.score_min, range.score_max);
  RespWriter writer(10, 256);
  writer.Arg("EVALSHA").Arg(kIndexScript.sha1).Integer(2);
  writer.Arg(GenesisKey(range.index.partition)).KeyArg(range.index);
  writer.Arg(genesis.Text(range.index.partition)).Integer(from).Integer(to);
  writer.Integer(range.limit).Arg(range.descending ? "REV" : "");
  return std::move(writer).Take();
}

std::string EncodeSummarizeIndex(const ports::Key& index, const Genesis& genesis) {
  return EncodeReadIndex({index, -ports::kStoredIntegerMax, ports::kStoredIntegerMax, 1, false},
                         genesis);
}

}  // namespace kulanz::redis
