// Source: where one part of an incident or a customer comes from in a row: a column, a constant or a
// formula. SourceReader reads them from a map. rules/README.md says what authors may write.
//
// Thread-safety: a Source is immutable once read.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "service/kulanz/data/data_table.h"
#include "service/kulanz/data/formula.h"
#include "service/kulanz/data/typed_text.h"
#include "service/policy/fields.h"

namespace kulanz::command {

struct Source {
  std::optional<std::size_t> column;
  std::string value;  // without a column
  std::shared_ptr<const Formula> formula;
  std::string fallback;                                   // for an empty field
  std::map<std::string, std::string, std::less<>> words;  // what the field's texts mean
  std::optional<std::string> otherwise;                   // for a text that is not among `words`
  TextFormat format;

  // The text of a source that is no formula; empty: there is none. Nothing: not among `words`.
  std::optional<std::string_view> TextOf(const DataRow& row) const;
  // The same of any source as text. `problem` is set when there should be some and is none.
  std::string Text(const DataRow& row, std::string& problem) const;
  // The value; nothing when there is none or `problem` says what is wrong.
  std::optional<AttributeValue> Value(const DataRow& row, const policy::AttributeSpec* declared,
                                      std::string& problem) const;
};

// A field's text in a message: quoted, cut, without control characters.
std::string Shown(std::string_view text);

// What a whole map says for all of its sources.
struct MapDefaults {
  TimeFormat time;
  std::optional<TimeZone> zone;
  bool decimal_comma = false;
};

class SourceReader {
 public:
  SourceReader(const policy::FileContext& context, const DataTable& table,
               const MapDefaults& defaults)
      : context_(context),
        table_(table),
        defaults_(defaults),
        environment_(Formula::EnvironmentOf(table, defaults.zone.value_or(TimeZone()))) {}

  // `type`: what a formula's result must be.
  Source Read(const policy::Node& node, std::optional<cel::Type> type = std::nullopt) const;
  std::optional<std::size_t> Column(const policy::Node& name) const;
  std::shared_ptr<const Formula> Condition(const policy::Node& node) const {
    return Formula::Compile(context_, node, environment_, cel::Type::Bool());
  }
  // The source of a column that no map mentions.
  Source Plain(std::size_t column) const;

 private:
  void ReadFormat(const policy::Fields& fields, Source& source) const;
  void ReadWords(const policy::Fields& fields, Source& source) const;

  const policy::FileContext& context_;
  const DataTable& table_;
  const MapDefaults& defaults_;
  cel::Environment environment_;
};

// Reads `format` and `zone` keys; problems go to the context.
void ReadTimeFormat(const policy::FileContext& context, const policy::Node& node, TimeFormat& out);
void ReadZone(const policy::FileContext& context, const policy::Node& node,
              std::optional<TimeZone>& out);

}  // namespace kulanz::command
