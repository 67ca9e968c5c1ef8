#include "service/kulanz/data/incident_map.h"

#include <algorithm>
#include <array>
#include <utility>

#include "service/policy/fields.h"
#include "service/policy/incident_type.h"
#include "service/policy/scalars.h"
#include "service/policy/suggest.h"

namespace kulanz::command {
namespace {

using policy::Node;

constexpr std::array<std::string_view, 11> kIncidentParts = {
    "incident_id", "customer_id", "type",        "occurred_at", "reported_at",    "revision",
    "reporter",    "order_id",    "order_total", "currency",    "order_placed_at"};
constexpr std::array<std::string_view, 4> kRequired = {"incident_id", "customer_id", "type",
                                                       "occurred_at"};

bool IsIncidentPart(std::string_view name) {
  return std::find(kIncidentParts.begin(), kIncidentParts.end(), name) != kIncidentParts.end();
}

constexpr std::string_view kUnknownAttribute = "unknown-attribute";
constexpr std::size_t kMapItemsMax = 100;

// What a formula for the part must come to.
cel::Type FormulaType(std::string_view part) {
  if (part == "occurred_at" || part == "reported_at" || part == "order_placed_at") {
    return cel::Type::Timestamp();
  }
  if (part == "order_total") {
    return cel::Type::Money();
  }
  return part == "revision" ? cel::Type::Int() : cel::Type::String();
}

}  // namespace

// Fills a map from YAML, read as strictly as a policy; problems go to the context's sink.
class IncidentMap::Reader {
 public:
  Reader(const policy::FileContext& context, const SourceReader& sources, IncidentMap& map)
      : context_(context), sources_(sources), map_(map) {}

  void ReadRoot(const Node& root) {
    const policy::Fields fields(
        context_, root, "a map",
        {{"incident_id"},     {"customer_id"}, {"type"},       {"occurred_at"}, {"reported_at"},
         {"revision"},        {"reporter"},    {"order_id"},   {"order_total"}, {"currency"},
         {"order_placed_at"}, {"separator"},   {"zone"},       {"times"},       {"decimal_comma"},
         {"skip_without"},    {"skip_when"},   {"attributes"}, {"customer"},    {"customers"}});
    for (const std::string_view part : kIncidentParts) {
      if (const Node* node = fields.Find(part)) {
        map_.parts_.insert_or_assign(std::string(part), sources_.Read(*node, FormulaType(part)));
      }
    }
    if (const Node* node = fields.Find("skip_without")) {
      for (const Node& name : policy::Items(context_, *node, "'skip_without'", kMapItemsMax)) {
        if (const auto column = sources_.Column(name)) {
          map_.skip_without_.push_back(*column);
        }
      }
    }
    if (const Node* node = fields.Find("skip_when")) {
      for (const Node& condition : policy::Items(context_, *node, "'skip_when'", kMapItemsMax)) {
        if (auto formula = sources_.Condition(condition)) {
          map_.skip_when_.push_back(std::move(formula));
        }
      }
    }
    if (const Node* node = fields.Find("attributes")) {
      ReadAttributes(*node);
    }
    if (const Node* node = fields.Find("customer")) {
      map_.customer_ = CustomerMap::Of(context_, *node, sources_);
    }
  }

 private:
  void ReadAttributes(const Node& node) {
    map_.attributes_.clear();
    if (!node.is_map() && !node.is_null()) {
      context_.Error(node, "wrong-shape", "'attributes' needs a mapping (name: source)");
    }
    for (const Node::Entry& attribute : node.entries) {
      CheckDeclared(attribute.key);
      map_.attributes_.insert_or_assign(attribute.key.text, sources_.Read(attribute.value));
    }
  }

  // An attribute that no incident type declares would be sent in vain.
  void CheckDeclared(const Node& name) const {
    if (map_.policies_ == nullptr) {
      return;
    }
    std::vector<std::string_view> known;
    for (const std::string_view type : map_.policies_->IncidentTypeNames()) {
      for (const policy::AttributeSpec& spec : map_.policies_->FindIncidentType(type)->attributes) {
        known.push_back(spec.name);
      }
    }
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    if (!std::binary_search(known.begin(), known.end(), std::string_view(name.text))) {
      context_.Error(name, kUnknownAttribute,
                     "no incident type declares an attribute '" + name.text + "'",
                     policy::DidYouMean(name.text, known, "declared are"));
    }
  }

