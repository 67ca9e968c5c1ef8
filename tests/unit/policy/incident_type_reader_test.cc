#include "service/policy/incident_type_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "service/policy/yaml_reader.h"

namespace kulanz::policy {
namespace {

struct Read {
  std::vector<IncidentType> types;
  std::string problems;
};

Read ReadTypes(const std::string& text) {
  const SourceFile file("incidents.yaml", text);
  DiagnosticSink sink;
  Read read;
  if (const std::optional<Node> root = ReadYaml(file, sink)) {
    read.types = ReadIncidentTypes({.file = file, .sink = sink}, *root);
  }
  for (const Diagnostic& d : sink.Take()) {
    read.problems +=
        std::to_string(d.line) + ":" + std::to_string(d.column) + " " + std::string(d.id) + "\n";
  }
  return read;
}

Read ReadAttributes(const std::string& lines) {
  return ReadTypes("kulanz: v1\nincidents: {late: {summary: Late, attributes: {\n" + lines +
                   "\n}}}\n");
}

TEST(IncidentTypeReaderTest, ReadsWhatIsDeclared) {
  const Read read = ReadTypes(
      "kulanz: v1\n"
      "incidents:\n"
      "  late:\n"
      "    summary: A parcel came late\n"
      "    reporters: [system, customer]\n"
      "    order: {total: required}\n"
      "    attributes:\n"
      "      promised_at: {type: timestamp}\n"
      "      cause: {type: enum, values: [carrier, weather], optional: true}\n"
      "      note: {type: string, max_length: 20}\n"
      "      parts: {type: list, max_size: 3}\n"
      "      value: {type: money, currency: EUR}\n");
  EXPECT_EQ(read.problems, "");
  ASSERT_EQ(read.types.size(), 1U);
  const IncidentType& type = read.types[0];
  EXPECT_TRUE(type.MayBeReportedBy(Reporter::kCustomer));
  EXPECT_FALSE(type.MayBeReportedBy(Reporter::kAgent));
  EXPECT_TRUE(type.order.id_required);
  EXPECT_TRUE(type.order.total_required);
  ASSERT_NE(type.Find("cause"), nullptr);
  EXPECT_FALSE(type.Find("cause")->required);
  EXPECT_THAT(type.Find("cause")->values, ::testing::ElementsAre("carrier", "weather"));
  EXPECT_EQ(type.Find("note")->max_length, 20U);
  EXPECT_EQ(type.Find("parts")->max_size, 3U);
  EXPECT_EQ(type.Find("value")->currency, Currency::FromCode("EUR"));
  EXPECT_EQ(type.Find("absent"), nullptr);
}

TEST(IncidentTypeReaderTest, RefusesBadDeclarations) {
  EXPECT_EQ(ReadAttributes("x: {type: text}").problems, "3:11 unknown-word\n");
  EXPECT_EQ(ReadAttributes("x: {type: enum}").problems, "3:4 missing-key\n");
  EXPECT_EQ(ReadAttributes("x: {type: enum, values: [a, a]}").problems, "3:29 duplicate-item\n");
  EXPECT_EQ(ReadAttributes("x: {type: enum, values: [yes]}").problems, "3:26 ambiguous-text\n");
  EXPECT_EQ(ReadAttributes("x: {type: int, max_length: 3}").problems, "3:28 key-of-other-type\n");
  EXPECT_EQ(ReadAttributes("x: {type: string, max_length: 010}").problems, "3:31 bad-integer\n");
  EXPECT_EQ(ReadAttributes("x: {type: string, max_length: 1025}").problems, "3:31 out-of-range\n");
  EXPECT_EQ(ReadAttributes("x: {type: int, optional: yes}").problems, "3:26 bad-boolean\n");
  EXPECT_EQ(ReadAttributes("x: {type: int, optinal: true}").problems, "3:16 unknown-key\n");
  EXPECT_EQ(ReadAttributes("X: {type: int}").problems, "3:1 bad-name\n");
  EXPECT_EQ(ReadAttributes("id: {type: int}").problems, "3:1 reserved-name\n");
  EXPECT_EQ(ReadAttributes("while: {type: int}").problems, "3:1 reserved-name\n");
  EXPECT_EQ(ReadAttributes("x: int").problems, "3:4 wrong-shape\n");
  EXPECT_EQ(ReadAttributes("x:").problems, "3:1 wrong-shape\n");
}

}  // namespace
}  // namespace kulanz::policy
