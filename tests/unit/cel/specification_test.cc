// The specification's edges where the official tests are thin, area by area; in standard mode.
#include <gtest/gtest.h>

#include <string>

#include "tests/unit/cel/policy_environment.h"

namespace kulanz::cel {
namespace {

struct Case {
  std::string_view text;
  std::string_view value;
};

class Specification : public testing::TestWithParam<Case> {};

TEST_P(Specification, YieldsTheValue) {
  const Environment env(Mode::kStandard);
  const CompileResult compiled = Compile(GetParam().text, env);
  if (!compiled.ok()) {
    EXPECT_EQ("rejected: " + compiled.diagnostics[0].message, GetParam().value) << GetParam().text;
    return;
  }
  Arena arena;
  EXPECT_EQ(DebugString(compiled.program->Evaluate({}, arena)), GetParam().value)
      << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    Text, Specification,
    testing::Values(
        Case{"1 + // c\n2", "3"}, Case{"[1, // one\n 2 // two\n]", "[1, 2]"},
        Case{"'a' // x ' \"\n+ 'b'", "\"ab\""}, Case{"\"a // b\"", "\"a // b\""},
        Case{"// only", "rejected: expected a value, but the text ends here"},
        Case{"1 /* no */ + 2", "rejected: expected a value, found '*'"},
        Case{"{'a-b': {'c.d': 1}}.`a-b`.`c.d`", "1"}, Case{"has({'a b': 1}.`a b`)", "true"},
        Case{"{'a/b': 1}.?`a/b`.orValue(2)", "1"},
        Case{"{'for': 1}.for + {'package': 2}.package + {'if': 3}.if", "6"},
        Case{"{'in': 1}.in", "rejected: expected a name after the dot, found 'in'"},
        Case{"{'null': 1}.null", "rejected: expected a name after the dot, found 'null'"},
        Case{"`a`", "rejected: expected a value, found '`a`'"},
        Case{"{'': 1}.``",
             "rejected: a quoted name holds letters, digits, '_', '.', '-', '/' and blanks, and "
             "ends with a backtick"},
        Case{"for + 1", "rejected: 'for' is reserved by the language and cannot be a name"}));

INSTANTIATE_TEST_SUITE_P(
    Format, Specification,
    testing::Values(
        Case{"'%d %d'.format([5u, -5])", "\"5 -5\""},
        Case{"'%d'.format([double('Infinity')])", "\"Infinity\""},
        Case{"'%d'.format([2.5])", "error: %d writes whole numbers: 'double'"},
        Case{"'%x %X %x'.format([30, 30u, -30])", "\"1e 1E -1e\""},
        Case{"'%x %X'.format(['hello', b'\\xff\\x00'])", "\"68656c6c6f FF00\""},
        Case{"'%o %o %b %b %b'.format([11, -11, 5, -5, true])", "\"13 -13 101 -101 1\""},
        Case{"'%b'.format(['x'])", "error: %b writes whole numbers and bools: 'string'"},
        Case{"'%e %.3e %e'.format([1052.032911275, 1052.032911275, 0.0])",
             "\"1.052033e+03 1.052e+03 0.000000e+00\""},
        Case{"'%f %.0f %.10f %.2f'.format([1, 2.5, 1.0 / 3.0, 3u])",
             "\"1.000000 2 0.3333333333 3.00\""},
        Case{"'%f %e'.format([double('NaN'), double('-Infinity')])", "\"NaN -Infinity\""},
        Case{"'%f'.format(['1'])", "error: %f writes numbers: 'string'"},
        Case{"'%%'.format([])", "\"%\""},
        Case{"'%'.format([1])", "error: format() needs a letter after '%'"},
        Case{"'%z'.format([1])", "error: format() has no such letter after '%': 'z'"},
        Case{"'%5d'.format([1])", "error: format() has no such letter after '%': '5'"},
        Case{"'%s %s'.format(['a'])", "error: format() has fewer values than its text asks for"},
        Case{"'%s'.format([[1, 'a', 2.5, true, null, [b'x']]])",
             "\"[1, a, 2.5, true, null, [x]]\""},
        Case{"'%s'.format([{2: 'x', 1u: 'y', true: 'z', 'k': 'w'}])",
             "\"{1: y, 2: x, k: w, true: z}\""},
        Case{"'%s %s'.format([duration('1h0.5s'), timestamp('2024-01-01T00:00:00.100Z')])",
             "\"3600.5s 2024-01-01T00:00:00.1Z\""},
        Case{"'%s'.format([b'\\xc3\\xa4'])", "\"ä\""},
        Case{"'%s'.format([b'\\xff'])",
             "error: format() cannot write such a value with %s: 'bytes'"},
        Case{"'é%sé'.format(['ü'])", "\"éüé\""}));

INSTANTIATE_TEST_SUITE_P(
    Time, Specification,
    testing::Values(
        Case{"timestamp('9999-12-31T23:59:59.999999999Z')", "9999-12-31T23:59:59.999999999Z"},
        Case{"timestamp('2024-01-01t00:00:00z')", "2024-01-01T00:00:00Z"},
        Case{"timestamp('9999-12-31T23:59:59-00:01')",
             "error: not a timestamp of RFC 3339 in the years 1 to 9999: "
             "'9999-12-31T23:59:59-00:01'"},
        Case{"timestamp('0001-01-01T00:00:00+00:01')",
             "error: not a timestamp of RFC 3339 in the years 1 to 9999: "
             "'0001-01-01T00:00:00+00:01'"},
        Case{"timestamp('2024-02-30T00:00:00Z')",
             "error: not a timestamp of RFC 3339 in the years 1 to 9999: '2024-02-30T00:00:00Z'"},
        Case{"timestamp('2024-01-01T00:00:00')",
             "error: not a timestamp of RFC 3339 in the years 1 to 9999: '2024-01-01T00:00:00'"},
        Case{"timestamp(253402300799)", "9999-12-31T23:59:59Z"},
        Case{"timestamp(253402300800)", "error: the timestamp is out of range"},
        Case{"timestamp(-62135596801)", "error: the timestamp is out of range"},
        Case{"timestamp('0001-01-01T00:00:00Z') - duration('1ns')",
             "error: the timestamp is out of range"},
        Case{"timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z')",
             "error: the duration is out of range"},
        Case{"int(timestamp('1969-12-31T23:59:59.5Z'))", "-1"},
        Case{"duration('-9223372036.854775808s')", "-9223372036.854775808s"},
        Case{"-duration('-9223372036.854775808s')", "error: the duration is out of range"},
        Case{"duration('9223372036.854775808s')",
             "error: not a duration such as 1h30m: '9223372036.854775808s'"},
        Case{"duration('1us2µs3μs')", "0.000006s"},
        Case{"duration('.5s') + duration('1.s')", "1.5s"},
        Case{"duration('1d')", "error: not a duration such as 1h30m: '1d'"},
        Case{"duration('1h-1m')", "error: not a duration such as 1h30m: '1h-1m'"},
        Case{"duration('5000000000s') + duration('5000000000s')",
             "error: the duration is out of range"}));

INSTANTIATE_TEST_SUITE_P(
    Numbers, Specification,
    testing::Values(
        Case{"int(9223372036854774784.0)", "9223372036854774784"},
        Case{"int(9223372036854775807.0)", "error: the number is out of range"},
        Case{"int(-9223372036854775808.0)", "error: the number is out of range"},
        Case{"int(double('NaN'))", "error: the number is out of range"},
        Case{"uint(-0.5)", "error: the number is out of range"}, Case{"uint(-0.0)", "0u"},
        Case{"uint(18446744073709551615.0)", "error: the number is out of range"},
        Case{"uint('18446744073709551615')", "18446744073709551615u"},
        Case{"int(18446744073709551615u)", "error: the number is out of range"},
        Case{"1u - 2u", "error: the result is out of range"},
        Case{"18446744073709551615u * 2u", "error: the result is out of range"},
        Case{"5u % 0u", "error: modulus by zero"},
        Case{"-(1u)", "rejected: '-' has no meaning for a value of type uint"},
        Case{"1u < -1", "false"},
        Case{"0x8000000000000000", "rejected: the number does not fit an int (64 bits)"},
        Case{"-0x8000000000000000", "-9223372036854775808"},
        Case{"-9223372036854775808 % -1", "error: the result is out of range"},
        Case{"-7 / 2 == -3 && -7 % 2 == -1 && 7 % -2 == 1", "true"},
        Case{"1e400", "rejected: the number does not fit a double"},
        Case{"0.0 == -0.0 && 0.0 / 0.0 != 0.0 / 0.0", "true"},
        Case{"math.abs(-9223372036854775808)", "error: the result is out of range"},
        Case{"math.greatest(9007199254740993, 9007199254740992.0)", "9007199254740993"},
        Case{"math.round(0.49999999999999994) == 0.0 && math.round(-2.5) == -3.0", "true"},
        Case{"math.round(4503599627370497.0) == 4503599627370497.0", "true"},
        Case{"math.sign(-0.0) == 0.0 && math.isNaN(math.sign(double('NaN')))", "true"},
        Case{"math.isNaN(math.sqrt(-1.0)) && math.sqrt(4u) == 2.0", "true"},
        Case{"math.bitShiftLeft(1, 63)", "-9223372036854775808"},
        Case{"math.bitShiftRight(-8, 64)", "0"}, Case{"math.bitNot(0u)", "18446744073709551615u"},
        Case{"math.bitShiftLeft(1, -1)", "error: a shift by a negative number of bits"},
        Case{"math.greatest([])",
             "rejected: math.greatest() takes numbers, or one list that is not empty"}));

INSTANTIATE_TEST_SUITE_P(
    Optionals, Specification,
    testing::Values(
        Case{"{'a': {'b': 2}}.?x.b.orValue(9)", "9"},
        Case{"{'a': {'b': 2}}[?'a'][?'b']", "optional.of(2)"},
        Case{"[1, 2][?-1]", "optional.none()"}, Case{"has({'a': {'b': 1}}.?x.b)", "false"},
        Case{"optional.none() == optional.of(1)", "false"},
        Case{"optional.of(optional.none()).hasValue() && optional.of(null).hasValue()", "true"},
        Case{"optional.ofNonZeroValue([]) == optional.none()", "true"},
        Case{"optional.of(1).or(optional.of(1 / 0)).value()", "1"},
        Case{"optional.of(1).optMap(x, 1 / 0)", "error: division by zero"},
        Case{"optional.of(1).optFlatMap(x, x > 0 ? optional.of(x) : optional.none())",
             "optional.of(1)"},
        Case{"{?'a': optional.none(), ?'b': optional.of(2), 'c': 3}", "{\"b\": 2, \"c\": 3}"},
        Case{"[?1]", "rejected: an entry with '?' takes an optional, not a value of type int"},
        Case{"optional.unwrap([optional.of(1), optional.none(), optional.of(3)])", "[1, 3]"},
        Case{"[optional.none(), optional.of('a')].unwrapOpt()", "[\"a\"]"},
        Case{"[1, 2, 3].first().value() + [1, 2, 3].last().value()", "4"},
        Case{"[].first().hasValue() || [].last().hasValue()", "false"}));

INSTANTIATE_TEST_SUITE_P(
    Loops, Specification,
    testing::Values(
        Case{"[1, 2].exists(i, v, i == v - 1) && [1, 2].all(i, v, i < v)", "true"},
        Case{"{'a': 1, 'b': 2}.exists_one(k, v, v > 0)", "false"},
        Case{"[10, 20].transformList(i, v, i > 0, v)", "[20]"},
        Case{"{'a': 1}.transformList(k, v, k)", "[\"a\"]"},
        Case{"[10, 20].transformMap(i, v, i == 1, v * 2)", "{1: 40}"},
        Case{"['x', 'y'].transformMapEntry(i, v, {v: i})", "{\"x\": 0, \"y\": 1}"},
        Case{"[1, 1].transformMapEntry(i, v, {v: i})", "error: the map has a key twice"},
        Case{"[1].map(x, [2].map(x, x))", "[[2]]"},
        Case{"{}.all(k, false) && ![].exists(x, true)", "true"},
        Case{"[0, 1].exists(x, 1 / x == 1)", "true"},
        Case{"[0].all(x, 1 / x == 1)", "error: division by zero"},
        Case{"[2, 0].all(x, 1 / x == 1)", "false"},
        Case{"[0, 2].exists_one(x, 1 / x == 1)", "error: division by zero"},
        Case{"[1, 2].all(i, i, true)", "rejected: the two variables need different names"},
        Case{"[1].map(x.y, x)", "rejected: 'map' needs a plain name for its variable here"},
        Case{"'abc'.all(c, true)",
             "rejected: 'all' goes through a list or a map, not a value of type string"}));

// At least 32 of everything nest or follow each other (the specification's minimum is less).
TEST(Nesting, TakesFortyLevelsOfEachConstruct) {
  const Environment env(Mode::kStandard);
  const auto nested = [](std::string_view open, std::string_view core, std::string_view close) {
    std::string text(core);
    for (int i = 0; i < 40; ++i) {
      text = std::string(open) + text + std::string(close);
    }
    return text;
  };
  const std::pair<std::string, std::string> cases[] = {
      {nested("(", "7", ")"), "7"},
      {nested("[", "7", "][0]"), "7"},
      {nested("{'a': ", "7", "}.a"), "7"},
      {nested("{'a': ", "7", "}['a']"), "7"},
      {nested("-(", "7", ")"), "7"},
      {nested("!(", "true", ")"), "true"},
      {nested("(true ? ", "7", " : 0)"), "7"},
      {nested("(false ? 0 : ", "7", ")"), "7"},
      {nested("(1 + ", "7", ")"), "47"},
      {nested("(true && ", "true", ")"), "true"},
      {nested("(false || ", "true", ")"), "true"},
      {nested("[1].map(x, ", "7", ")[0]"), "7"},
      {nested("[1].exists(x, ", "true", ")"), "true"},
      {nested("cel.bind(x, ", "7", ", x)"), "7"},
      {nested("cel.bind(x, 1, ", "x", ")"), "1"},
      {nested("optional.of(", "7", ").value()"), "7"},
      {nested("optional.none().orValue(", "7", ")"), "7"},
      {nested("int(", "7", ")"), "7"},
      {nested("dyn(", "7", ")"), "7"},
      {nested("", "7", " + 1"), "47"},
      {nested("", "'a'", ".replace('a', 'a')"), "\"a\""},
      {nested("", "true", " == true"), "true"},
      {nested("", "{'a': 1}", ".?a.optMap(x, {'a': x}).orValue({'a': 2})"), "{\"a\": 1}"},
  };
  for (const auto& [text, value] : cases) {
    const CompileResult compiled = Compile(text, env);
    ASSERT_TRUE(compiled.ok()) << Problems(compiled, text);
    Arena arena;
    EXPECT_EQ(DebugString(compiled.program->Evaluate({}, arena, 1'000'000)), value) << text;
  }
}

}  // namespace
}  // namespace kulanz::cel