  const policy::FileContext& context_;
  const SourceReader& sources_;
  IncidentMap& map_;
};

Result<IncidentMap> IncidentMap::Make(const MapFile& file, const DataTable& table,
                                      const policy::PolicySet* policies) {
  IncidentMap map;
  map.policies_ = policies;
  policy::DiagnosticSink sink;
  const policy::FileContext context{file.file(), sink};
  const MapDefaults defaults = ReadDefaults(context, file.root());
  const SourceReader sources(context, table, defaults);
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    const std::string& name = table.columns()[i];
    (IsIncidentPart(name) ? map.parts_ : map.attributes_)[name] = sources.Plain(i);
  }
  if (file.root() != nullptr) {
    Reader(context, sources, map).ReadRoot(*file.root());
  }
  if (sink.has_errors()) {
    return Status(Code::kInvalidArgument, "MAP", "\n" + policy::Render(sink.Take()));
  }
  for (const std::string_view required : kRequired) {
    if (!map.parts_.contains(required)) {
      return Status(Code::kInvalidArgument, "MAP",
                    (file.path().empty() ? table.name() : file.path()) +
                        ": nothing says what the " + std::string(required) +
                        " is: name a column, a value or a formula for it with --map");
    }
  }
  return map;
}

const Source* IncidentMap::Part(std::string_view name) const {
  const auto found = parts_.find(name);
  return found == parts_.end() ? nullptr : &found->second;
}

// Reads one row, noting everything that is wrong with it.
class IncidentMap::RowReader {
 public:
  RowReader(const IncidentMap& map, const DataRow& row, MappedRow& out)
      : map_(map), row_(row), out_(out) {}

  void Read() {
    Incident& incident = out_.incident;
    std::string id = Text("incident_id");
    std::string customer = Text("customer_id");
    NoteId("incident_id", id);
    NoteId("customer_id", customer);
    incident.id = IncidentId(std::move(id));
    incident.customer = CustomerId(std::move(customer));
    incident.type = Text("type");
    const std::optional<Instant> occurred_at = Time("occurred_at");
    if (!occurred_at && problem_.empty()) {
      Note("occurred_at", "is empty");
    }
    incident.occurred_at = occurred_at.value_or(Instant{});
    out_.reported_at = Time("reported_at").value_or(incident.occurred_at);
    ReadRevision();
    ReadReporter();
    ReadOrder();
    ReadAttributes();
    if (!problem_.empty()) {
      out_.kind = MappedRow::Kind::kRejected;
      out_.problem = std::move(problem_);
    }
  }

 private:
  void Note(std::string_view name, const std::string& what) {
    problem_ += (problem_.empty() ? "" : "; ") + std::string(name) + ": " + what;
  }
  void NoteId(std::string_view name, std::string_view id) {
    if (const std::string wrong = IdProblem(name, id); !wrong.empty()) {
      problem_ += (problem_.empty() ? "" : "; ") + wrong;
    }
  }

  std::string Text(std::string_view name) {
    const Source* const source = map_.Part(name);
    std::string problem;
    std::string text = source == nullptr ? "" : source->Text(row_, problem);
    if (!problem.empty()) {
      Note(name, problem);
    }
    return text;
  }

  std::optional<Instant> Time(std::string_view name) {
    const Source* const source = map_.Part(name);
    if (source == nullptr) {
      return std::nullopt;
    }
    std::string problem;
    if (source->formula != nullptr) {
      const std::optional<AttributeValue> value = source->formula->Evaluate(row_, problem);
      if (!problem.empty()) {
        Note(name, problem);
      }
      return value ? std::optional(std::get<Instant>(*value)) : std::nullopt;
    }
    const std::string text = source->Text(row_, problem);
    const std::optional<TimeZone>& zone = source->format.zone;
    const std::optional<Instant> instant =
        text.empty() ? std::nullopt
                     : source->format.time.ReadInstant(text, zone ? &*zone : nullptr);
    if (!problem.empty()) {
      Note(name, problem);
    } else if (!text.empty() && !instant) {
      Note(name, Shown(text) + " is not a time with its zone");
    }
    return instant;
  }

