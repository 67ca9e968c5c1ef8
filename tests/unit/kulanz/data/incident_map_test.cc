#include "service/kulanz/data/incident_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "service/kulanz/data/time_format.h"
#include "service/policy/loader.h"
#include "tests/support/paths/paths.h"

namespace kulanz::command {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class IncidentMapTest : public ::testing::Test {
 protected:
  IncidentMapTest() {
    std::string pattern = (fs::temp_directory_path() / "kulanz-map-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  ~IncidentMapTest() override { fs::remove_all(folder_); }

  // Reads `csv` by the map `yaml`; keeps table and map.
  void Open(const std::string& yaml, const std::string& csv, bool with_policies = true) {
    std::ofstream(folder_ / "map.yaml") << yaml;
    Result<MapFile> file = MapFile::Read(yaml.empty() ? "" : (folder_ / "map.yaml").string());
    ASSERT_TRUE(file.ok()) << file.status().message();
    Result<DataTable> table = DataTable::Parse("in.csv", csv, file->separator());
    ASSERT_TRUE(table.ok()) << table.status().message();
    file_.emplace(*std::move(file));
    table_.emplace(*std::move(table));
    if (policies_ == nullptr) {
      policies_ = policy::LoadPolicySet(test::SourcePath("tests/golden/report/rules")).policies;
    }
    map_ = IncidentMap::Make(*file_, *table_, with_policies ? policies_.get() : nullptr);
  }
  std::string Problem() const { return map_->ok() ? "" : map_->status().message(); }
  MappedRow Read(std::size_t index = 0) const {
    DataRow row;
    MappedRow mapped;
    table_->ReadRow(index, row);
    (*map_)->Read(row, mapped);
    return mapped;
  }

  fs::path folder_;
  std::shared_ptr<const policy::PolicySet> policies_;
  std::optional<MapFile> file_;
  std::optional<DataTable> table_;
  std::optional<Result<IncidentMap>> map_;
};

constexpr const char* kColumns =
    "incident_id,customer_id,type,occurred_at,order_id,order_total,currency,promised_at,delivered_"
    "at,"
    "cause,unread\n";

TEST_F(IncidentMapTest, WithoutAMapColumnsAreKnownByTheirNamesAndTypedByTheRules) {
  Open("", std::string(kColumns) +
               "I-1,C-1,late_delivery,2026-01-02T03:04:05Z,O-1,12.50,EUR,2026-01-01T00:00:00+01:00,"
               "2026-01-02T03:04:05.250Z,carrier,no policy reads this\n");
  const MappedRow row = Read();
  ASSERT_EQ(row.kind, MappedRow::Kind::kIncident) << row.problem;
  EXPECT_EQ(row.incident.id.text(), "I-1");
  EXPECT_EQ(row.incident.order->total->ToString(), "12.50 EUR");
  EXPECT_EQ(row.incident.attributes.size(), 3U);
  EXPECT_EQ(FormatInstant(std::get<Instant>(row.incident.attributes.find("promised_at")->second)),
            "2025-12-31T23:00:00Z");
  EXPECT_EQ(row.reported_at, row.incident.occurred_at);
}

TEST_F(IncidentMapTest, WithoutRulesAttributesAreTypedByTheirLooks) {
  Open("",
       "incident_id,customer_id,type,occurred_at,n,t,s,e\nI,C,x,2026-01-02T03:04:05Z,7,true,7a,\n",
       false);
  const auto& attributes = Read().incident.attributes;
  EXPECT_EQ(attributes.size(), 3U) << "an empty field is no attribute";
  EXPECT_EQ(std::get<std::int64_t>(attributes.find("n")->second), 7);
  EXPECT_EQ(std::get<bool>(attributes.find("t")->second), true);
  EXPECT_EQ(std::get<std::string>(attributes.find("s")->second), "7a");
}

TEST_F(IncidentMapTest, ConstantsFormulasWordsFormatsAndSkippedRows) {
  Open(R"(separator: ';'
zone: Europe/Berlin
decimal_comma: true
incident_id: {formula: '"I-" + row.no + "-" + row.Kind_of_case'}
customer_id: {column: who}
type: {column: Kind of case, words: {P: late_delivery}, otherwise: outage}
occurred_at: {column: at, format: '%d.%m.%Y %H:%M'}
reported_at: {formula: 'timestamp(row.seen)'}
reporter: {value: customer}
revision: {formula: 'int(row.no)'}
order_id: {column: order, default: none}
order_total: {column: total, currency: EUR}
skip_without: [who]
skip_when: ['row.no == "9"', 'row.who.startsWith("test-")']
attributes:
  promised_at: {formula: 'timestamp(row.seen) - duration("24h")'}
  delivered_at: {column: at, format: '%d.%m.%Y %H:%M'}
  minutes: {column: no}
)",
       "no;who;Kind of case;at;seen;order;total\n"
       "3;C-1;P;29.03.2026 03:30;2026-03-30T00:00:00Z;;1.234,5\n"
       "4;;P;29.03.2026 03:30;2026-03-30T00:00:00Z;;\n"
       "9;C-1;P;29.03.2026 03:30;2026-03-30T00:00:00Z;;\n"
       "5;test-1;P;29.03.2026 03:30;2026-03-30T00:00:00Z;;\n"
       "6;C-1;Q;29.03.2026 03:30;2026-03-30T00:00:00Z;;\n");
  ASSERT_EQ(Problem(), "");
  const MappedRow row = Read(0);
  ASSERT_EQ(row.kind, MappedRow::Kind::kIncident) << row.problem;
  EXPECT_EQ(row.incident.id.text(), "I-3-P");
  EXPECT_EQ(row.incident.type, "late_delivery");
  EXPECT_EQ(FormatInstant(row.incident.occurred_at), "2026-03-29T01:30:00Z");
  EXPECT_EQ(FormatInstant(row.reported_at), "2026-03-30T00:00:00Z");
  EXPECT_EQ(row.incident.reporter, Reporter::kCustomer);
  EXPECT_EQ(row.incident.revision, 3U);
  EXPECT_EQ(row.incident.order->id.text(), "none");
  EXPECT_EQ(row.incident.order->total->ToString(), "1234.50 EUR");
  EXPECT_EQ(row.incident.attributes.size(), 2U) << "minutes belongs to the other type";
  for (const std::size_t skipped : {1U, 2U, 3U}) {
    EXPECT_EQ(Read(skipped).kind, MappedRow::Kind::kSkipped) << skipped;
  }
  EXPECT_EQ(Read(4).incident.type, "outage");
  EXPECT_EQ(std::get<std::int64_t>(Read(4).incident.attributes.find("minutes")->second), 6);
}

TEST_F(IncidentMapTest, EverythingThatIsWrongWithARowIsSaid) {
  Open("", std::string(kColumns) + ",C\x01,late_delivery,yesterday,O,12.345,EUR,x,,,\n" +
               "I,C,late_delivery,2026-01-02,O,1,,2026-13-01T00:00:00Z,,,\n");
  EXPECT_EQ(Read(0).kind, MappedRow::Kind::kRejected);
  EXPECT_EQ(
      Read(0).problem,
      "incident_id is empty; customer_id has a control character; occurred_at: 'yesterday' is "
      "not a time with its zone; order_total: '12.345' is not an amount in 'EUR'; promised_at: "
      "'x' is not a time with its zone");
  EXPECT_THAT(Read(1).problem, HasSubstr("order_total: '1' is not an amount in a known currency"));
}

TEST_F(IncidentMapTest, EveryMistakeInAMapHasItsPlaceAndASuggestion) {
  Open(R"(incident_id: {column: evnt_id}
customer_id: {column: customer_id, value: x}
type: {formula: 'row.kind + 1'}
occurred_at: {column: at, format: '%H:%M'}
order_total: {column: at, type: gold}
zone: Mars/Base
attributes:
  delivered: {column: at}
colour: red
)",
       "event_id,customer_id,kind,at\n");
  for (const char* const expected :
       {"map.yaml:1:23: error: in.csv has no column 'evnt_id'; did you mean 'event_id'? "
        "[unknown-column]",
        "map.yaml:2:14: error: a source has one of 'column', 'value' and 'formula' [one-source]",
        "map.yaml:3:17: error: ", "map.yaml:4:35: error: '%H:%M' is no format of times",
        "'gold' is no type of a column; one of: auto, bool", "'Mars/Base' is no IANA time zone",
        "no incident type declares an attribute 'delivered'; did you mean 'delivered_at'?",
        "unknown key 'colour' in a map"}) {
    EXPECT_THAT(Problem(), HasSubstr(expected));
  }
}

TEST_F(IncidentMapTest, AMapMustSayWhatEveryIncidentNeeds) {
  Open("type: {value: outage}\n", "id,customer_id,occurred_at\n");
  EXPECT_THAT(Problem(), HasSubstr("nothing says what the incident_id is"));
}

TEST_F(IncidentMapTest, RowsMaySayWhatTheirCustomerWas) {
  Open(R"(customer:
  segment: {column: class}
  orders_completed: {value: 3}
  attributes: {plan: {column: plan}}
)",
       "incident_id,customer_id,type,occurred_at,class,plan\nI,C,outage,2026-01-02T03:04:05Z,gold,"
       "xl\n");
  ASSERT_EQ(Problem(), "");
  DataRow row;
  table_->ReadRow(0, row);
  Customer customer;
  EXPECT_EQ((*map_)->customer()->Apply(row, customer), "");
  EXPECT_EQ(customer.segment, "gold");
  EXPECT_EQ(customer.orders_completed, 3);
  EXPECT_EQ(customer.attributes.at("plan"), "xl");
}

