// kulanz completion: scripts that let a shell complete the command line, made from the verbs themselves.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "service/kulanz/verbs.h"

namespace kulanz::command {
namespace {

struct OptionWords {
  std::vector<std::string> names;    // "--format", "-v"
  std::vector<std::string> choices;  // of its value, when they are known
  std::string description;
  bool takes_value = false;
};

struct VerbWords {
  std::string name;
  std::string description;
  std::vector<OptionWords> options;
  std::vector<std::string> choices;  // of its first argument, when they are known
};

// CLI11 shows what a value may be as "TEXT:{text,json}".
std::vector<std::string> ChoicesOf(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const std::size_t open = type.find('{');
  const std::size_t close = type.find('}');
  std::vector<std::string> choices;
  if (open == std::string::npos || close == std::string::npos) {
    return choices;
  }
  std::string word;
  for (std::size_t i = open + 1; i <= close; ++i) {
    if (type[i] != ',' && type[i] != '}') {
      word += type[i];
    } else if (!word.empty()) {
      choices.push_back(std::exchange(word, {}));
    }
  }
  return choices;
}

std::vector<VerbWords> VerbsOf(const CLI::App& app) {
  std::vector<VerbWords> verbs;
  for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; })) {
    VerbWords& words = verbs.emplace_back();
    words.name = verb->get_name();
    words.description = verb->get_description().substr(0, verb->get_description().find('\n'));
    for (const CLI::Option* option : verb->get_options()) {
      OptionWords one;
      for (const std::string& name : option->get_lnames()) {
        one.names.push_back("--" + name);
      }
      for (const std::string& name : option->get_snames()) {
        one.names.push_back("-" + name);
      }
      one.choices = ChoicesOf(*option);
      one.description = option->get_description();
      one.takes_value = option->get_items_expected_max() > 0;
      if (!one.names.empty()) {
        words.options.push_back(std::move(one));
      } else if (words.choices.empty()) {
        words.choices = one.choices;
      }
    }
  }
  return verbs;
}

std::string Joined(const std::vector<std::string>& words, std::string_view between) {
  std::string out;
  for (const std::string& word : words) {
    out += (out.empty() ? "" : std::string(between)) + word;
  }
  return out;
}

std::vector<std::string> NamesOf(const VerbWords& verb) {
  std::vector<std::string> names;
  for (const OptionWords& option : verb.options) {
    names.insert(names.end(), option.names.begin(), option.names.end());
  }
  return names;
}

// In single quotes, for a shell.
std::string ShellQuoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return out + "'";
}

std::string BashScript(const std::vector<VerbWords>& verbs) {
  std::vector<std::string> names;
  std::string cases;
  for (const VerbWords& verb : verbs) {
    names.push_back(verb.name);
    cases += "    " + verb.name + ")\n      case \"$before\" in\n";
    for (const OptionWords& option : verb.options) {
      if (!option.takes_value) {
        continue;
      }
      cases += "        " + Joined(option.names, "|") + ") ";
      cases += option.choices.empty()
                   ? "COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n"
                   : "COMPREPLY=($(compgen -W " + ShellQuoted(Joined(option.choices, " ")) +
                         " -- \"$word\")); return ;;\n";
    }
    cases += "      esac\n      options=" + ShellQuoted(Joined(NamesOf(verb), " ")) + "\n";
    cases += "      choices=" + ShellQuoted(Joined(verb.choices, " ")) + "\n      ;;\n";
  }
  return "# bash completion of kulanz: source <(kulanz completion bash)\n"
         "_kulanz() {\n"
         "  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
         "  local options='' choices=''\n"
         "  if ((COMP_CWORD == 1)); then\n"
         "    COMPREPLY=($(compgen -W " +
         ShellQuoted(Joined(names, " ") + " --help --version") +
         " -- \"$word\"))\n"
         "    return\n"
         "  fi\n"
         "  case \"${COMP_WORDS[1]}\" in\n" +
         cases +
         "  esac\n"
         "  if [[ $word == -* ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
         "  elif [[ -n $choices ]] && ((COMP_CWORD == 2)); then\n"
         "    COMPREPLY=($(compgen -W \"$choices\" -- \"$word\"))\n"
         "  else\n"
         "    COMPREPLY=($(compgen -f -- \"$word\"))\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _kulanz kulanz\n";
}

