// The ids of everything that can be wrong with a policy set outside its expressions (those are in
// service/cel). Stable: people search for them, suppress them and link to them. Each has a section in
// rules/diagnostics.md with a wrong and a right example; a test holds the two together.
#pragma once

#include <array>
#include <string_view>

namespace kulanz::policy::diagnostic_id {

// Files and YAML.
inline constexpr std::string_view kUnreadable = "unreadable";
inline constexpr std::string_view kUnexpectedFile = "unexpected-file";
inline constexpr std::string_view kMissingFile = "missing-file";
inline constexpr std::string_view kFileTooLarge = "file-too-large";
inline constexpr std::string_view kTooManyFiles = "too-many-files";
inline constexpr std::string_view kTooManyProblems = "too-many-problems";
inline constexpr std::string_view kNotUtf8 = "not-utf8";
inline constexpr std::string_view kControlCharacter = "control-character";
inline constexpr std::string_view kYamlSyntax = "yaml-syntax";
inline constexpr std::string_view kYamlDocuments = "yaml-documents";
inline constexpr std::string_view kYamlAnchor = "yaml-anchor";
inline constexpr std::string_view kYamlAlias = "yaml-alias";
inline constexpr std::string_view kYamlTag = "yaml-tag";
inline constexpr std::string_view kYamlDepth = "yaml-depth";
inline constexpr std::string_view kYamlSize = "yaml-size";
inline constexpr std::string_view kYamlKey = "yaml-key";
inline constexpr std::string_view kEmptyFile = "empty-file";

// Keys and values of any kind.
inline constexpr std::string_view kDuplicateKey = "duplicate-key";
inline constexpr std::string_view kUnknownKey = "unknown-key";
inline constexpr std::string_view kMissingKey = "missing-key";
inline constexpr std::string_view kEmptyValue = "empty-value";
inline constexpr std::string_view kWrongShape = "wrong-shape";
inline constexpr std::string_view kAmbiguousText = "ambiguous-text";
inline constexpr std::string_view kBadText = "bad-text";
inline constexpr std::string_view kBadName = "bad-name";
inline constexpr std::string_view kBadInteger = "bad-integer";
inline constexpr std::string_view kBadBoolean = "bad-boolean";
inline constexpr std::string_view kBadDate = "bad-date";
inline constexpr std::string_view kBadDuration = "bad-duration";
inline constexpr std::string_view kOutOfRange = "out-of-range";
inline constexpr std::string_view kUnknownWord = "unknown-word";
inline constexpr std::string_view kUnknownVersion = "unknown-version";
inline constexpr std::string_view kDuplicateItem = "duplicate-item";
inline constexpr std::string_view kTooManyItems = "too-many-items";

// Incident types and people.
inline constexpr std::string_view kReservedName = "reserved-name";
inline constexpr std::string_view kKeyOfOtherType = "key-of-other-type";
inline constexpr std::string_view kBadEmail = "bad-email";

// Calendars and tables.
inline constexpr std::string_view kBadYears = "bad-years";
inline constexpr std::string_view kBadHours = "bad-hours";
inline constexpr std::string_view kBadCalendar = "bad-calendar";
inline constexpr std::string_view kBadRate = "bad-rate";
inline constexpr std::string_view kMixedRates = "mixed-rates";

// Policies.
inline constexpr std::string_view kDuplicatePolicy = "duplicate-policy";
inline constexpr std::string_view kUnknownIncidentType = "unknown-incident-type";
inline constexpr std::string_view kAttributeConflict = "attribute-conflict";
inline constexpr std::string_view kUnknownZone = "unknown-zone";
inline constexpr std::string_view kUnknownCurrency = "unknown-currency";
inline constexpr std::string_view kUnknownPerson = "unknown-person";
inline constexpr std::string_view kUnknownMessage = "unknown-message";
inline constexpr std::string_view kEmptyPeriod = "empty-period";
inline constexpr std::string_view kBadLimit = "bad-limit";
inline constexpr std::string_view kBadRow = "bad-row";
inline constexpr std::string_view kNotConstant = "not-constant";
inline constexpr std::string_view kNotWholeMinorUnits = "not-whole-minor-units";
inline constexpr std::string_view kNotPositive = "not-positive";
inline constexpr std::string_view kAmountRange = "amount-range";
inline constexpr std::string_view kBudgetMismatch = "budget-mismatch";
inline constexpr std::string_view kBadPool = "bad-pool";
inline constexpr std::string_view kPoolStoredValue = "pool-stored-value";
inline constexpr std::string_view kVariableType = "variable-type";
inline constexpr std::string_view kVariableOrder = "variable-order";
inline constexpr std::string_view kDuplicateShared = "duplicate-shared";
inline constexpr std::string_view kUnknownShared = "unknown-shared";
inline constexpr std::string_view kDuplicateVariable = "duplicate-variable";
inline constexpr std::string_view kMixedCurrencies = "mixed-currencies";

// Lint: warnings.
inline constexpr std::string_view kUnreachableRow = "unreachable-row";
inline constexpr std::string_view kOverlappingPolicies = "overlapping-policies";
inline constexpr std::string_view kIdleLimit = "idle-limit";
inline constexpr std::string_view kNoEffect = "no-effect";
inline constexpr std::string_view kUnusedVariable = "unused-variable";
inline constexpr std::string_view kUnusedShared = "unused-shared";
inline constexpr std::string_view kUnusedCalendar = "unused-calendar";
inline constexpr std::string_view kUnusedTable = "unused-table";
inline constexpr std::string_view kUnusedPerson = "unused-person";

// All of the above, for the test of the documentation.
inline constexpr std::array kAll = {kUnreadable,
                                    kUnexpectedFile,
                                    kMissingFile,
                                    kFileTooLarge,
                                    kTooManyFiles,
                                    kTooManyProblems,
                                    kNotUtf8,
                                    kControlCharacter,
                                    kYamlSyntax,
                                    kYamlDocuments,
                                    kYamlAnchor,
                                    kYamlAlias,
                                    kYamlTag,
                                    kYamlDepth,
                                    kYamlSize,
                                    kYamlKey,
                                    kEmptyFile,
                                    kDuplicateKey,
                                    kUnknownKey,
                                    kMissingKey,
                                    kEmptyValue,
                                    kWrongShape,
                                    kAmbiguousText,
                                    kBadText,
                                    kBadName,
                                    kBadInteger,
                                    kBadBoolean,
                                    kBadDate,
                                    kBadDuration,
                                    kOutOfRange,
                                    kUnknownWord,
                                    kUnknownVersion,
                                    kDuplicateItem,
                                    kTooManyItems,
                                    kReservedName,
                                    kKeyOfOtherType,
                                    kBadEmail,
                                    kBadYears,
                                    kBadHours,
                                    kBadCalendar,
                                    kBadRate,
                                    kMixedRates,
                                    kDuplicatePolicy,
                                    kUnknownIncidentType,
                                    kAttributeConflict,
                                    kUnknownZone,
                                    kUnknownCurrency,
                                    kUnknownPerson,
                                    kUnknownMessage,
                                    kEmptyPeriod,
                                    kBadLimit,
                                    kBadRow,
                                    kNotConstant,
                                    kNotWholeMinorUnits,
                                    kNotPositive,
                                    kAmountRange,
                                    kBudgetMismatch,
                                    kBadPool,
                                    kPoolStoredValue,
                                    kVariableType,
                                    kVariableOrder,
                                    kDuplicateShared,
                                    kUnknownShared,
                                    kDuplicateVariable,
                                    kMixedCurrencies,
                                    kUnreachableRow,
                                    kOverlappingPolicies,
                                    kIdleLimit,
                                    kNoEffect,
                                    kUnusedVariable,
                                    kUnusedShared,
                                    kUnusedCalendar,
                                    kUnusedTable,
                                    kUnusedPerson};

}  // namespace kulanz::policy::diagnostic_id
