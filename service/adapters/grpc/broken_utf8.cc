#include "service/adapters/grpc/broken_utf8.h"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "service/adapters/grpc/field_path.h"
#include "service/adapters/grpc/text.h"
#include "service/base/check.h"

namespace kulanz::rpc {
namespace {

namespace pb = google::protobuf;

// A message nests at most as deep as its schema, except where types contain themselves; ours do not.
constexpr std::size_t kViolationsMax = 64;
constexpr std::string_view kNotUtf8 = "is not UTF-8";

// Turns what proto2 does not know into what it does: explicit presence is its only kind.
void ForgetSyntheticOneofs(pb::DescriptorProto& message) {
  int synthetic = 0;
  for (pb::FieldDescriptorProto& field : *message.mutable_field()) {
    if (field.proto3_optional()) {
      field.clear_proto3_optional();
      field.clear_oneof_index();
      ++synthetic;
    }
  }
  // They stand behind the real ones.
  for (; synthetic > 0; --synthetic) {
    message.mutable_oneof_decl()->RemoveLast();
  }
  for (pb::DescriptorProto& nested : *message.mutable_nested_type()) {
    ForgetSyntheticOneofs(nested);
  }
}

// The schemas of our own types, relabelled as proto2.
class LenientTypes {
 public:
  const pb::Message* Prototype(const pb::Descriptor& type) {
    const std::lock_guard lock(mutex_);
    AddWithImports(*type.file());
    const pb::Descriptor* lenient = pool_.FindMessageTypeByName(type.full_name());
    KULANZ_CHECK(lenient != nullptr, "a generated schema must build as proto2 too");
    return factory_.GetPrototype(lenient);
  }

 private:
  void AddWithImports(const pb::FileDescriptor& file) {
    if (pool_.FindFileByName(file.name()) != nullptr) {
      return;
    }
    for (int i = 0; i < file.dependency_count(); ++i) {
      AddWithImports(*file.dependency(i));
    }
    pb::FileDescriptorProto proto;
    file.CopyTo(&proto);
    proto.set_syntax("proto2");
    for (pb::DescriptorProto& message : *proto.mutable_message_type()) {
      ForgetSyntheticOneofs(message);
    }
    KULANZ_CHECK(pool_.BuildFile(proto) != nullptr, "a generated schema must build as proto2 too");
  }

  std::mutex mutex_;
  pb::DescriptorPool pool_;
  pb::DynamicMessageFactory factory_{&pool_};
};

LenientTypes& TheLenientTypes() {
  static auto& types = *new LenientTypes();  // Never destroyed: threads may still use it at exit.
  return types;
}

class Walker {
 public:
  void Walk(const FieldPath& path, const pb::Message& message) {
    std::vector<const pb::FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const pb::FieldDescriptor* field : fields) {
      const FieldPath here = path.Field(field->name());
      if (field->is_map()) {
        WalkMap(here, message, *field);
      } else if (field->is_repeated()) {
        const int size = message.GetReflection()->FieldSize(message, field);
        for (int i = 0; i < size; ++i) {
          WalkValue(here.Index(static_cast<std::size_t>(i)), message, *field, i);
        }
      } else {
        WalkValue(here, message, *field, -1);
      }
    }
  }
  Violations Take() { return std::move(violations_); }

 private:
  void WalkMap(const FieldPath& path, const pb::Message& message,
               const pb::FieldDescriptor& field) {
    const pb::Reflection& reflection = *message.GetReflection();
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      const pb::Message& entry = reflection.GetRepeatedMessage(message, &field, i);
      const pb::FieldDescriptor* key_field = field.message_type()->map_key();
      const pb::FieldDescriptor* value_field = field.message_type()->map_value();
      const std::string key = entry.GetReflection()->GetString(entry, key_field);
      const FieldPath here = path.Key(key);
      if (!IsUtf8(key)) {
        Violate(here, "has a key that is not UTF-8");
      }
      WalkValue(here, entry, *value_field, -1);
    }
  }

  // One value of a field: `index` of a repeated one, or -1.
  void WalkValue(const FieldPath& path, const pb::Message& message,
                 const pb::FieldDescriptor& field, int index) {
    const pb::Reflection& reflection = *message.GetReflection();
    if (field.type() == pb::FieldDescriptor::TYPE_STRING) {
      std::string scratch;
      const std::string& text =
          index < 0 ? reflection.GetStringReference(message, &field, &scratch)
                    : reflection.GetRepeatedStringReference(message, &field, index, &scratch);
      if (!IsUtf8(text)) {
        Violate(path, std::string(kNotUtf8));
      }
    } else if (field.cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE) {
      Walk(path, index < 0 ? reflection.GetMessage(message, &field)
                           : reflection.GetRepeatedMessage(message, &field, index));
    }
  }

  void Violate(const FieldPath& path, std::string description) {
    if (violations_.size() < kViolationsMax) {
      violations_.push_back({path.Text(), std::move(description)});
    }
  }

  Violations violations_;
};

}  // namespace

Violations ExplainUnparsable(const pb::Descriptor& type, std::string_view bytes) {
  const std::unique_ptr<pb::Message> message(TheLenientTypes().Prototype(type)->New());
  Walker walker;
  if (message->ParsePartialFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    walker.Walk(FieldPath(), *message);
  }
  Violations violations = walker.Take();
  if (violations.empty()) {
    violations.push_back({"", "the bytes are no " + type.full_name()});
  }
  return violations;
}

}  // namespace kulanz::rpc
