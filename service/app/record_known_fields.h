// KnownFields: does a stored message say only what this version of it can?
//
// A record is read into a domain value and written anew from that, so a server would silently drop what a newer one had
// added. It therefore takes no record with a field that it does not know, at any depth: that is UNAVAILABLE, and the
// caller's next attempt may find a newer server. The rule of upgrades (ARCHITECTURE.md) makes that rare.
//
// Reads the encoded form alone, once through. Thread-safety: constant.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "service/base/status.h"

namespace google::protobuf {
class Descriptor;
namespace io {
class CodedInputStream;
}
}  // namespace google::protobuf

namespace kulanz::app {

class KnownFields {
 public:
  // Of a message type and all types in it.
  explicit KnownFields(const google::protobuf::Descriptor& type);

  // UNAVAILABLE / RECORD_NEWER, with a retry delay. Of what is no message at all nothing is said: parsing tells.
  Status Check(std::string_view encoded) const;

 private:
  // By field number: kNone, kPlain, or the index of the type of a message.
  using Type = std::vector<std::int16_t>;
  static constexpr std::int16_t kNone = -2;
  static constexpr std::int16_t kPlain = -1;

  std::int16_t Add(const google::protobuf::Descriptor& type,
                   std::map<const google::protobuf::Descriptor*, std::int16_t>& added);
  bool Knows(const Type& type, google::protobuf::io::CodedInputStream& in) const;

  std::vector<Type> types_;  // the message's own first
};

// Whether a record was not taken because of that: a server of another version can read it, nobody has to mend it.
bool IsOfANewerServer(const Status& status);

// For a generated message class.
template <typename Message>
Status CheckFieldsAreKnown(std::string_view encoded) {
  static const KnownFields known(*Message::descriptor());
  return known.Check(encoded);
}

}  // namespace kulanz::app