std::string ZshScript(const std::vector<VerbWords>& verbs) {
  std::string names;
  std::string cases;
  for (const VerbWords& verb : verbs) {
    names += "    " + ShellQuoted(verb.name + ":" + verb.description) + "\n";
    cases += "    " + verb.name + ")\n      _arguments";
    for (const OptionWords& option : verb.options) {
      std::string description = option.description;
      std::replace(description.begin(), description.end(), '[', '(');
      std::replace(description.begin(), description.end(), ']', ')');
      std::replace(description.begin(), description.end(), ':', ',');
      const std::string value = !option.takes_value ? ""
                                : option.choices.empty()
                                    ? ":value:_files"
                                    : ":value:(" + Joined(option.choices, " ") + ")";
      for (const std::string& name : option.names) {
        cases += " \\\n        " + ShellQuoted(name + "[" + description + "]" + value);
      }
    }
    cases += verb.choices.empty()
                 ? " \\\n        '*:file:_files'\n      ;;\n"
                 : " \\\n        " + ShellQuoted("1:what:(" + Joined(verb.choices, " ") + ")") +
                       " \\\n        '*:file:_files'\n      ;;\n";
  }
  return "#compdef kulanz\n"
         "# zsh completion of kulanz: kulanz completion zsh > ~/.zfunc/_kulanz\n"
         "_kulanz() {\n"
         "  local -a verbs\n"
         "  verbs=(\n" +
         names +
         "  )\n"
         "  if ((CURRENT == 2)); then\n"
         "    _describe 'verb' verbs\n"
         "    return\n"
         "  fi\n"
         "  local verb=${words[2]}\n"
         "  shift words\n"
         "  ((CURRENT--))\n"
         "  case $verb in\n" +
         cases +
         "  esac\n"
         "}\n"
         "compdef _kulanz kulanz\n";
}

std::string FishScript(const std::vector<VerbWords>& verbs) {
  std::string out = "# fish completion of kulanz: kulanz completion fish | source\n";
  for (const VerbWords& verb : verbs) {
    out += "complete -c kulanz -n __fish_use_subcommand -f -a " + verb.name + " -d " +
           ShellQuoted(verb.description) + "\n";
    const std::string seen =
        "complete -c kulanz -n '__fish_seen_subcommand_from " + verb.name + "'";
    for (const OptionWords& option : verb.options) {
      out += seen;
      for (const std::string& name : option.names) {
        out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      if (option.takes_value) {
        out +=
            option.choices.empty() ? " -r" : " -x -a " + ShellQuoted(Joined(option.choices, " "));
      }
      out += " -d " + ShellQuoted(option.description) + "\n";
    }
    if (!verb.choices.empty()) {
      out += seen + " -f -a " + ShellQuoted(Joined(verb.choices, " ")) + "\n";
    }
  }
  return out;
}

}  // namespace

void AddCompletion(CLI::App& app, int& exit_code) {
  CLI::App* const verb =
      app.add_subcommand("completion", "Print a script for the completion of a shell");
  const auto shell = std::make_shared<std::string>();
  verb->add_option("shell", *shell, "Whose script")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->required();
  verb->footer(
      "Examples:\n"
      "  source <(kulanz completion bash)\n"
      "  kulanz completion zsh > ~/.zfunc/_kulanz\n"
      "  kulanz completion fish > ~/.config/fish/completions/kulanz.fish");
  verb->callback([&app, shell, &exit_code] {
    const std::vector<VerbWords> verbs = VerbsOf(app);
    const std::string script = *shell == "bash"  ? BashScript(verbs)
                               : *shell == "zsh" ? ZshScript(verbs)
                                                 : FishScript(verbs);
    static_cast<void>(std::fputs(script.c_str(), stdout));
    exit_code = kExitClean;
  });
}

}  // namespace kulanz::command
