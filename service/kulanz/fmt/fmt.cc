// kulanz fmt: files of policy sets in their canonical form.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "service/kulanz/fmt/format.h"
#include "service/kulanz/rules_loading.h"
#include "service/kulanz/terminal/style.h"
#include "service/kulanz/verbs.h"

namespace kulanz::command {
namespace {

namespace fs = std::filesystem;

struct FmtOptions {
  std::vector<std::string> paths = {"rules"};
  bool check = false;
  bool standard_input = false;
};

constexpr std::size_t kFilesMax = 20'000;

// The *.yaml of a folder, without hidden ones and schemas.
void Collect(const fs::path& folder, std::vector<std::string>& files) {
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with('.') || name == "schema") {
      it.disable_recursion_pending();
    } else if (it->path().extension() == ".yaml" && files.size() < kFilesMax) {
      files.push_back(it->path().string());
    }
  }
}

// Beside the file, then in its place; a link stays one.
bool Replace(const std::string& path, const std::string& text) {
  std::error_code error;
  const fs::path target = fs::canonical(path, error);
  const fs::path draft = target.string() + ".kulanz-fmt";
  {
    std::ofstream out(draft, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (error || !out) {
      fs::remove(draft, error);
      return false;
    }
  }
  const fs::perms perms = fs::status(target, error).permissions();
  fs::permissions(draft, perms, error);
  fs::rename(draft, target, error);
  return !error;
}

class Formatter {
 public:
  explicit Formatter(bool check) : check_(check) {}

  void FormatFile(const std::string& path) {
    const std::optional<policy::SourceFile> file = ReadSource(path);
    if (!file) {
      broken_ = true;
      return;
    }
    const FormatResult result = Format(*file);
    if (!Tell(path, result) || result.text == file->text()) {
      return;
    }
    ++changed_;
    std::printf("%s\n", path.c_str());
    if (!check_ && !Replace(path, result.text)) {
      static_cast<void>(std::fprintf(stderr, "kulanz fmt: cannot write %s\n", path.c_str()));
      broken_ = true;
    }
  }

  // Whether the result is to be used; says why when it is not.
  bool Tell(const std::string& path, const FormatResult& result) {
    if (result.outcome == FormatOutcome::kNotYaml) {
      PrintDiagnostics(result.diagnostics, "");
      broken_ = true;
    } else if (result.outcome == FormatOutcome::kLeftAlone) {
      static_cast<void>(std::fprintf(
          stderr, "kulanz fmt: %s is written in a way that fmt does not follow; left as it is\n",
          path.c_str()));
    }
    return result.outcome == FormatOutcome::kFormatted;
  }

  int exit_code() const {
    return broken_ ? kExitUsage : check_ && changed_ > 0 ? kExitProblems : kExitClean;
  }

 private:
  bool check_;
  bool broken_ = false;
  std::size_t changed_ = 0;
};

int FormatInput(bool check) {
  const std::optional<policy::SourceFile> file = ReadSource("-");
  if (!file) {
    return kExitUsage;
  }
  Formatter formatter(check);
  const FormatResult result = Format(*file);
  const bool good = formatter.Tell("(input)", result);
  const std::string& text = good ? result.text : file->text();
  if (check) {
    return !good || text == file->text() ? formatter.exit_code() : kExitProblems;
  }
  static_cast<void>(std::fputs(text.c_str(), stdout));
  return formatter.exit_code();
}

int RunFmt(const FmtOptions& options) {
  if (options.standard_input) {
    return FormatInput(options.check);
  }
  std::vector<std::string> files;
  for (const std::string& path : options.paths) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
      Collect(path, files);
    } else {
      files.push_back(path);
    }
  }
  std::sort(files.begin(), files.end());
  Formatter formatter(options.check);
  for (const std::string& file : files) {
    formatter.FormatFile(file);
  }
  return formatter.exit_code();
}

}  // namespace

void AddFmt(CLI::App& app, int& exit_code) {
  CLI::App* const verb = app.add_subcommand("fmt", "Write files in their canonical form");
  const auto options = std::make_shared<FmtOptions>();
  CLI::Option* const paths = verb->add_option("rules", options->paths, "Folders, or single files")
                                 ->type_name("DIR|FILE")
                                 ->capture_default_str();
  verb->add_flag("--check", options->check, "Change nothing; end with 1 when a file would change");
  verb->add_flag("--stdin", options->standard_input,
                 "Format the standard input to the standard output")
      ->excludes(paths);
  verb->footer(
      "Names the files that it changes. Comments stay, and what a file means never changes: a file "
      "that\n"
      "the formatter does not follow is left as it is. Ends with 0, with 1 when --check found "
      "something,\n"
      "and with 2 when a file is no YAML or cannot be read.\n\n"
      "Example:\n"
      "  kulanz fmt --check rules");
  verb->callback([options, &exit_code] { exit_code = RunFmt(*options); });
}

}  // namespace kulanz::command
