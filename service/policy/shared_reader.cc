#include "service/policy/shared_reader.h"

#include "service/policy/diagnostic_ids.h"
#include "service/policy/incident_type_reader.h"
#include "service/policy/scalars.h"

namespace kulanz::policy {

SharedVariables ReadShared(const FileContext& context, const Node& root) {
  const Fields fields(context, root, "a file of shared variables",
                      {{"kulanz", Presence::kRequired},
                       {"shared", Presence::kRequired},
                       {"variables", Presence::kRequired}});
  CheckVersion(context, fields);
  SharedVariables shared{
      .name = {}, .file = &context.file, .span = root.span, .variables = nullptr};
  if (const Node* name = fields.Find("shared")) {
    shared.name = ReadName(context, *name, '-').value_or("");
    shared.span = name->span;
  }
  const Node* variables = fields.Find("variables");
  if (variables != nullptr && !variables->is_map()) {
    context.Error(*variables, diagnostic_id::kWrongShape,
                  "'variables' must be a mapping (name: expression), not " +
                      std::string(ShapeName(*variables)));
  } else {
    shared.variables = variables;
  }
  return shared;
}

}  // namespace kulanz::policy
