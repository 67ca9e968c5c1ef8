// PartsObserver: gathers what the parts of an expression came to while it is evaluated.
//
// Constants are left out, and so is the whole. A part within a loop is told with its first few values.
// Thread-safety: none; lives while one expression is evaluated.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/cel/program.h"
#include "service/kulanz/explain/story.h"

namespace kulanz::command {

class PartsObserver final : public cel::Observer {
 public:
  explicit PartsObserver(std::string_view text) : text_(text) {}

  void OnValue(cel::TextSpan span, const cel::Value& value) override;
  std::vector<ExpressionPart> Take() const;

 private:
  struct Seen {
    std::string values;
    int count = 0;
  };
  std::string_view text_;
  // By beginning, then by end with the longest first: outer before inner.
  std::map<std::pair<std::uint32_t, std::int64_t>, Seen> seen_;
};

// The text on one line, without needless blanks.
std::string OneLine(std::string_view text);

}  // namespace kulanz::command
