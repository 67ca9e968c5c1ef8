#include "service/kulanz/store/record_text.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>

#include <memory>

#include "kulanz/record/v1/breaker.pb.h"
#include "kulanz/record/v1/budget.pb.h"
#include "kulanz/record/v1/events.pb.h"
#include "kulanz/record/v1/pool.pb.h"
#include "kulanz/record/v1/record.pb.h"

namespace kulanz::command {
namespace {

namespace pb = kulanz::record::v1;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr const char* kHidden = "(hidden)";

// Whether a field holds personal data, or text that people wrote.
bool IsPersonal(const FieldDescriptor& field) {
  const std::string& message = field.containing_type()->name();
  if (message == "Customer") {
    return field.name() != "id";
  }
  return field.name() == "reason" && message != "Decision" && message != "ShadowDecision" &&
         message != "Event";
}

void Hide(Message& message) {
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool is_text = field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    const bool is_message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (IsPersonal(*field)) {
      reflection->ClearField(&message, field);
      if (is_text && !field->is_repeated()) {
        reflection->SetString(&message, field, kHidden);
      }
    } else if (is_message && field->is_repeated()) {
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
        Hide(*reflection->MutableRepeatedMessage(&message, field, i));
      }
    } else if (is_message) {
      Hide(*reflection->MutableMessage(&message, field));
    }
  }
}

std::unique_ptr<Message> NewMessage(ports::RecordKind kind) {
  switch (kind) {
    case ports::RecordKind::kClaim:
      return std::make_unique<pb::Claim>();
    case ports::RecordKind::kProfile:
      return std::make_unique<pb::Customer>();
    case ports::RecordKind::kHistory:
      return std::make_unique<pb::History>();
    case ports::RecordKind::kDecision:
      return std::make_unique<pb::Decision>();
    case ports::RecordKind::kVoucher:
      return std::make_unique<pb::Voucher>();
    case ports::RecordKind::kApology:
      return std::make_unique<pb::Apology>();
    case ports::RecordKind::kBudget:
      return std::make_unique<pb::Budget>();
    case ports::RecordKind::kEvents:
      return std::make_unique<pb::Events>();
    case ports::RecordKind::kPool:
      return std::make_unique<pb::Pool>();
    case ports::RecordKind::kPoolCode:
      return std::make_unique<pb::PoolCode>();
    case ports::RecordKind::kBreaker:
      return std::make_unique<pb::Breaker>();
    default:
      return nullptr;
  }
}

}  // namespace

Result<std::string> PayloadToJson(ports::RecordKind kind, const std::string& payload,
                                  const RecordTextOptions& options) {
  const std::unique_ptr<Message> message = NewMessage(kind);
  if (message == nullptr) {
    return "{\"bytes\":" + std::to_string(payload.size()) + "}";
  }
  if (!message->ParseFromString(payload)) {
    return Status(Code::kDataLoss, "RECORD_CORRUPT",
                  "is authentic, and not a " + std::string(NameOf(kind)));
  }
  if (!options.show_pii) {
    Hide(*message);
  }
  google::protobuf::util::JsonPrintOptions print;
  print.add_whitespace = options.lines;
  print.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(*message, &json, print).ok()) {
    return Status(Code::kDataLoss, "RECORD_CORRUPT", "holds text that is no UTF-8");
  }
  return json;
}

std::string_view NameOf(ports::RecordKind kind) {
  switch (kind) {
    case ports::RecordKind::kClaim:
      return "claim";
    case ports::RecordKind::kProfile:
      return "customer";
    case ports::RecordKind::kHistory:
      return "history";
    case ports::RecordKind::kDecision:
      return "decision";
    case ports::RecordKind::kVoucher:
      return "voucher";
    case ports::RecordKind::kApology:
      return "letter";
    case ports::RecordKind::kDecisionIndex:
      return "decision index";
    case ports::RecordKind::kBudget:
      return "budget";
    case ports::RecordKind::kLeaseCounter:
      return "lease counter";
    case ports::RecordKind::kEvents:
      return "events";
    case ports::RecordKind::kOutbox:
      return "outbox";
    case ports::RecordKind::kDeadLetters:
      return "list of dead letters";
    case ports::RecordKind::kDeadEvents:
      return "list of dead events";
    case ports::RecordKind::kAgenda:
      return "agenda";
    case ports::RecordKind::kExpiry:
      return "agenda of expiries";
    case ports::RecordKind::kLiability:
      return "liability";
    case ports::RecordKind::kLiabilityIndex:
      return "currencies of the liability";
    case ports::RecordKind::kPool:
      return "pool";
    case ports::RecordKind::kPoolCode:
      return "pool code";
    case ports::RecordKind::kPoolShelf:
      return "pool shelf";
    case ports::RecordKind::kPoolTransit:
      return "pool transit";
    case ports::RecordKind::kBreaker:
      return "breaker";
    case ports::RecordKind::kHeld:
      return "list of held cases";
    case ports::RecordKind::kBreakerIndex:
      return "list of breakers";
    default:
      return "record of another version";
  }
}

}  // namespace kulanz::command
