// The checks of policy mode beyond types, one idea per file. Each walks a checked tree and reports.
//
// Thread-safety: pure functions of their arguments.
#pragma once

#include <cstdint>
#include <optional>

#include "service/cel/ast.h"
#include "service/cel/diagnostic.h"
#include "service/cel/environment.h"
#include "service/cel/program.h"
#include "service/domain/currency.h"

namespace kulanz::cel {

// presence.cc: an optional input, or field of a record, is only read where a has() guard proves that it is there.
void CheckPresence(const Ast& ast, Diagnostics& diagnostics);

// literal_sets.cc: what is compared with an input of known values is one of them.
void CheckLiteralSets(const Ast& ast, const Environment& environment, const Expected& expected,
                      Diagnostics& diagnostics);

// currencies.cc: amounts of different known currencies never meet. Returns the result's currency.
std::optional<Currency> CheckCurrencies(const Ast& ast, const Environment& environment,
                                        const Expected& expected, Diagnostics& diagnostics);

// cost.cc: loops are nested at most twice, and the worst case stays within the limit.
struct WorstCase {
  std::optional<std::uint64_t> cost;  // nothing when an input of unknown size makes it unbounded
  ResultSize size;
};
WorstCase EstimateWorstCase(const Ast& ast);
void CheckCost(const Ast& ast, const std::optional<std::uint64_t>& cost, Diagnostics& diagnostics);

}  // namespace kulanz::cel
