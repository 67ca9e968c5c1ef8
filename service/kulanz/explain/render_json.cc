#include "service/domain/time.h"
#include "service/kulanz/explain/render.h"

namespace kulanz::command {
namespace {

void WriteExpressions(std::string_view key, const std::vector<ExpressionStory>& stories,
                      JsonWriter& json) {
  json.Key(key).BeginArray();
  for (const ExpressionStory& story : stories) {
    json.BeginObject()
        .Field("label", story.label)
        .Field("expression", story.text)
        .Field("value", story.value)
        .Field("failed", story.finding == Finding::kError)
        .Key("parts")
        .BeginArray();
    for (const ExpressionPart& part : story.parts) {
      json.BeginObject()
          .Field("depth", part.depth)
          .Field("expression", part.text)
          .Field("value", part.value)
          .EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray();
}

void WriteMoney(std::string_view key, const std::optional<Money>& money, JsonWriter& json) {
  json.Key(key);
  money ? json.Value(money->ToString()) : json.Null();
}

void WriteDecision(const engine::Verdict& verdict, JsonWriter& json) {
  const Decision& decision = verdict.decision;
  json.Key("decision")
      .BeginObject()
      .Field("outcome", OutcomeName(decision.outcome))
      .Field("reason", decision.reason)
      .Field("policy", decision.policy.text())
      .Field("severity", SeverityName(decision.severity));
  WriteMoney("amount", decision.voucher ? std::optional(decision.voucher->amount) : std::nullopt,
             json);
  WriteMoney("proposed", decision.proposed, json);
  WriteMoney("given_before", decision.given_before, json);
  json.Key("valid_until");
  decision.voucher ? json.Value(FormatInstant(decision.voucher->valid_until)) : json.Null();
  json.Key("message");
  decision.delivery ? json.Value(decision.delivery->message) : json.Null();
  json.Key("budget");
  verdict.budget ? json.Value(verdict.budget->name) : json.Null();
  json.Key("shadow").BeginArray();
  for (const ShadowDecision& shadow : decision.shadow) {
    json.BeginObject()
        .Field("policy", shadow.policy.text())
        .Field("outcome", OutcomeName(shadow.outcome))
        .Field("reason", shadow.reason);
    WriteMoney("amount", shadow.amount, json);
    json.EndObject();
  }
  json.EndArray().Field("revision", decision.revision.text()).EndObject();
}

}  // namespace

void WriteAnswer(const Answered& answered, JsonWriter& json) {
  WriteDecision(answered.verdict, json);
  json.Key("policies").BeginArray();
  for (std::size_t i = 0; i < answered.stories.size(); ++i) {
    const engine::PolicyTrace& trace = answered.explanation.policies[i];
    json.BeginObject()
        .Field("policy", trace.policy->id.text())
        .Field("mode", policy::ModeName(trace.policy->mode))
        .Field("step", trace.step.ToString())
        .Field("passed", trace.passed)
        .Field("reason", trace.reason)
        .Field("detail", trace.detail);
    WriteExpressions("variables", answered.stories[i].variables, json);
    WriteExpressions("expressions", answered.stories[i].steps, json);
    json.EndObject();
  }
  json.EndArray();
}

}  // namespace kulanz::command