  void ReadRevision() {
    const std::string text = Text("revision");
    const std::optional<std::int64_t> revision = ParseInteger(text);
    if (revision && *revision >= 0 && *revision <= UINT32_MAX) {
      out_.incident.revision = static_cast<std::uint32_t>(*revision);
    } else if (!text.empty()) {
      Note("revision", Shown(text) + " is not a whole number from 0");
    }
  }

  void ReadReporter() {
    const std::string text = Text("reporter");
    if (text.empty()) {
      return;
    }
    const auto* const found =
        std::find(policy::kReporterNames.begin(), policy::kReporterNames.end(), text);
    if (found == policy::kReporterNames.end()) {
      Note("reporter", Shown(text) + " is not system, agent or customer");
      return;
    }
    out_.incident.reporter = static_cast<Reporter>(found - policy::kReporterNames.begin());
  }

  void ReadOrder() {
    Order order;
    order.id = OrderId(Text("order_id"));
    order.placed_at = Time("order_placed_at");
    order.total = Total();
    if (!order.id.empty() || order.placed_at || order.total) {
      if (!order.id.empty()) {
        NoteId("order_id", order.id.text());
      }
      out_.incident.order = std::move(order);
    }
  }

  std::optional<Money> Total() {
    const Source* const source = map_.Part("order_total");
    const std::string text = Text("order_total");
    if (text.empty()) {
      return std::nullopt;
    }
    const std::size_t space = text.rfind(' ');
    const std::string currency =
        source->format.currency ? std::string(source->format.currency->code()) : Text("currency");
    const bool comma = source->format.decimal_comma && source->formula == nullptr;
    const std::optional<Money> total =
        space == std::string::npos
            ? ParseAmount(text, currency, comma)
            : ParseAmount(text.substr(0, space), text.substr(space + 1), comma);
    if (!total) {
      Note("order_total", Shown(text) + " is not an amount in " +
                              (currency.empty() ? "a known currency" : Shown(currency)));
    }
    return total;
  }

  void ReadAttributes() {
    const policy::IncidentType* const type =
        map_.policies_ == nullptr ? nullptr : map_.policies_->FindIncidentType(out_.incident.type);
    for (const auto& [name, source] : map_.attributes_) {
      const policy::AttributeSpec* const spec = type == nullptr ? nullptr : type->Find(name);
      if (type != nullptr && spec == nullptr) {
        continue;  // Another type's, or a column that no policy reads.
      }
      std::string problem;
      std::optional<AttributeValue> value = source.Value(row_, spec, problem);
      if (!problem.empty()) {
        Note(name, problem);
      } else if (value) {
        out_.incident.attributes.emplace_hint(out_.incident.attributes.end(), name,
                                              *std::move(value));
      }
    }
  }

  const IncidentMap& map_;
  const DataRow& row_;
  MappedRow& out_;
  std::string problem_;
};

void IncidentMap::Read(const DataRow& row, MappedRow& out) const {
  out = MappedRow{};
  for (const std::size_t column : skip_without_) {
    if (row.fields[column].empty()) {
      out.kind = MappedRow::Kind::kSkipped;
      return;
    }
  }
  for (const auto& condition : skip_when_) {
    std::string problem;
    const std::optional<AttributeValue> value = condition->Evaluate(row, problem);
    if (!value) {
      out.kind = MappedRow::Kind::kRejected;
      out.problem = "skip_when: " + problem;
      return;
    }
    if (std::get<bool>(*value)) {
      out.kind = MappedRow::Kind::kSkipped;
      return;
    }
  }
  RowReader(*this, row, out).Read();
}

}  // namespace kulanz::command
