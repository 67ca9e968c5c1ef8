#include "service/kulanz/terminal/junit.h"

#include <algorithm>
#include <string_view>

#include "service/cel/utf8.h"

namespace kulanz::command {
namespace {

// As the value of an attribute, or as text of an element.
std::string Escaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t length = cel::utf8::LengthOf(text[i]);
    if (byte >= 0x80U) {
      const bool good = cel::utf8::IsValid(text.substr(i, length));
      out += good ? text.substr(i, length) : "?";
      i += good ? length : 1;
      continue;
    }
    switch (text[i]) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\n':
        out += "&#10;";
        break;
      default:
        // XML has no other control characters, not even escaped.
        out += byte < 0x20U && byte != '\t' ? '?' : text[i];
    }
    ++i;
  }
  return out;
}

std::string Attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + Escaped(value) + "\"";
}

template <typename Of>
std::string CountAttribute(std::string_view name, const std::vector<JunitCase>& cases, Of of) {
  return Attribute(name, std::to_string(std::count_if(cases.begin(), cases.end(), of)));
}

bool HasFailed(const JunitCase& one) { return !one.failures.empty(); }
bool IsSkipped(const JunitCase& one) { return one.skipped; }

std::string CaseXml(const JunitSuite& suite, const JunitCase& one) {
  std::string out = "    <testcase" + Attribute("name", one.name) +
                    Attribute("classname", suite.name) + Attribute("file", one.file);
  if (one.failures.empty() && !one.skipped) {
    return out + "/>\n";
  }
  out += ">\n";
  if (one.skipped) {
    out += "      <skipped/>\n";
  }
  for (const JunitFailure& failure : one.failures) {
    out += "      <failure" + Attribute("type", failure.type) +
           Attribute("message", failure.message) + ">" + Escaped(failure.text) + "</failure>\n";
  }
  return out + "    </testcase>\n";
}

}  // namespace

std::string ReportJunit(const std::vector<JunitSuite>& suites) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const JunitSuite& suite : suites) {
    out += "  <testsuite" + Attribute("name", suite.name) +
           Attribute("tests", std::to_string(suite.cases.size())) +
           CountAttribute("failures", suite.cases, HasFailed) +
           CountAttribute("skipped", suite.cases, IsSkipped) + Attribute("errors", "0") + ">\n";
    for (const JunitCase& one : suite.cases) {
      out += CaseXml(suite, one);
    }
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace kulanz::command
