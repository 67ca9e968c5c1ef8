#include "service/kulanz/terminal/style.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace kulanz::command {
namespace {

constexpr std::size_t kDefaultWidth = 100;
constexpr std::size_t kWidthMin = 40;
constexpr std::size_t kWidthMax = 1'000;

// The programs of this folder have one thread when they ask.
std::string_view Environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::size_t OutputWidth() {
  winsize size{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): the system call is one.
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return std::clamp(std::size_t{size.ws_col}, kWidthMin, kWidthMax);
  }
  const std::string_view columns = Environment("COLUMNS");
  std::size_t width = 0;
  std::from_chars(columns.data(), columns.data() + columns.size(), width);
  return width == 0 ? kDefaultWidth : std::clamp(width, kWidthMin, kWidthMax);
}

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

std::string_view CodeOf(Paint paint) {
  switch (paint) {
    case Paint::kPlain:
      return "";
    case Paint::kBold:
      return "\x1b[1m";
    case Paint::kDim:
      return "\x1b[2m";
    case Paint::kRed:
      return "\x1b[1;31m";
    case Paint::kGreen:
      return "\x1b[32m";
    case Paint::kYellow:
      return "\x1b[33m";
    case Paint::kCyan:
      return "\x1b[36m";
  }
  return "";
}

}  // namespace

Style Style::ForOutput(std::string_view color) {
  bool wanted = color == "always";
  if (color == "auto") {
    wanted = isatty(STDOUT_FILENO) != 0 && Environment("NO_COLOR").empty() &&
             !Environment("TERM").empty() && Environment("TERM") != "dumb";
  }
  return {wanted, OutputWidth()};
}

std::string Style::In(Paint paint, std::string_view text) const {
  if (!color_ || paint == Paint::kPlain || text.empty()) {
    return std::string(text);
  }
  return std::string(CodeOf(paint)) + std::string(text) + "\x1b[0m";
}

void AddColorOption(CLI::App& verb, std::string& color) {
  verb.add_option("--color", color, "Colours in text")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
}

std::size_t ColumnsOf(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

std::string Printable(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20U || byte == 0x7FU) {
      c = c == '\n' || c == '\t' || c == '\r' ? ' ' : '?';
    }
  }
  return out;
}

std::string CutTo(std::string_view text, std::size_t columns) {
  if (ColumnsOf(text) <= columns) {
    return std::string(text);
  }
  std::size_t end = 0;
  for (std::size_t shown = 0; end < text.size(); ++end) {
    shown += IsContinuation(text[end]) ? 0U : 1U;
    if (shown == std::max(columns, std::size_t{1})) {
      break;
    }
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string PadTo(std::string_view text, std::size_t columns, bool to_the_right) {
  const std::size_t taken = ColumnsOf(text);
  const std::string blanks(columns > taken ? columns - taken : 0, ' ');
  return to_the_right ? blanks + std::string(text) : std::string(text) + blanks;
}

std::string Count(std::size_t number, std::string_view noun) {
  std::string text = std::to_string(number) + " ";
  if (number != 1 && noun.ends_with('y')) {
    return text.append(noun.substr(0, noun.size() - 1)) + "ies";
  }
  return text.append(noun) + (number == 1 ? "" : "s");
}

}  // namespace kulanz::command
