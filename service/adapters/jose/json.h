// JSON of tokens and key sets, by jansson: parsed strictly, and released by itself.
#pragma once

#include <jansson.h>

#include <memory>
#include <string_view>

namespace kulanz::jose {

struct JsonRelease {
  void operator()(json_t* json) const { json_decref(json); }
};
using Json = std::unique_ptr<json_t, JsonRelease>;

// An object; null for everything else, also where a key stands twice: one reader would see the first and
// another the last.
inline Json ParseObject(std::string_view text) {
  Json json(json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, nullptr));
  return json != nullptr && json_is_object(json.get()) ? std::move(json) : nullptr;
}

// The text of a member; empty when there is none or it is no text. Lives as long as the object.
inline std::string_view TextOf(const json_t& object, const char* key) {
  const json_t* const value = json_object_get(&object, key);
  return json_is_string(value)
             ? std::string_view(json_string_value(value), json_string_length(value))
             : std::string_view();
}

}  // namespace kulanz::jose
