// People: who signs letters, from people.yaml.
//
// Thread-safety: plain values, immutable within a PolicySet.
#pragma once

#include <map>
#include <string>

#include "service/policy/fields.h"
#include "service/policy/yaml_tree.h"

namespace kulanz::policy {

struct Person {
  std::string key;       // "anna"
  std::string name;      // "Anna Berger"
  std::string role;      // "Head of Logistics"
  std::string email;     // the letter's sender
  std::string reply_to;  // where an answer goes; the same as email unless given
  friend bool operator==(const Person&, const Person&) = default;
};
using People = std::map<std::string, Person, std::less<>>;

inline constexpr std::size_t kPeopleMax = 500;

// The people that could be read; problems go to the context's sink.
People ReadPeople(const FileContext& context, const Node& root);

}  // namespace kulanz::policy
