// Signer: the person who signs a letter and who can be answered.
//
// Configuration, from rules/people.yaml; whoever wires the program hands it over. Names and addresses
// are checked when a letter is written, as everything that gets into a header.
#pragma once

#include <functional>
#include <map>
#include <string>

namespace kulanz::adapters {

struct Signer {
  std::string name;      // "Anna Berger"
  std::string role;      // "Head of Logistics"
  std::string email;     // the letter's sender
  std::string reply_to;  // where an answer goes; empty: to `email`
};

// By the key that policies use ("anna").
using Signers = std::map<std::string, Signer, std::less<>>;

}  // namespace kulanz::adapters