// The first block of the page's code that begins with `beginning`.
std::string BlockOf(const std::string& page, const std::string& beginning) {
  const std::size_t begin = page.find("\n" + beginning);
  const std::size_t end = page.find("```", begin);
  return begin == std::string::npos || end == std::string::npos
             ? ""
             : page.substr(begin + 1, end - begin - 1);
}

TEST_F(IncidentMapTest, TheMapInTheReadmeReadsTheFileBesideIt) {
  std::ifstream file(test::SourcePath("rules/README.md"));
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  Open(BlockOf(page, "# map.yaml"), BlockOf(page, "No;Kind;"));
  ASSERT_EQ(Problem(), "");
  ASSERT_EQ(table_->row_count(), 3U);
  const MappedRow parcel = Read(0);
  ASSERT_EQ(parcel.kind, MappedRow::Kind::kIncident) << parcel.problem;
  EXPECT_EQ(parcel.incident.id.text(), "case-1");
  EXPECT_EQ(FormatInstant(parcel.incident.occurred_at), "2026-03-05T17:30:00Z");
  EXPECT_EQ(parcel.incident.order->total->ToString(), "1234.50 EUR");
  EXPECT_EQ(parcel.incident.attributes.size(), 2U);
  const MappedRow line = Read(1);
  ASSERT_EQ(line.kind, MappedRow::Kind::kIncident) << line.problem;
  EXPECT_EQ(line.incident.type, "outage");
  EXPECT_EQ(std::get<std::int64_t>(line.incident.attributes.find("minutes")->second), 180);
  EXPECT_EQ(Read(2).kind, MappedRow::Kind::kSkipped);
}

