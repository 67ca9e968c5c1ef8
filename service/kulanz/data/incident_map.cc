#include "service/kulanz/data/incident_map.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>

#include "service/base/crypto.h"
#include "service/policy/fields.h"
#include "service/policy/yaml_reader.h"

namespace kulanz::command {
namespace {

using policy::Node;

constexpr std::array<std::string_view, 8> kParts = {"incident_id", "customer_id",    "type",
                                                    "occurred_at", "order_id",       "order_total",
                                                    "currency",    "order_placed_at"};

bool IsPart(std::string_view name) {
  return std::find(kParts.begin(), kParts.end(), name) != kParts.end();
}

// Ids of what can be wrong with a map besides what strict YAML and unknown keys are refused with.
constexpr std::string_view kUnknownColumn = "unknown-column";
constexpr std::string_view kUnknownTextType = "unknown-text-type";
constexpr std::size_t kMapKeysMax = 100;

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    return Status(Code::kNotFound, "FILE", "cannot open " + path);
  }
  std::ostringstream content;
  content << file.rdbuf();
  return std::move(content).str();
}

}  // namespace

// Fills a map from YAML, read as strictly as a policy; problems go to the context's sink.
class IncidentMap::Reader {
 public:
  Reader(const policy::FileContext& context, const CsvFile& csv, IncidentMap& map)
      : context_(context), csv_(csv), map_(map) {}

  void ReadRoot(const Node& root) {
    const policy::Fields fields(context_, root, "a map",
                                {{"incident_id"},
                                 {"customer_id"},
                                 {"type"},
                                 {"occurred_at"},
                                 {"order_id"},
                                 {"order_total"},
                                 {"currency"},
                                 {"order_placed_at"},
                                 {"skip_without"},
                                 {"attributes"}});
    for (const std::string_view part : kParts) {
      if (const Node* node = fields.Find(part)) {
        map_.parts_[std::string(part)] = ReadSource(*node);
      }
    }
    if (const Node* node = fields.Find("skip_without")) {
      for (const Node& name : policy::Items(context_, *node, "'skip_without'", kMapKeysMax)) {
        if (const auto column = Column(name)) {
          map_.skip_without_.push_back(*column);
        }
      }
    }
    if (const Node* node = fields.Find("attributes")) {
      map_.attributes_.clear();
      for (const Node::Entry& attribute : node->entries) {
        map_.attributes_[attribute.key.text] = ReadSource(attribute.value);
      }
    }
  }

 private:
  std::optional<std::size_t> Column(const Node& name) const {
    const std::optional<std::size_t> column = csv_.ColumnIndex(name.text);
    if (!column) {
      context_.Error(name, kUnknownColumn, csv_.name() + " has no column '" + name.text + "'");
    }
    return column;
  }

  Source ReadSource(const Node& node) const {
    const policy::Fields fields(context_, node, "a source", {{"column"}, {"value"}, {"type"}});
    Source source;
    if (const Node* column = fields.Find("column")) {
      source.column = Column(*column);
    }
    if (const Node* value = fields.Find("value")) {
      source.value = value->text;
    }
    if (const Node* type = fields.Find("type")) {
      if (const auto known = ParseTextType(type->text)) {
        source.type = *known;
      } else {
        context_.Error(*type, kUnknownTextType, "'" + type->text + "' is no type of a column",
                       "one of: auto, bool, int, decimal, money, string, timestamp, date, seconds, "
                       "list");
      }
    }
    return source;
  }

  const policy::FileContext& context_;
  const CsvFile& csv_;
  IncidentMap& map_;
};

Result<IncidentMap> IncidentMap::Make(const std::string& path, const CsvFile& csv) {
  IncidentMap map;
  for (std::size_t i = 0; i < csv.columns().size(); ++i) {
    const std::string& name = csv.columns()[i];
    (IsPart(name) ? map.parts_ : map.attributes_)[name] = Source{i, "", TextType::kAuto};
  }
  std::string text;
  if (!path.empty()) {
    KULANZ_ASSIGN_OR_RETURN(text, ReadFile(path));
    const policy::SourceFile file(path, text);
    policy::DiagnosticSink sink;
    const policy::FileContext context{file, sink};
    if (const std::optional<Node> root = policy::ReadYaml(file, sink)) {
      Reader(context, csv, map).ReadRoot(*root);
    }
    if (sink.has_errors()) {
      return Status(Code::kInvalidArgument, "MAP", "\n" + policy::Render(sink.Take()));
    }
  }
  map.digest_ = ToHex(AsView(Sha256(text)));
  for (const char* required : {"incident_id", "customer_id", "type", "occurred_at"}) {
    if (!map.parts_.contains(required)) {
      return Status(Code::kInvalidArgument, "MAP",
                    (path.empty() ? csv.name() : path) + ": nothing says what the " + required +
                        " is: name a column or a value for it with --map");
    }
  }
  return map;
}

Result<std::optional<Incident>> IncidentMap::Read(const std::vector<std::string>& row) const {
  for (const std::size_t column : skip_without_) {
    if (row[column].empty()) {
      return std::optional<Incident>();
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
  Incident incident;
  incident.id = IncidentId(part("incident_id"));
  incident.customer = CustomerId(part("customer_id"));
  incident.type = part("type");
  const std::optional<Instant> occurred_at = ParseInstant(part("occurred_at"));
  if (!occurred_at) {
    return bad("occurred_at");
  }
  incident.occurred_at = *occurred_at;
  if (!part("order_id").empty()) {
    Order& order = incident.order.emplace();
    order.id = OrderId(part("order_id"));
    if (!part("order_total").empty()) {
      order.total = ParseAmount(part("order_total"), part("currency"));
      if (!order.total) {
        return bad("order_total");
      }
    }
    if (!part("order_placed_at").empty()) {
      order.placed_at = ParseInstant(part("order_placed_at"));
      if (!order.placed_at) {
        return bad("order_placed_at");
      }
    }
  }
  for (const auto& [name, source] : attributes_) {
    const std::string& text = source.Of(row);
    if (text.empty()) {
      continue;
    }
    std::optional<AttributeValue> value = ParseAttribute(text, source.type);
    if (!value) {
      return bad(name);
    }
    incident.attributes.emplace(name, *std::move(value));
  }
  return std::optional<Incident>(std::move(incident));
}

}  // namespace kulanz::command
