#include "tests/conformance/suite.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "service/cel/map.h"

namespace kulanz::conformance {
namespace {

namespace fs = std::filesystem;
using cel::Kind;
using cel::Type;
using cel::Value;

std::optional<Suite> LoadSuite(const fs::path& path, std::string& error) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  std::optional<Json> json = file ? ParseJson(content.str()) : std::nullopt;
  if (!json) {
    error = path.string() + ": not a readable JSON file";
    return std::nullopt;
  }
  return Suite{path.stem().string(), *std::move(json)};
}

template <typename Number>
Number NumberOf(const Json& json) {
  Number number{};
  std::from_chars(json.text.data(), json.text.data() + json.text.size(), number);
  return number;
}

double DoubleOf(const Json& json) {
  if (json.text == "NaN") {
    return std::nan("");
  }
  if (json.text == "Infinity" || json.text == "-Infinity") {
    return json.text.front() == '-' ? -HUGE_VAL : HUGE_VAL;
  }
  return NumberOf<double>(json);
}

std::string FromBase64(std::string_view text) {
  static constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const std::size_t digit = kDigits.find(c);
    if (digit == std::string_view::npos) {
      break;
    }
    bits = (bits << 6U) | static_cast<unsigned>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(static_cast<unsigned char>((bits >> count) & 0xFFU));
    }
  }
  return bytes;
}

std::string_view Keep(std::string_view text, cel::Arena& arena) {
  char* const copy = arena.AllocateArray<char>(text.size());
  std::copy(text.begin(), text.end(), copy);
  return {copy, text.size()};
}

std::optional<Value> ListOf(const Json& json, cel::Arena& arena) {
  Value* const items = arena.AllocateArray<Value>(json.items.size());
  for (std::size_t i = 0; i < json.items.size(); ++i) {
    const std::optional<Value> item = ValueOf(json.items[i], arena);
    if (!item) {
      return std::nullopt;
    }
    items[i] = *item;
  }
  return Value::List({items, json.items.size()});
}

std::optional<Value> MapOf(const Json& json, cel::Arena& arena) {
  auto* const entries = arena.AllocateArray<cel::MapEntry>(json.items.size());
  for (std::size_t i = 0; i < json.items.size(); ++i) {
    const std::optional<Value> key = ValueOf(json.items[i].items[0], arena);
    const std::optional<Value> value = ValueOf(json.items[i].items[1], arena);
    if (!key || !value) {
      return std::nullopt;
    }
    entries[i] = {*key, *value};
  }
  return cel::MakeMap({entries, json.items.size()});
}

}  // namespace

std::vector<const Json*> Suite::tests() const {
  std::vector<const Json*> all;
  for (const Json& test : json["tests"].items) {
    all.push_back(&test);
  }
  for (const Json& section : json["sections"].items) {
    for (const Json& test : section["tests"].items) {
      all.push_back(&test);
    }
  }
  return all;
}

std::optional<std::vector<Suite>> LoadSuites(const std::string& path, std::string& error) {
  std::vector<fs::path> files;
  std::error_code code;
  if (fs::is_directory(path, code)) {
    for (const auto& entry : fs::directory_iterator(path)) {
      if (entry.path().extension() == ".json" && entry.path().stem() != "index") {
        files.push_back(entry.path());
      }
    }
  } else if (fs::exists(path, code)) {
    files.emplace_back(path);
  }
  if (files.empty()) {
    error = path + ": no conformance files here";
    return std::nullopt;
  }
  std::sort(files.begin(), files.end());
  std::vector<Suite> suites;
  for (const fs::path& file : files) {
    std::optional<Suite> suite = LoadSuite(file, error);
    if (!suite) {
      return std::nullopt;
    }
    suites.push_back(*std::move(suite));
  }
  return suites;
}

