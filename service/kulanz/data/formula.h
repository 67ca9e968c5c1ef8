// Formula: an expression over the columns of a data file, in the language of the policies.
//
// `row.<column>` is the text of a column, empty when the field is; a character that cannot stand in a name
// is written '_': the column "Order Total" is row.Order_Total. int(), decimal(), money(), timestamp(),
// date() and duration() turn text into values.
//
// Thread-safety: immutable once made.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "service/cel/environment.h"
#include "service/cel/program.h"
#include "service/domain/incident.h"
#include "service/kulanz/data/data_table.h"
#include "service/policy/fields.h"

namespace kulanz::command {

class Formula {
 public:
  // What formulas of this table may read. Of two columns with the same name in formulas, the first.
  static cel::Environment EnvironmentOf(const DataTable& table, const TimeZone& zone);
  // Nothing after `context` was told every problem. `type`: what the result must be; any when nothing.
  static std::shared_ptr<const Formula> Compile(const policy::FileContext& context,
                                                const policy::Node& node,
                                                const cel::Environment& environment,
                                                std::optional<cel::Type> type);

  // The value of a row; nothing when it is absent (optional.none()). `problem` is set when it fails.
  std::optional<AttributeValue> Evaluate(const DataRow& row, std::string& problem) const;

 private:
  explicit Formula(std::shared_ptr<const cel::Program> program) : program_(std::move(program)) {}
  std::shared_ptr<const cel::Program> program_;
};

}  // namespace kulanz::command
