#include "service/kulanzd/layered_options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <optional>
#include <utility>

#include "service/policy/suggest.h"

namespace kulanz::server {
namespace {

constexpr std::string_view kPrefix = "KULANZ_";

std::string KeyOf(std::string_view variable) {
  if (!variable.starts_with(kPrefix)) {
    return "";
  }
  std::string key(variable.substr(kPrefix.size()));
  std::transform(key.begin(), key.end(), key.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return key;
}

bool IsFlag(const CLI::Option& option) { return option.get_items_expected_max() == 0; }
bool IsList(const CLI::Option& option) { return option.get_items_expected_max() > 1; }

std::string DefaultOf(const CLI::Option& option) {
  if (!IsFlag(option)) {
    return option.get_default_str();
  }
  // "--no-deliveries" says false, so without it it is true.
  return option.get_flag_value(option.get_lnames().front(), "") == "false" ? "true" : "false";
}

// CLI11 checks and converts while it parses. Here it first only takes apart what was said.
void SetValidators(CLI::Option& option, bool active) {
  try {
    for (int number = 0;; ++number) {
      option.get_validator(number)->active(active);
    }
  } catch (const CLI::OptionNotFound&) {  // That was the last.
  }
}

std::string NameOfType(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  if (IsFlag(option)) return "true or false";
  if (type.starts_with("UINT")) return "whole number from 0 on";
  if (type.starts_with("INT")) return "whole number";
  if (type.starts_with("FLOAT")) return "number";
  return "value of this option";
}

// A URL may bear a secret although that is refused elsewhere.
std::string Shown(const std::string& value) {
  const std::size_t scheme = value.find("://");
  if (scheme == std::string::npos) {
    return value;
  }
  const std::size_t query = value.find('?', scheme);
  std::string shown = value.substr(0, query);
  if (const std::size_t at = shown.rfind('@'); at != std::string::npos && at > scheme) {
    shown.replace(scheme + 3, at - scheme - 3, "***");
  }
  return query == std::string::npos ? shown : shown + "?***";
}

std::string InYaml(const std::string& value) {
  const bool plain =
      !value.empty() && value.back() != ':' && value != "null" && value != "~" &&
      (std::isalnum(static_cast<unsigned char>(value.front())) != 0 || value.front() == '/') &&
      std::all_of(value.begin(), value.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 ||
               std::string_view("_./:+-").find(static_cast<char>(c)) != std::string_view::npos;
      });
  if (plain) {
    return value;
  }
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
    }
    quoted += c == '\n' ? "\\n" : std::string(1, c);
  }
  return quoted + "\"";
}

// What CLI11 has against these values; nothing: they are taken.
std::optional<std::string> Problem(CLI::Option& option, const std::vector<std::string>& values) {
  option.clear();
  try {
    option.add_result(values);
    option.run_callback();
    return std::nullopt;
  } catch (const CLI::ConversionError&) {
    return (IsList(option) ? "not all of these is a " : "'" + Shown(values.front()) + "' is no ") +
           NameOfType(option);
  } catch (const CLI::ArgumentMismatch&) {
    return "takes one value, not " + std::to_string(values.size());
  } catch (const CLI::ParseError& error) {
    const std::string text = error.what();
    const std::string name = option.get_name() + ": ";
    return text.starts_with(name) ? text.substr(name.size()) : text;
  }
}

}  // namespace

LayeredOptions::LayeredOptions(CLI::App& app) : app_(app) {
  for (CLI::Option* const option : app.get_options()) {
    if (option == app.get_help_ptr() || option == app.get_version_ptr()) {
      continue;
    }
    Entry entry;
    entry.option = option;
    entry.description = {.key = KeyOf(option->get_envname()),
                         .variable = option->get_envname(),
                         .flag = option->get_name(),
                         .text = option->get_description()};
    entry.default_text = DefaultOf(*option);
    entries_.push_back(std::move(entry));
  }
}

