#include "service/kulanz/replay_map.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

#include "service/base/crypto.h"

namespace kulanz::command {
namespace {

constexpr std::array<std::string_view, 8> kParts = {"incident_id", "customer_id",    "type",
                                                    "occurred_at", "order_id",       "order_total",
                                                    "currency",    "order_placed_at"};

bool IsPart(std::string_view name) {
  return std::find(kParts.begin(), kParts.end(), name) != kParts.end();
}

Status MapError(const std::string& path, const std::string& what) {
  return Status(Code::kInvalidArgument, "MAP", path + ": " + what);
}

}  // namespace

// Fills a map from YAML; yaml-cpp throws, and nothing of that leaves Make().
class ReplayMap::Reader {
 public:
  Reader(const CsvFile& csv, ReplayMap& map) : csv_(csv), map_(map) {}

  // Empty, or what is wrong.
  std::string ReadRoot(const YAML::Node& root) {
    if (!root.IsMap()) {
      return "is no YAML mapping";
    }
    for (const auto& entry : root) {
      const auto key = entry.first.as<std::string>();
      if (key == "skip_without") {
        for (const YAML::Node& name : entry.second) {
          const std::optional<std::size_t> column = csv_.ColumnIndex(name.as<std::string>());
          if (!column) {
            return NoColumn(name.as<std::string>());
          }
          map_.skip_without_.push_back(*column);
        }
      } else if (key == "attributes") {
        map_.attributes_.clear();
        for (const auto& attribute : entry.second) {
          const auto name = attribute.first.as<std::string>();
          if (std::string problem = ReadSource(attribute.second, map_.attributes_[name]);
              !problem.empty()) {
            return "attributes." + name + " " + problem;
          }
        }
      } else if (IsPart(key)) {
        if (std::string problem = ReadSource(entry.second, map_.parts_[key]); !problem.empty()) {
          return key + " " + problem;
        }
      } else {
        return "'" + key + "' is not a key of a map";
      }
    }
    return "";
  }

 private:
  std::string NoColumn(const std::string& name) const {
    return "names the column '" + name + "', which " + csv_.name() + " does not have";
  }

  std::string ReadSource(const YAML::Node& node, Source& source) const {
    if (!node.IsMap()) {
      return "must be {column: NAME} or {value: TEXT}, with type: TYPE if need be";
    }
    source = Source{};
    for (const auto& entry : node) {
      const auto key = entry.first.as<std::string>();
      const auto text = entry.second.as<std::string>();
      if (key == "column") {
        source.column = csv_.ColumnIndex(text);
        if (!source.column) {
          return NoColumn(text);
        }
      } else if (key == "value") {
        source.value = text;
      } else if (key == "type" && ParseTextType(text)) {
        source.type = *ParseTextType(text);
      } else {
        return "has the unknown key or type '" + key + ": " + text + "'";
      }
    }
    return "";
  }

  const CsvFile& csv_;
  ReplayMap& map_;
};

Result<ReplayMap> ReplayMap::Make(const std::string& path, const CsvFile& csv) {
  ReplayMap map;
  for (std::size_t i = 0; i < csv.columns().size(); ++i) {
    const std::string& name = csv.columns()[i];
    (IsPart(name) ? map.parts_ : map.attributes_)[name] = Source{i, "", TextType::kAuto};
  }
  std::string text;
  if (!path.empty()) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
      return Status(Code::kNotFound, "FILE", "cannot open " + path);
    }
    std::ostringstream content;
    content << file.rdbuf();
    text = content.str();
    std::string problem;
    try {
      Reader reader(csv, map);
      problem = reader.ReadRoot(YAML::Load(text));
    } catch (const YAML::Exception& exception) {
      problem = exception.what();
    }
    if (!problem.empty()) {
      return MapError(path, problem);
    }
  }
  map.digest_ = ToHex(AsView(Sha256(text)));
  for (const char* required : {"incident_id", "customer_id", "type", "occurred_at"}) {
    if (!map.parts_.contains(required)) {
      return MapError(path.empty() ? csv.name() : path,
                      std::string("nothing says what the ") + required +
                          " is: name a column or a value for it with --map");
    }
  }
  return map;
}

Result<std::optional<v1::Incident>> ReplayMap::Read(const std::vector<std::string>& row) const {
  for (const std::size_t column : skip_without_) {
    if (row[column].empty()) {
      return std::optional<v1::Incident>();
    }
  }
  const auto part = [&](const char* name) -> const std::string& {
    static const std::string kNone;
    const auto found = parts_.find(name);
    return found == parts_.end() ? kNone : found->second.Of(row);
  };
  const auto bad = [](std::string_view name) {
    return Status(Code::kInvalidArgument, "ROW", std::string(name) + " has no value of its type");
  };
  v1::Incident incident;
  incident.set_incident_id(part("incident_id"));
  incident.set_customer_id(part("customer_id"));
  incident.set_type(part("type"));
  if (!SetTimestamp(part("occurred_at"), *incident.mutable_occurred_at())) {
    return bad("occurred_at");
  }
  if (!part("order_id").empty()) {
    v1::Order& order = *incident.mutable_order();
    order.set_order_id(part("order_id"));
    if (!part("order_total").empty() &&
        !SetMoney(part("order_total"), part("currency"), *order.mutable_total())) {
      return bad("order_total");
    }
    if (!part("order_placed_at").empty() &&
        !SetTimestamp(part("order_placed_at"), *order.mutable_placed_at())) {
      return bad("order_placed_at");
    }
  }
  for (const auto& [name, source] : attributes_) {
    const std::string& text = source.Of(row);
    if (!text.empty() && !SetAttribute(text, source.type, (*incident.mutable_attributes())[name])) {
      return bad(name);
    }
  }
  return std::optional<v1::Incident>(std::move(incident));
}

}  // namespace kulanz::command
