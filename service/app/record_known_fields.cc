#include "service/app/record_known_fields.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <chrono>

namespace kulanz::app {
namespace {

using Wire = google::protobuf::internal::WireFormatLite;

// A server of another version may be the next that is asked.
constexpr std::chrono::milliseconds kOtherServerRetryAfter{200};

}  // namespace

KnownFields::KnownFields(const google::protobuf::Descriptor& type) {
  std::map<const google::protobuf::Descriptor*, std::int16_t> added;
  Add(type, added);
}

std::int16_t KnownFields::Add(const google::protobuf::Descriptor& type,
                              std::map<const google::protobuf::Descriptor*, std::int16_t>& added) {
  const auto index = static_cast<std::int16_t>(types_.size());
  if (const auto [there, is_new] = added.emplace(&type, index); !is_new) {
    return there->second;
  }
  int highest = 0;
  for (int field = 0; field < type.field_count(); ++field) {
    highest = std::max(highest, type.field(field)->number());
  }
  types_.emplace_back(static_cast<std::size_t>(highest) + 1, kNone);
  for (int at = 0; at < type.field_count(); ++at) {
    const google::protobuf::FieldDescriptor& field = *type.field(at);
    const google::protobuf::Descriptor* const inner = field.message_type();
    const std::int16_t known = inner == nullptr ? kPlain : Add(*inner, added);
    types_[static_cast<std::size_t>(index)][static_cast<std::size_t>(field.number())] = known;
  }
  return index;
}

Status KnownFields::Check(std::string_view encoded) const {
  google::protobuf::io::CodedInputStream in(reinterpret_cast<const std::uint8_t*>(encoded.data()),
                                            static_cast<int>(encoded.size()));
  if (Knows(types_.front(), in)) {
    return Status::Ok();
  }
  return Status(Code::kUnavailable, "RECORD_NEWER",
                "a stored record was written by a newer version of the server and says what this "
                "one does "
                "not understand; ask a server of that version")
      .WithRetryAfter(kOtherServerRetryAfter);
}

bool IsOfANewerServer(const Status& status) { return status.reason() == "RECORD_NEWER"; }

bool KnownFields::Knows(const Type& type, google::protobuf::io::CodedInputStream& in) const {
  while (const std::uint32_t tag = in.ReadTag()) {
    const auto number = static_cast<std::size_t>(Wire::GetTagFieldNumber(tag));
    const std::int16_t known = number < type.size() ? type[number] : kNone;
    if (known == kNone) {
      return false;
    }
    if (known == kPlain || Wire::GetTagWireType(tag) != Wire::WIRETYPE_LENGTH_DELIMITED) {
      if (!Wire::SkipField(&in, tag)) {
        return true;
      }
      continue;
    }
    std::uint32_t size = 0;
    if (!in.ReadVarint32(&size)) {
      return true;
    }
    const auto limit = in.PushLimit(static_cast<int>(size));
    if (!Knows(types_[static_cast<std::size_t>(known)], in)) {
      return false;
    }
    in.PopLimit(limit);
  }
  return true;
}

}  // namespace kulanz::app
