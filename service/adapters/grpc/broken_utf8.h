// Which strings of a message that protobuf refused are not UTF-8.
//
// proto3 refuses a message with a broken string as a whole and does not say which it was. So the bytes
// are read once more under the same schema with proto2's rules, which do not look into strings, and the
// strings are walked. Slow and only for requests that are refused anyway. Thread-safe.
#pragma once

#include <google/protobuf/descriptor.h>

#include <string_view>

#include "service/base/status.h"

namespace kulanz::rpc {

// `bytes` did not parse as `type`. At least one violation: the strings that are not UTF-8, or that the
// bytes are no such message (field "").
Violations ExplainUnparsable(const google::protobuf::Descriptor& type, std::string_view bytes);

}  // namespace kulanz::rpc