std::optional<Type> TypeOf(const Json& json) {
  if (json.is_string()) {
    const std::pair<std::string_view, Type> simple[] = {
        {"int", Type::Int()},           {"uint", Type::Uint()},
        {"double", Type::Double()},     {"bool", Type::Bool()},
        {"string", Type::String()},     {"bytes", Type::Bytes()},
        {"null_type", Type::Null()},    {"timestamp", Type::Timestamp()},
        {"duration", Type::Duration()}, {"dyn", Type::Dyn()},
        {"type", Type::AnyType()}};
    for (const auto& [name, type] : simple) {
      if (json.text == name) {
        return type;
      }
    }
    return std::nullopt;
  }
  if (!json.is_array() || json.items.size() < 2) {
    return std::nullopt;
  }
  const std::string& constructor = json.items[0].text;
  if (constructor == "param") {
    return Type::Param(json.items[1].text);
  }
  std::vector<Type> parameters;
  for (std::size_t i = constructor == "abstract" ? 2 : 1; i < json.items.size(); ++i) {
    std::optional<Type> parameter = TypeOf(json.items[i]);
    if (!parameter) {
      return std::nullopt;
    }
    parameters.push_back(*std::move(parameter));
  }
  if (constructor == "list") {
    return Type::List(parameters[0]);
  }
  if (constructor == "map" && parameters.size() == 2) {
    return Type::Map(parameters[0], parameters[1]);
  }
  if (constructor == "type") {
    return Type::TypeOf(parameters[0]);
  }
  if (constructor == "abstract") {
    return json.items[1].text == "optional_type" ? Type::Optional(parameters[0])
                                                 : Type::Abstract(json.items[1].text, parameters);
  }
  return std::nullopt;
}

std::optional<Value> ValueOf(const Json& json, cel::Arena& arena) {
  if (json.fields.size() != 1) {
    return std::nullopt;
  }
  const auto& [kind, content] = *json.fields.begin();
  if (kind == "null") {
    return Value::Null();
  }
  if (kind == "bool") {
    return Value::Bool(content.boolean);
  }
  if (kind == "int") {
    return Value::Int(NumberOf<std::int64_t>(content));
  }
  if (kind == "uint") {
    return Value::Uint(NumberOf<std::uint64_t>(content));
  }
  if (kind == "double") {
    return Value::Double(DoubleOf(content));
  }
  if (kind == "string") {
    return Value::String(Keep(content.text, arena));
  }
  if (kind == "bytes") {
    return Value::Bytes(Keep(FromBase64(content.text), arena));
  }
  if (kind == "type") {
    return Value::TypeNamed(Keep(content.text, arena));
  }
  if (kind == "list") {
    return ListOf(content, arena);
  }
  if (kind == "map") {
    return MapOf(content, arena);
  }
  const auto seconds = NumberOf<std::int64_t>(content["seconds"]);
  const auto nanos = NumberOf<std::int32_t>(content["nanos"]);
  if (kind == "timestamp") {
    return Value::Of(cel::Timestamp{seconds, nanos});
  }
  if (kind == "duration") {
    return Value::Of(std::chrono::seconds(seconds) + std::chrono::nanoseconds(nanos));
  }
  return std::nullopt;
}

bool SameValue(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) {
    return false;
  }
  switch (a.kind()) {
    case Kind::kDouble:
      return std::isnan(a.as_double()) ? std::isnan(b.as_double()) : a.as_double() == b.as_double();
    case Kind::kList:
      return std::equal(a.as_list().begin(), a.as_list().end(), b.as_list().begin(),
                        b.as_list().end(), SameValue);
    case Kind::kMap:
      return std::equal(a.as_map().begin(), a.as_map().end(), b.as_map().begin(), b.as_map().end(),
                        [](const cel::MapEntry& x, const cel::MapEntry& y) {
                          return SameValue(x.key, y.key) && SameValue(x.value, y.value);
                        });
    default:
      return cel::Equal(a, b);
  }
}

}  // namespace kulanz::conformance
