// What a newer version adds to a record: a field that no version has yet.
#pragma once

#include <string>
#include <string_view>

#include "service/app/record_codec.h"

namespace kulanz::app {

// Field 4711, a varint, behind whatever else the message has.
inline constexpr std::string_view kNewerField = "\xb8\xa6\x02\x01";

// A stored record as a newer server would have written it.
inline std::string AsOfANewerServer(const RecordCodec& codec, const ports::Key& key,
                                    std::string_view stored) {
  return codec.Seal(key, *codec.Open(key, stored) + std::string(kNewerField));
}

}  // namespace kulanz::app
