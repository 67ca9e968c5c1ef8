#include "service/kulanz/data/source.h"

#include <array>
#include <utility>
#include <vector>

#include "service/policy/scalars.h"
#include "service/policy/suggest.h"

namespace kulanz::command {
namespace {

using policy::Fields;
using policy::Node;

// Ids of what can be wrong with a map besides what strict YAML, unknown keys and formulas are refused with.
constexpr std::string_view kUnknownColumn = "unknown-column";
constexpr std::string_view kUnknownTextType = "unknown-text-type";
constexpr std::string_view kBadTimeFormat = "bad-time-format";
constexpr std::string_view kUnknownZone = "unknown-zone";
constexpr std::string_view kOneSource = "one-source";
constexpr std::string_view kBadWords = "bad-words";

constexpr std::size_t kShownBytesMax = 40;

struct ToText {
  std::string operator()(bool v) const { return v ? "true" : "false"; }
  std::string operator()(std::int64_t v) const { return std::to_string(v); }
  std::string operator()(const Decimal& v) const { return v.ToString(); }
  std::string operator()(const Money& v) const { return v.ToString(); }
  std::string operator()(const std::string& v) const { return v; }
  std::string operator()(Instant v) const { return FormatInstant(v); }
  std::string operator()(Date v) const { return FormatDate(v); }
  std::string operator()(Duration v) const { return policy::DurationText(v); }
  // A formula for a part of an incident is no list; its type says so.
  template <typename List>
  std::string operator()(const List& /*list*/) const {
    return "";
  }
};

}  // namespace

std::string Shown(std::string_view text) {
  std::string shown = "'";
  for (const char c : text.substr(0, kShownBytesMax)) {
    shown += static_cast<unsigned char>(c) < 0x20 || c == '\x7F' ? '?' : c;
  }
  // A cut may have left the beginning of a character.
  while (text.size() > kShownBytesMax && shown.size() > 1 &&
         (static_cast<unsigned char>(shown.back()) & 0x80U) != 0) {
    shown.pop_back();
  }
  return shown + (text.size() > kShownBytesMax ? "...'" : "'");
}

std::optional<std::string_view> Source::TextOf(const DataRow& row) const {
  std::string_view text = column ? row.fields[*column] : std::string_view(value);
  if (text.empty()) {
    text = fallback;
  }
  if (words.empty() || text.empty()) {
    return text;
  }
  if (const auto known = words.find(text); known != words.end()) {
    return known->second;
  }
  return otherwise ? std::optional<std::string_view>(*otherwise) : std::nullopt;
}

std::string Source::Text(const DataRow& row, std::string& problem) const {
  if (formula != nullptr) {
    const std::optional<AttributeValue> result = formula->Evaluate(row, problem);
    return result ? std::visit(ToText{}, *result) : "";
  }
  const std::optional<std::string_view> text = TextOf(row);
  if (!text) {
    problem = Shown(row.fields[*column]) + " is none of its 'words'";
    return "";
  }
  return std::string(*text);
}

std::optional<AttributeValue> Source::Value(const DataRow& row,
                                            const policy::AttributeSpec* declared,
                                            std::string& problem) const {
  if (formula != nullptr) {
    return formula->Evaluate(row, problem);
  }
  const std::optional<std::string_view> text = TextOf(row);
  if (!text) {
    problem = Shown(row.fields[*column]) + " is none of its 'words'";
    return std::nullopt;
  }
  if (text->empty()) {
    return std::nullopt;
  }
  std::optional<AttributeValue> parsed = ParseAttribute(*text, format, declared);
  if (!parsed) {
    problem = Shown(*text) + " is not " + std::string(NameOf(format, declared));
  }
  return parsed;
}

void ReadTimeFormat(const policy::FileContext& context, const Node& node, TimeFormat& out) {
  std::string problem;
  if (std::optional<TimeFormat> format = TimeFormat::Parse(node.text, problem)) {
    out = *std::move(format);
  } else {
    context.Error(node, kBadTimeFormat, "'" + node.text + "' is no format of times", problem);
  }
}

void ReadZone(const policy::FileContext& context, const Node& node, std::optional<TimeZone>& out) {
  out = TimeZone::Load(node.text);
  if (!out) {
    context.Error(node, kUnknownZone, "'" + node.text + "' is no IANA time zone",
                  "for example Europe/Berlin or UTC");
  }
}

std::optional<std::size_t> SourceReader::Column(const Node& name) const {
  const std::optional<std::size_t> column = table_.ColumnIndex(name.text);
  if (!column) {
    const std::vector<std::string_view> known(table_.columns().begin(), table_.columns().end());
    context_.Error(name, kUnknownColumn, table_.name() + " has no column '" + name.text + "'",
                   policy::DidYouMean(name.text, known, "its columns are"));
  }
  return column;
}

Source SourceReader::Plain(std::size_t column) const {
  Source source;
  source.column = column;
  source.format.time = defaults_.time;
  source.format.zone = defaults_.zone;
  source.format.decimal_comma = defaults_.decimal_comma;
  return source;
}

Source SourceReader::Read(const Node& node, std::optional<cel::Type> type) const {
  Source source = Plain(0);
  source.column.reset();
  const Fields fields(context_, node, "a source",
                      {{"column"},
                       {"value"},
                       {"formula"},
                       {"type"},
                       {"format"},
                       {"zone"},
                       {"decimal_comma"},
                       {"unit"},
                       {"currency"},
                       {"words"},
                       {"otherwise"},
                       {"default"}});
  if (!fields.is_map()) {
    return source;
  }
  const Node* const column = fields.Find("column");
  const Node* const value = fields.Find("value");
  const Node* const formula = fields.Find("formula");
  if ((column != nullptr ? 1 : 0) + (value != nullptr ? 1 : 0) + (formula != nullptr ? 1 : 0) !=
      1) {
    context_.Error(node, kOneSource, "a source has one of 'column', 'value' and 'formula'");
  }
  if (column != nullptr) {
    source.column = Column(*column);
  }
  if (value != nullptr) {
    source.value = value->text;
  }
  if (formula != nullptr) {
    source.formula = Formula::Compile(context_, *formula, environment_, std::move(type));
  }
  if (const Node* fallback = fields.Find("default")) {
    source.fallback = fallback->text;
  }
  ReadFormat(fields, source);
  ReadWords(fields, source);
  return source;
}

void SourceReader::ReadFormat(const Fields& fields, Source& source) const {
  TextFormat& format = source.format;
  if (const Node* type = fields.Find("type")) {
    if (const auto known = ParseTextType(type->text)) {
      format.type = *known;
    } else {
      context_.Error(*type, kUnknownTextType, "'" + type->text + "' is no type of a column",
                     "one of: " + TextTypeNames());
    }
  }
  if (const Node* pattern = fields.Find("format")) {
    ReadTimeFormat(context_, *pattern, format.time);
  }
  if (const Node* zone = fields.Find("zone")) {
    ReadZone(context_, *zone, format.zone);
  }
  if (const Node* comma = fields.Find("decimal_comma")) {
    format.decimal_comma = policy::ReadBoolean(context_, *comma).value_or(false);
  }
  if (const Node* currency = fields.Find("currency")) {
    format.currency = policy::ReadCurrency(context_, *currency);
  }
  if (const Node* unit = fields.Find("unit")) {
    constexpr std::array<std::string_view, 5> kUnits = {"seconds", "minutes", "hours", "days",
                                                        "milliseconds"};
    constexpr std::array<std::int64_t, 5> kMillis = {1'000, 60'000, 3'600'000, 86'400'000, 1};
    if (const auto index = policy::ReadWord(context_, *unit, kUnits)) {
      format.unit = Duration{kMillis.at(*index)};
      format.type = format.type == TextType::kAuto ? TextType::kDuration : format.type;
    }
  }
}

void SourceReader::ReadWords(const Fields& fields, Source& source) const {
  if (const Node* words = fields.Find("words")) {
    if (!words->is_map()) {
      context_.Error(*words, kBadWords, "'words' needs a mapping of the field's texts");
    }
    for (const Node::Entry& word : words->entries) {
      source.words.emplace(word.key.text, word.value.text);
    }
  }
  if (const Node* otherwise = fields.Find("otherwise")) {
    source.otherwise = otherwise->text;
    if (source.words.empty()) {
      context_.Error(*otherwise, kBadWords, "'otherwise' goes with 'words'");
    }
  }
}

}  // namespace kulanz::command