std::vector<std::string> LayeredOptions::Read(const std::vector<std::string>& arguments) {
  std::vector<std::pair<std::vector<std::string>, Entry*>> flags;
  ReadFlags(arguments);
  if (asks_for_text_) {
    return {};
  }
  for (Entry& entry : entries_) {
    if (!entry.option->empty()) {
      flags.emplace_back(entry.option->results(), &entry);
    }
    entry.option->clear();
  }
  // The file's name is needed before the file is.
  if (file_option_ != nullptr) {
    const auto given = std::find_if(flags.begin(), flags.end(), [this](const auto& flag) {
      return flag.second->option == file_option_;
    });
    const char* const variable =
        std::getenv(file_option_->get_envname().c_str());  // NOLINT(concurrency-mt-unsafe)
    if (given != flags.end()) {
      file_option_->add_result(given->first);
    } else if (variable != nullptr && *variable != '\0') {
      file_option_->add_result(variable);
    }
    ReadFile();
  }
  ReadVariables();
  for (const auto& [values, entry] : flags) {
    Give(*entry, values, Source::kFlag, entry->description.flag);
  }
  return violations_;
}

void LayeredOptions::ReadFlags(const std::vector<std::string>& arguments) {
  for (const Entry& entry : entries_) {
    entry.option->envname("");
    SetValidators(*entry.option, false);
  }
  std::string misuse;
  try {
    app_.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::Success&) {  // --help, --version
    asks_for_text_ = true;
  } catch (const CLI::ExtrasError&) {
  } catch (const CLI::ConversionError&) {  // Give() says it again.
  } catch (const CLI::ParseError& error) {
    misuse = error.what();
  }
  asks_for_text_ = asks_for_text_ || app_.get_help_ptr()->count() > 0;
  std::vector<std::string_view> names;
  for (const Entry& entry : entries_) {
    entry.option->envname(entry.description.variable);
    SetValidators(*entry.option, true);
    names.push_back(entry.description.flag);
    // Said twice, which Give() says, too.
    if (IsFlag(*entry.option) || entry.option->count() < 2) continue;
    if (misuse.starts_with(entry.description.flag + ":")) misuse.clear();
  }
  if (!misuse.empty()) {
    violations_.push_back(misuse);
  }
  bool may_be_value = false;  // of an unknown option
  for (const std::string& extra : app_.remaining()) {
    const std::string name = extra.substr(0, extra.find('='));
    if (!name.starts_with('-')) {
      if (!std::exchange(may_be_value, false)) {
        violations_.push_back("'" + name + "': there are only options here");
      }
      continue;
    }
    may_be_value = name == extra;
    const std::string meant = policy::DidYouMean(name, names, "options");
    violations_.push_back(name + ": there is no such option" + (meant.empty() ? "" : "; " + meant));
  }
}

void LayeredOptions::ReadFile() {
  if (file_option_->empty()) {
    return;
  }
  ConfigFile file = ReadConfigFile(file_option_->results().front());
  violations_.insert(violations_.end(), file.violations.begin(), file.violations.end());
  std::vector<std::string_view> keys;
  for (const Entry& entry : entries_) {
    if (!entry.description.key.empty() && entry.option != file_option_) {
      keys.push_back(entry.description.key);
    }
  }
  for (const ConfigEntry& read : file.entries) {
    Entry* const entry = Find(read.key);
    if (entry == nullptr || entry->option == file_option_) {
      std::string hint = policy::DidYouMean(read.key, keys, "keys");
      if (Find(read.key + "_file") != nullptr) {
        hint = "secrets are read from files: " + read.key + "_file";
      }
      violations_.push_back(read.key_place + ": there is no option '" + read.key + "'" +
                            (hint.empty() ? "" : "; " + hint));
      continue;
    }
    const std::string place = read.place + ": " + read.key + ": ";
    if (read.is_list && !IsList(*entry->option)) {
      violations_.push_back(place + "takes one value, not a list");
      entry->is_wrong = true;
    } else if (IsFlag(*entry->option) && read.values.front() != "true" &&
               read.values.front() != "false") {
      violations_.push_back(place + "must be true or false");
      entry->is_wrong = true;
    } else {
      Give(*entry, read.values, Source::kFile, read.place);
    }
  }
}

void LayeredOptions::ReadVariables() {
  for (Entry& entry : entries_) {
    if (entry.description.variable.empty()) {
      continue;
    }
    const char* const text =
        std::getenv(entry.description.variable.c_str());  // NOLINT(concurrency-mt-unsafe)
    if (text != nullptr && *text != '\0') {
      Give(entry, {text}, Source::kVariable, entry.description.variable);
    }
  }
}

