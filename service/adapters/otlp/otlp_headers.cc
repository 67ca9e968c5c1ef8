#include "service/adapters/otlp/otlp_headers.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <set>

namespace kulanz::adapters {
namespace {

constexpr std::size_t kLinesNamed = 20;

// Of the connection, or set by kulanzd or libcurl.
constexpr std::array<std::string_view, 11> kNotToBeSet = {"connection",     "content-encoding",
                                                          "content-length", "content-type",
                                                          "expect",         "host",
                                                          "keep-alive",     "te",
                                                          "trailer",        "transfer-encoding",
                                                          "upgrade"};

Status Unusable(const std::string& why) {
  return Status(Code::kFailedPrecondition, "OTLP_HEADERS", why);
}

std::string_view Trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

bool IsTokenCharacter(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// Why this is no header; nullptr: it is one. `names`: of those before.
const char* WrongWith(std::string_view line, std::set<std::string>& names) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) {
    return "must be 'name: value'";
  }
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = Trimmed(line.substr(colon + 1));
  if (name.empty() || name.size() > kOtlpHeaderNameBytesMax ||
      !std::all_of(name.begin(), name.end(), IsTokenCharacter)) {
    return "must begin with the name of a header, of 1 to 64 letters, digits and dashes";
  }
  const std::string lower = Lower(name);
  if (std::find(kNotToBeSet.begin(), kNotToBeSet.end(), lower) != kNotToBeSet.end()) {
    return "is a header that kulanzd sets itself";
  }
  if (!names.insert(lower).second) {
    return "is a header that was given before";
  }
  if (value.empty() || value.size() > kOtlpHeaderValueBytesMax ||
      !std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; })) {
    return "must have a value of 1 to 4096 printable ASCII characters";
  }
  return nullptr;
}

}  // namespace

Result<std::vector<std::string>> ParseOtlpHeaders(std::string_view text) {
  std::vector<std::string> headers;
  std::set<std::string> names;
  std::string wrong;
  std::size_t wrong_count = 0;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    line = Trimmed(line);
    if (line.empty() || line.starts_with('#')) {
      continue;
    }
    if (const char* const why = WrongWith(line, names); why != nullptr) {
      if (++wrong_count <= kLinesNamed) {
        wrong += (wrong.empty() ? "line " : "; line ") + std::to_string(number) + " " + why;
      }
      continue;
    }
    const std::size_t colon = line.find(':');
    headers.push_back(std::string(line.substr(0, colon)) + ": " +
                      std::string(Trimmed(line.substr(colon + 1))));
  }
  if (wrong_count > kLinesNamed) {
    wrong += "; and " + std::to_string(wrong_count - kLinesNamed) + " more";
  }
  if (wrong_count == 0 && (headers.empty() || headers.size() > kOtlpHeadersMax)) {
    wrong = "must have 1 to " + std::to_string(kOtlpHeadersMax) + " headers";
  }
  if (!wrong.empty()) {
    return Unusable(wrong);
  }
  return headers;
}

Result<std::vector<std::string>> ReadOtlpHeaders(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kOtlpHeadersBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || (file.fail() && !file.eof())) {
    return Unusable(path + ": cannot be read");
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kOtlpHeadersBytesMax) {
    return Unusable(path + ": has more than " + std::to_string(kOtlpHeadersBytesMax) + " bytes");
  }
  auto headers = ParseOtlpHeaders(text);
  if (!headers.ok()) {
    return Unusable(path + ": " + headers.status().message());
  }
  return headers;
}

}  // namespace kulanz::adapters
