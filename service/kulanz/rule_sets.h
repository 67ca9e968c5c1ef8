// Where policy sets and their tests are among the folders and files that a user names.
//
// Thread-safe; what cannot be read is as if it were not there.
#pragma once

#include <string>
#include <vector>

namespace kulanz::command {

// The folder of the policy set that a file belongs to: the nearest one above it with an incidents.yaml;
// its own folder when there is none.
std::string SetOf(const std::string& file);
// Whether the folder is a policy set.
bool IsSet(const std::string& folder);

// The policy sets among `folder` and the folders below it, sorted; `folder` alone when there is none.
std::vector<std::string> SetsBelow(const std::string& folder);
// The files *_test.yaml of a policy set, sorted; not those of another set within it.
std::vector<std::string> TestFilesOf(const std::string& set);

}  // namespace kulanz::command
