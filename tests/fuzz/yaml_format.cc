// The formatter over any text: it never stumbles, and what it writes it leaves as it is.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "service/base/check.h"
#include "service/kulanz/fmt/format.h"

using kulanz::command::Format;
using kulanz::command::FormatOutcome;
using kulanz::command::FormatResult;
using kulanz::policy::SourceFile;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as bytes.
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const FormatResult once = Format(SourceFile("fuzz.yaml", std::string(text)));
  if (once.outcome == FormatOutcome::kFormatted) {
    const FormatResult twice = Format(SourceFile("fuzz.yaml", once.text));
    KULANZ_CHECK(twice.outcome == FormatOutcome::kFormatted, "what was written can be read");
    KULANZ_CHECK(twice.text == once.text, "formatting is idempotent");
  }
  KULANZ_CHECK(once.outcome != FormatOutcome::kNotYaml || !once.diagnostics.empty(),
               "nothing is refused without a reason");
  return 0;
}
