#include "service/policy/table_reader.h"

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "service/cel/environment.h"
#include "service/cel/program.h"
#include "service/policy/diagnostic_ids.h"
#include "service/policy/incident_type_reader.h"
#include "service/policy/scalars.h"
#include "service/policy/yaml_offsets.h"

namespace kulanz::policy {
namespace {

using Row = cel::RateTable::Row;

// The mapping's entries when it is one of 1 to `max`; reports when it is not.
const std::vector<Node::Entry>& Entries(const FileContext& context, const Node& node,
                                        const std::string& what, std::size_t max) {
  static const std::vector<Node::Entry> kNone;
  if (!node.is_map()) {
    context.Error(node, diagnostic_id::kWrongShape,
                  what + " must be a mapping, not " + std::string(ShapeName(node)));
    return kNone;
  }
  if (node.entries.empty()) {
    context.Error(node, diagnostic_id::kEmptyValue, what + " is empty");
  } else if (node.entries.size() > max) {
    context.Error(node.entries[max].key, diagnostic_id::kTooManyItems,
                  what + " may have at most " + std::to_string(max) + " entries");
    return kNone;
  }
  return node.entries;
}

void CheckKey(const FileContext& context, const Node& key, const std::string& what) {
  if (!IsName(key.text, '_')) {
    context.Error(
        key, diagnostic_id::kBadName, "'" + key.text + "' is not a name for " + what,
        "a name is a lower-case letter, then lower-case letters, digits and '_', at most " +
            std::to_string(kNameLengthMax));
  }
}

// What all rows of a table have in common: "money in GBP", "decimals", "whole numbers".
std::string KindOf(const cel::Value& rate) {
  switch (rate.kind()) {
    case cel::Kind::kMoney:
      return "money in " + std::string(rate.as_money().currency.code());
    case cel::Kind::kDecimal:
      return "decimals";
    default:
      return "whole numbers";
  }
}

// A rate is an expression of constants alone: gbp(9.76), decimal(0.5), percent(25), 464.
std::optional<cel::Value> ReadRate(const FileContext& context, const Node& node) {
  const std::optional<std::string> text = ReadRaw(context, node);
  if (!text) {
    return std::nullopt;
  }
  static const cel::Environment kNoInputs(cel::Mode::kPolicy);
  const cel::CompileResult compiled = cel::Compile(*text, kNoInputs, {});
  for (const cel::Diagnostic& diagnostic : compiled.diagnostics) {
    context.sink.Add(context.file, LocateInScalar(context.file, node, diagnostic.span),
                     diagnostic.id, diagnostic.message, diagnostic.hint, diagnostic.severity);
  }
  const cel::Value* const value = compiled.ok() ? compiled.program->constant() : nullptr;
  if (value != nullptr &&
      (value->kind() == cel::Kind::kMoney || value->kind() == cel::Kind::kDecimal ||
       value->kind() == cel::Kind::kInt)) {
    return *value;
  }
  if (compiled.ok()) {
    context.Error(node, diagnostic_id::kBadRate, "'" + *text + "' is no rate",
                  "rates are money, decimals or whole numbers: gbp(9.76), percent(25), 464");
  }
  return std::nullopt;
}

class TableReader {
 public:
  explicit TableReader(const FileContext& context) : context_(context) {}

  std::shared_ptr<const cel::RateTable> Read(const Node& node, const std::string& name) {
    for (const Node::Entry& entry :
         Entries(context_, node, "the table '" + name + "'", kTableKeysMax)) {
      CheckKey(context_, entry.key, "a rate");
      if (entry.value.is_map()) {
        ReadDates(entry);
      } else {
        Add(entry.key.text, cel::RateTable::kAlways, entry.value);
      }
    }
    const auto table = cel::RateTable::Make(std::move(rows_));
    return table.ok() ? table.value() : nullptr;  // refused is only one without rows
  }

 private:
  void ReadDates(const Node::Entry& rate) {
    std::set<Date> seen;
    for (const Node::Entry& entry :
         Entries(context_, rate.value, "the rate '" + rate.key.text + "'", kTableDatesMax)) {
      const std::optional<Date> from = ReadDate(context_, entry.key);
      if (from && seen.insert(*from).second) {
        Add(rate.key.text, *from, entry.value);
      }
    }
  }

  void Add(const std::string& key, Date from, const Node& node) {
    std::optional<cel::Value> rate = ReadRate(context_, node);
    if (!rate) {
      return;
    }
    if (rows_.empty()) {
      kind_ = KindOf(*rate);
    } else if (KindOf(*rate) != kind_) {
      context_.Error(node, diagnostic_id::kMixedRates,
                     "the rates above are " + kind_ + ", this one is " + KindOf(*rate),
                     "all rates of a table have one type and one currency; make it two tables");
      return;
    }
    rows_.push_back({.key = key, .from = from, .value = *rate});
  }

  const FileContext& context_;
  std::vector<Row> rows_;
  std::string kind_;
};

}  // namespace

Tables ReadTables(const FileContext& context, const Node& root) {
  Tables tables;
  const Fields fields(context, root, "tables.yaml",
                      {{"kulanz", Presence::kRequired}, {"tables", Presence::kRequired}});
  CheckVersion(context, fields);
  const Node* const node = fields.Find("tables");
  if (node == nullptr) {
    return tables;
  }
  for (const Node::Entry& entry : Entries(context, *node, "'tables'", kTablesMax)) {
    CheckKey(context, entry.key, "a table");
    if (auto table = TableReader(context).Read(entry.value, entry.key.text)) {
      tables.emplace(entry.key.text, std::move(table));
    }
  }
  return tables;
}

}  // namespace kulanz::policy