void LayeredOptions::Give(Entry& entry, const std::vector<std::string>& values, Source source,
                          std::string origin) {
  const bool is_text = entry.option->get_type_name().starts_with("TEXT");
  std::optional<std::string> problem;
  if (values.empty()) {
    problem = "an empty list says nothing: leave it out";
  } else if (!is_text && values.front().empty()) {
    problem = "must have a value";
  } else {
    problem = Problem(*entry.option, values);
  }
  if (problem) {
    entry.is_wrong = true;
    const std::string key = source == Source::kFile ? entry.description.key + ": " : "";
    violations_.push_back(origin + ": " + key + *problem);
    return;
  }
  // Of a list, whatever it was divided by.
  entry.values = IsList(*entry.option) ? entry.option->results() : values;
  entry.source = source;
  entry.origin = std::move(origin);
}

LayeredOptions::Entry* LayeredOptions::Find(std::string_view key) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [key](const Entry& entry) {
    return !key.empty() && entry.description.key == key;
  });
  return found == entries_.end() ? nullptr : &*found;
}

std::string LayeredOptions::Text() const {
  const bool help = app_.get_help_ptr()->count() > 0;
  return help ? app_.help() : app_.version() + "\n";
}

std::vector<const LayeredOptions::Entry*> LayeredOptions::MentionedIn(
    std::string_view violation) const {
  std::vector<const Entry*> mentioned;
  for (std::size_t at = 0; (at = violation.find("--", at)) != std::string_view::npos;) {
    const std::size_t end = std::min(
        violation.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-", at), violation.size());
    const std::string_view flag = violation.substr(at, end - at);
    for (const Entry& entry : entries_) {
      if (entry.description.flag == flag) mentioned.push_back(&entry);
    }
    at = end;
  }
  return mentioned;
}

std::string LayeredOptions::Placed(const std::string& violation) const {
  std::string place;
  for (const Entry* const entry : MentionedIn(violation)) {
    if (entry->is_wrong) {
      return "";
    }
    if (place.empty() && entry->source != Source::kDefault && entry->source != Source::kFlag) {
      place = entry->origin + ": ";
    }
  }
  return place + violation;
}

void LayeredOptions::SetDefault(std::string_view key, std::string value) {
  if (Entry* const entry = Find(key); entry != nullptr) {
    entry->default_text = std::move(value);
  }
}

std::vector<std::string> LayeredOptions::UnknownVariables() const {
  std::vector<std::string_view> known;
  for (const Entry& entry : entries_) {
    known.push_back(entry.description.variable);
  }
  std::vector<std::string> unknown;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::string_view name = text.substr(0, text.find('='));
    if (name.starts_with(kPrefix) && std::find(known.begin(), known.end(), name) == known.end()) {
      const std::string meant = policy::DidYouMean(name, known, "variables");
      unknown.push_back(std::string(name) + " is no option's variable" +
                        (meant.empty() ? "" : "; " + meant));
    }
  }
  return unknown;
}

std::string LayeredOptions::Effective() const {
  std::string text;
  for (const Entry& entry : entries_) {
    if (entry.description.key.empty() || entry.option == file_option_) {
      continue;
    }
    std::vector<std::string> values = entry.values;
    if (values.empty()) {
      if (entry.default_text.empty()) {
        text += "# " + entry.description.key + ":\n";
        continue;
      }
      values = {entry.default_text};
    }
    std::string value;
    for (const std::string& one : values) {
      value += (value.empty() ? "" : ", ") + InYaml(Shown(one));
    }
    text += entry.description.key + ": " + (IsList(*entry.option) ? "[" + value + "]" : value) +
            "  # " + (entry.source == Source::kDefault ? "default" : entry.origin) + "\n";
  }
  return text;
}

std::vector<OptionDescription> LayeredOptions::Describe() const {
  std::vector<OptionDescription> descriptions;
  for (const Entry& entry : entries_) {
    descriptions.push_back(entry.description);
  }
  return descriptions;
}

}  // namespace kulanz::server
