// What the official tests leave out: whitespace and comments without messages, escapes, edges of the
// libraries; in standard mode.
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/cel/policy_environment.h"

namespace kulanz::cel {
namespace {

struct Case {
  std::string_view text;
  std::string_view value;
};

class Language : public testing::TestWithParam<Case> {};

TEST_P(Language, YieldsTheValue) {
  const Environment env(Mode::kStandard);
  EXPECT_EQ(ValueText(GetParam().text, env, Frame(env)), GetParam().value) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Text, Language,
    testing::Values(Case{" \t\r\n\f1\n+\n2 // three\n", "3"}, Case{"// first\n1 // then\n+ 1", "2"},
                    Case{"1 //", "1"}, Case{"'//' + \"/* */\"", "\"///* */\""},
                    Case{"[1,2,]", "[1, 2]"}, Case{"{1:2,}", "{1: 2}"}, Case{"[,]", "[]"},
                    Case{"{'in': 1}.`in`", "1"}, Case{"{'a b': {'c/d': 2}}.`a b`.`c/d`", "2"},
                    Case{"{'while': 1}.while", "1"}, Case{"- 5", "-5"}, Case{"- -5", "5"},
                    Case{"-9223372036854775808", "-9223372036854775808"}, Case{"0x7F", "127"},
                    Case{"-0x80", "-128"}, Case{".5 + 1e2 + 1.5E-1", "100.65"},
                    Case{"'\\x41\\u00e9\\U0001F600\\101\\n'", "\"Aé😀A\\n\""},
                    Case{"r'\\d' + R\"\\\"", "\"\\\\d\\\\\""},
                    Case{"'''a'b\n''' + \"\"\"\"q\"\"\"", "\"a'b\\n\\\"q\""},
                    Case{"b'\\xff\\377' == B'\\377\\xFF'", "true"},
                    Case{"rb'\\x' == br'\\x'", "true"}, Case{"true ? 1 : false ? 2 : 3", "1"},
                    Case{"1 < 2 == true", "true"}, Case{"2 + 3 * 4 - 10 / 5 % 3", "12"},
                    Case{"!true || true && false", "false"}, Case{"'a' in ['a'] == true", "true"}));

INSTANTIATE_TEST_SUITE_P(
    Values, Language,
    testing::Values(
        Case{"{1: 'a'}[dyn(1u)] + {1u: 'b'}[dyn(1.0)]", "\"ab\""},
        Case{"{1: 2, 1u: 3}", "error: the map has a key twice"},
        Case{"[1, 'a', null, [2.5], {true: b'x'}]", "[1, \"a\", null, [2.5], {true: b\"x\"}]"},
        Case{"double('NaN') == double('NaN')", "false"}, Case{"1.0 / 0.0", "Infinity"},
        Case{"-1.0 / 0.0", "-Infinity"},
        Case{"9007199254740993 == dyn(9007199254740992.0)", "false"},
        Case{"dyn(9007199254740993) > 9007199254740992.0", "true"},
        Case{"'😀é'.size() == 2 && '😀é'.charAt(1) == 'é'", "true"},
        Case{"'abc'.split('')", "[\"a\", \"b\", \"c\"]"}, Case{"''.split('')", "[]"},
        Case{"''.split(',')", "[\"\"]"}, Case{"'a,b,c'.split(',', 2)", "[\"a\", \"b,c\"]"},
        Case{"'a,b'.split(',', 0)", "[]"}, Case{"'abc'.replace('', '-')", "\"-a-b-c-\""},
        Case{"'abc'.replace('', '-', 2)", "\"-a-bc\""},
        Case{"'aaa'.replace('a', 'b', 2)", "\"bba\""}, Case{"'\\u00a0 x\\u2003'.trim()", "\"x\""},
        Case{"'tacocat'.lastIndexOf('c', 3)", "2"}, Case{"'abc'.indexOf('', 3)", "3"},
        Case{"'äbc'.substring(1, 2)", "\"b\""}, Case{"math.round(-1.5)", "-2"},
        Case{"math.bitShiftRight(-1, 1)", "9223372036854775807"},
        Case{"math.bitShiftLeft(1, 64)", "0"}, Case{"math.sqrt(2) > 1.414", "true"},
        Case{"int(-9223372036854774784.0)", "-9223372036854774784"},
        Case{"uint(18446744073709549568.0)", "18446744073709549568u"},
        Case{"[1, 2, 3].exists_one(x, x > 2) && ![1, 2].exists_one(x, x > 0)", "true"},
        Case{"[1, 0].exists(x, 1 / x > 0) && ![0, 1].all(x, 1 / x > 1)", "true"},
        Case{"{'b': 2, 'a': 1}.map(k, k)", "[\"a\", \"b\"]"},
        Case{"{'a': 1}.transformMap(k, v, k + string(v))", "{\"a\": \"a1\"}"},
        Case{"optional.of([1, 2]).optMap(l, l.size())", "optional.of(2)"},
        Case{"[1, 2][?5].or([7][?0]).value()", "7"},
        Case{"[?optional.none(), ?optional.of(1)]", "[1]"},
        Case{"cel.bind(x, 1 / 0, true || x > 0)", "true"},
        Case{"duration('1h1m1.001s')", "3661.001s"}, Case{"string(duration('-1.5s'))", "\"-1.5s\""},
        Case{"timestamp('2024-02-29T23:59:59.123456789+01:00')", "2024-02-29T22:59:59.123456789Z"},
        Case{"timestamp(0) + duration('0.000000001s')", "1970-01-01T00:00:00.000000001Z"},
        Case{"timestamp('1969-12-31T23:59:59.5Z').getMilliseconds()", "500"},
        Case{"timestamp('2024-03-31T01:30:00Z').getHours('Europe/Berlin')", "3"},
        Case{"type(eur(1)) == money && type(date(2026, 1, 1)) == date", "true"},
        Case{"'%s %s %s'.format([eur(1.50), date('2026-03-01'), decimal(0.10)])",
             "\"1.50 EUR 2026-03-01 0.10\""}));

// Errors of evaluation, as their text.
INSTANTIATE_TEST_SUITE_P(
    Failures, Language,
    testing::Values(
        Case{"1 / 0", "error: division by zero"},
        Case{"-9223372036854775808 / -1", "error: the result is out of range"},
        Case{"-(-9223372036854775808)", "error: the result is out of range"},
        Case{"[1][1]", "error: the index is out of range"},
        Case{"{'a': 1}.b", "error: no such key"},
        Case{"dyn('a') + 1", "error: no such overload: '_+_'"},
        Case{"dyn(1) ? 2 : 3", "error: not a bool"},
        Case{"eur(1) + money(decimal('1'), 'USD')", "error: the amounts have different currencies"},
        Case{"eur(1) < usd(2)", "error: the amounts have different currencies"},
        Case{"optional.none().value()", "error: the optional has no value"},
        Case{"decimal('9223372036854775807') + 1", "error: the decimal needs more than 18 digits"},
        Case{"timestamp(1).getHours('Mars/Base')", "error: no such time zone: 'Mars/Base'"},
        Case{"'a'.matches(dyn('('))", "error: malformed regular expression: '('"},
        Case{"int(decimal('1.5'))", "error: the decimal is not a whole number; round it first"},
        Case{"sum([9223372036854775807, 1])", "error: the sum is out of range"},
        Case{"sum([eur(1), usd(1)])", "error: the amounts have different currencies"},
        Case{"date('2026-01-01').at('24:00', 'UTC')",
             "error: not a time of day such as 21:00: '24:00'"},
        Case{"date('2026-01-01').at('21:00', 'Mars/Base')",
             "error: no such time zone: 'Mars/Base'"},
        Case{"sum([eur(1)].filter(x, false))", "error: the sum of no amounts has no currency"}));

}  // namespace
}  // namespace kulanz::cel
