// Reads incidents.yaml: the declared incident types.
//
// Thread-safe.
#pragma once

#include <vector>

#include "service/policy/fields.h"
#include "service/policy/incident_type.h"
#include "service/policy/yaml_tree.h"

namespace kulanz::policy {

// The types that could be read, by name; problems go to the context's sink.
std::vector<IncidentType> ReadIncidentTypes(const FileContext& context, const Node& root);

// Reports when `root` does not begin with `kulanz: v1`.
void CheckVersion(const FileContext& context, const class Fields& fields);

}  // namespace kulanz::policy
