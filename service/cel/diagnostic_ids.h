// The ids of all diagnostics, for hosts that treat some of them specially. Each has a golden file in
// tests/golden/cel and a section in rules/diagnostics.md.
#pragma once

#include <string_view>

namespace kulanz::cel::id {

// Text.
inline constexpr std::string_view kSyntax = "syntax";
inline constexpr std::string_view kBadLiteral = "bad-literal";
inline constexpr std::string_view kReservedName = "reserved-name";
inline constexpr std::string_view kBadMacro = "bad-macro";
inline constexpr std::string_view kTooLong = "too-long";
inline constexpr std::string_view kTooDeep = "too-deep";
// Names.
inline constexpr std::string_view kUnknownName = "unknown-name";
inline constexpr std::string_view kUnknownAttribute = "unknown-attribute";
inline constexpr std::string_view kUnknownFunction = "unknown-function";
inline constexpr std::string_view kNotAValue = "not-a-value";
inline constexpr std::string_view kMessageLiteral = "message-literal";
// Types.
inline constexpr std::string_view kNoOverload = "no-overload";
inline constexpr std::string_view kNoFields = "no-fields";
inline constexpr std::string_view kTypeMismatch = "type-mismatch";
inline constexpr std::string_view kWrongResult = "wrong-result";
// Policies only.
inline constexpr std::string_view kDynamicType = "dynamic-type";
inline constexpr std::string_view kUnguarded = "unguarded-optional";
inline constexpr std::string_view kUnknownLiteral = "unknown-literal";
inline constexpr std::string_view kCurrencyMismatch = "currency-mismatch";
inline constexpr std::string_view kPatternNotConstant = "pattern-not-constant";
inline constexpr std::string_view kBadPattern = "bad-pattern";
inline constexpr std::string_view kNotConstant = "not-constant";
inline constexpr std::string_view kUnknownZone = "unknown-zone";
inline constexpr std::string_view kUnknownCalendar = "unknown-calendar";
inline constexpr std::string_view kNoOpeningHours = "no-opening-hours";
inline constexpr std::string_view kUnknownTable = "unknown-table";
inline constexpr std::string_view kMissingDate = "missing-date";
inline constexpr std::string_view kUnknownRounding = "unknown-rounding";
inline constexpr std::string_view kAlwaysFails = "always-fails";
inline constexpr std::string_view kTooManyLoops = "too-many-loops";
inline constexpr std::string_view kTooCostly = "too-costly";

inline constexpr std::string_view kAll[] = {
    kSyntax,         kBadLiteral,  kReservedName,     kBadMacro,         kTooLong,
    kTooDeep,        kUnknownName, kUnknownAttribute, kUnknownFunction,  kNotAValue,
    kMessageLiteral, kNoOverload,  kNoFields,         kTypeMismatch,     kWrongResult,
    kDynamicType,    kUnguarded,   kUnknownLiteral,   kCurrencyMismatch, kPatternNotConstant,
    kBadPattern,     kNotConstant, kUnknownZone,      kUnknownCalendar,  kNoOpeningHours,
    kUnknownTable,   kMissingDate, kUnknownRounding,  kAlwaysFails,      kTooManyLoops,
    kTooCostly};

}  // namespace kulanz::cel::id
