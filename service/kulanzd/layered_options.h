// LayeredOptions: CLI11's options, each as a key of a file, as a variable and as a flag.
//
// An option with the variable KULANZ_DRAIN_WAIT has the key `drain_wait`; nothing else is needed for it to be read
// from all three. A flag wins over the variable, the variable over the file, the file over the default; what is
// overridden is checked all the same. (CLI11 reads configuration files itself, but lets them win over variables,
// stops at the first mistake, and does not know lines. So CLI11 converts and checks each value, and this class says
// in which order it gets them.)
//
// Thread-safety: one owner, before there are threads: the environment is read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "service/kulanzd/config_file.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace kulanz::server {

// For people, and for the test that nothing is left undocumented.
struct OptionDescription {
  std::string key;       // "drain_wait"; empty: of the command line only
  std::string variable;  // "KULANZ_DRAIN_WAIT"; empty: of the command line only
  std::string flag;      // "--drain-wait"
  std::string text;
};

class LayeredOptions {
 public:
  // After all options were added to `app`, which outlives this.
  explicit LayeredOptions(CLI::App& app);

  // The option that names the file, which is read if it is given. No key of its own.
  void ReadFileNamedBy(CLI::Option& option) { file_option_ = &option; }

  // Reads all layers into what the options are bound to. Every violation, each with where it stands:
  // "kulanz.yaml:12:8: grace: ...", "KULANZ_GRACE: ...", "--grace: ..."; never with the value of a URL.
  std::vector<std::string> Read(const std::vector<std::string>& arguments);

  // Whether Read() found --help or --version, and what they print.
  bool asks_for_text() const { return asks_for_text_; }
  std::string Text() const;

  // `violation`, of several options ("--smtp-user needs --smtp"), with where the first of them was said, if that is
  // a file or a variable. Nothing when one of them has a violation of its own, of which this may be a consequence.
  std::string Placed(const std::string& violation) const;

  // The value of an option that nobody has given, where it is no constant.
  void SetDefault(std::string_view key, std::string value);

  // KULANZ_* variables that are no option's, each with a suggestion. They may be somebody else's.
  std::vector<std::string> UnknownVariables() const;

  // The values of all options with their origins, as a file that says the same. Secrets are not in it: options name
  // the files that hold them, and of a URL neither user and password nor query is shown.
  std::string Effective() const;

  std::vector<OptionDescription> Describe() const;

 private:
  enum class Source : std::uint8_t { kDefault, kFile, kVariable, kFlag };
  struct Entry {
    CLI::Option* option = nullptr;
    OptionDescription description;
    std::string default_text;
    std::vector<std::string> values;  // those that count; none: the default
    Source source = Source::kDefault;
    std::string origin;  // "kulanz.yaml:12:8", "KULANZ_GRACE", "--grace"
    bool is_wrong = false;
  };

  void ReadFlags(const std::vector<std::string>& arguments);
  void ReadFile();
  void ReadVariables();
  // Gives the option these values. What is wrong with them becomes a violation.
  void Give(Entry& entry, const std::vector<std::string>& values, Source source,
            std::string origin);
  Entry* Find(std::string_view key);
  std::vector<const Entry*> MentionedIn(std::string_view violation) const;

  CLI::App& app_;
  CLI::Option* file_option_ = nullptr;
  std::vector<Entry> entries_;
  std::vector<std::string> violations_;
  bool asks_for_text_ = false;
};

}  // namespace kulanz::server
