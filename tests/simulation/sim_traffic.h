// How store calls read in a trace: "commit p3 check d#0 h#12 put d v h agenda", keys by the letter of
// their kind and the first byte of their hash.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "service/ports/store.h"

namespace kulanz::simulation {

inline std::string Describe(const ports::Key& key) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  return {static_cast<char>(key.kind), kDigits[key.hash[0] >> 4U], kDigits[key.hash[0] & 15U]};
}

inline std::string Describe(const std::vector<ports::Key>& keys) {
  std::string text = "read p" + std::to_string(keys.front().partition.number);
  for (const ports::Key& key : keys) {
    text += " " + Describe(key);
  }
  return text;
}

namespace traffic_internal {

struct Describer {
  std::string operator()(const ports::CheckVersion& check) const {
    return " check " + Describe(check.key) + "#" + std::to_string(check.version);
  }
  std::string operator()(const ports::CheckScore& check) const {
    return " check " + Describe(check.index) + "@" +
           (check.score ? std::to_string(*check.score) : "none");
  }
  std::string operator()(const ports::Put& put) const { return " put " + Describe(put.key); }
  std::string operator()(const ports::Delete& erase) const { return " del " + Describe(erase.key); }
  std::string operator()(const ports::AddToCounter& add) const {
    return " add " + Describe(add.key) + "+" + std::to_string(add.delta);
  }
  std::string operator()(const ports::FenceCounter& fence) const {
    return " fence " + Describe(fence.key);
  }
  std::string operator()(const ports::IndexPut& put) const {
    return " index " + Describe(put.index) + "@" + std::to_string(put.entry.score);
  }
  std::string operator()(const ports::IndexRemove& remove) const {
    return " unindex " + Describe(remove.index);
  }
};

}  // namespace traffic_internal

inline std::string Describe(const ports::Transaction& transaction) {
  std::string text = "commit p" + std::to_string(transaction.partition.number);
  for (const ports::TransactionCheck& check : transaction.checks) {
    text += std::visit(traffic_internal::Describer{}, check);
  }
  for (const ports::TransactionWrite& write : transaction.writes) {
    text += std::visit(traffic_internal::Describer{}, write);
  }
  return text;
}

}  // namespace kulanz::simulation