std::string Instants(const std::string& pattern, const std::string& text, bool in_berlin = false) {
  std::string problem;
  const std::optional<TimeFormat> format =
      pattern.empty() ? std::optional(TimeFormat()) : TimeFormat::Parse(pattern, problem);
  EXPECT_TRUE(format.has_value()) << problem;
  const TimeZone berlin = *TimeZone::Load("Europe/Berlin");
  const std::optional<Instant> instant = format->ReadInstant(text, in_berlin ? &berlin : nullptr);
  return instant ? FormatInstant(*instant) : "none";
}

TEST(TimeFormatTest, PatternsReadWhatTheySayAndNothingElse) {
  EXPECT_EQ(Instants("%d/%b/%y %I:%M %p %z", "3/Mar/26 12:05 AM +01:00"), "2026-03-02T23:05:00Z");
  EXPECT_EQ(Instants("%Y-%m-%d %H:%M:%S.%f", "2026-03-01 10:00:00.1234567", true),
            "2026-03-01T09:00:00.123Z");
  EXPECT_EQ(Instants("unix", "1772359200"), "2026-03-01T10:00:00Z");
  EXPECT_EQ(Instants("unix_ms", "-1"), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(Instants("", "2026-03-01 10:00", true), "2026-03-01T09:00:00Z");
  EXPECT_EQ(Instants("", "2026-03-01 10:00"), "none") << "without a zone nobody knows when";
  EXPECT_EQ(Instants("%Y-%m-%d", "2026-02-30", true), "none");
  EXPECT_EQ(Instants("%Y-%m-%d", "2026-02-03x", true), "none");
  EXPECT_EQ(Instants("%Y-%m-%d %H", "2026-02-03 24", true), "none");
  EXPECT_EQ(Instants("%I:%M %p %Y-%m-%d", "13:00 PM 2026-02-03", true), "none");
  EXPECT_EQ(Instants("unix", "99999999999999999999"), "none");
  std::string problem;
  EXPECT_FALSE(TimeFormat::Parse("%Q", problem));
  EXPECT_FALSE(TimeFormat::Parse("%Y%", problem));
}

TEST(TypedTextTest, NumbersDurationsAndLists) {
  TextFormat format;
  format.decimal_comma = true;
  format.type = TextType::kDecimal;
  EXPECT_EQ(std::get<Decimal>(*ParseAttribute("1.234,50", format)).ToString(), "1234.50");
  EXPECT_FALSE(ParseAttribute("1.23,50", format));
  EXPECT_FALSE(ParseAttribute("12.3456,5", format));
  format.type = TextType::kDuration;
  format.unit = std::chrono::minutes{1};
  EXPECT_EQ(std::get<Duration>(*ParseAttribute("1.5", format)), std::chrono::seconds{90});
  EXPECT_EQ(std::get<Duration>(*ParseAttribute("2h", format)), std::chrono::hours{2});
  EXPECT_FALSE(ParseAttribute("99999999999999999", format));
  format.type = TextType::kList;
  EXPECT_EQ(std::get<AttributeList>(*ParseAttribute("a;b", format)).size(), 2U);
  EXPECT_EQ(std::get<AttributeRecordList>(*ParseAttribute(R"([{"minutes": 30}])", format)).size(),
            1U);
  EXPECT_FALSE(ParseAttribute("[1", format));
  EXPECT_FALSE(ParseAttribute("[[1]]", format));
}

}  // namespace
}  // namespace kulanz::command
