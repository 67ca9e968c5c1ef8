#!/usr/bin/env python3
"""Holds the sources to the house rules that no compiler checks.

    tests/tidy/check_sources.py [ROOT]      prints file:line: rule: what is wrong and what to do

The include directions are those of service/ARCHITECTURE.md: a folder may include only what stands
below it. A line may be excused with its reason, `// tidy-ok(rule): reason`; a file's length likewise,
anywhere in the file. The tables come first, the code that reads them after.
"""

import collections
import pathlib
import re
import sys

# Who may include whom, transitively: engine also sees policy, cel, domain and base.
DIRECTLY_BELOW = {
    "base": [],
    "domain": ["base"],
    "cel": ["domain"],
    "policy": ["cel"],
    "engine": ["policy"],
    "ports": ["domain"],
    "app": ["engine", "ports"],
    "adapters/grpc": ["app"],
    "adapters/mail": ["ports"],  # how a letter is written; shared by those that send one
    "adapters/*": ["ports"],
    "adapters/maildir": ["adapters/mail", "ports"],
    "adapters/otlp": ["adapters/curl", "ports"],
    "adapters/smtp": ["adapters/curl", "adapters/mail", "ports"],
    "adapters/webhook": ["adapters/curl", "adapters/mail", "ports"],
    "doctor": ["app"],
    "wiring": ["app", "adapters/redis", "adapters/system"],  # what kulanzd and kulanz set up alike
    # mail: letters are checked as policies are; doctor and wiring: the verbs of operators
    "kulanz": ["engine", "adapters/memory", "adapters/mail", "doctor", "wiring"],
    "kulanzd": ["*"],
}

# Third-party and generated headers: pattern, the only paths that may include it, why.
HEADER_HOMES = [
    (r"hiredis/", r"service/adapters/redis/", "Redis is spoken to in adapters/redis only"),
    (r"grpc(pp)?/|.*\.grpc\.pb\.h$", r"service/(adapters/grpc|kulanz)/", "gRPC stops at adapters/grpc"),
    (r".*\.pb\.h$|google/protobuf/",
     r"service/(adapters/grpc|kulanz)/|service/adapters/webhook/webhook_json\.cc$|service/app/record_[a-z_]*\.cc$",
     "protobuf stops at adapters/grpc, what webhooks say, and the record codec"),
    (r"yaml-cpp/", r"service/policy/", "YAML is read in policy only"),
    (r"re2/", r"service/cel/", "regular expressions belong to the language"),
    (r"openssl/", r"service/(base/[a-z_]*\.cc$|adapters/)", "use base/crypto.h"),
    (r"cjose/", r"service/adapters/jose/", "tokens are looked at in adapters/jose only"),
    (r"jansson", r"service/adapters/(jose|otlp)/", "JSON is read and written in adapters"),
    (r"curl/", r"service/adapters/curl/", "libcurl is set up in adapters/curl only; the network is spoken to in adapters only"),
    (r"prometheus/", r"service/adapters/prometheus/", "count through ports/telemetry.h"),
    (r"CLI/", r"service/(kulanzd?|wiring)/", "only programs have a command line"),
    (r"absl/", r"service/(base|adapters/grpc)/[a-z_]*\.cc$", "abseil stays in base (time zones) and below gRPC"),
]

PURE = r"service/(domain|cel|policy|engine|app|ports)/"
# Rule, pattern in the code (comments and literals removed), where it counts, what to do instead.
BANNED = [
    ("clock", r"\b(system|steady|high_resolution)_clock::now\b|\b(gettimeofday|clock_gettime)\s*\("
              r"|(?<![\w.>:])(std::)?time\s*\(\s*(nullptr|NULL|0|&\w+)\s*\)",
     PURE, "time comes in as an argument or from the clock port"),
    ("random", r"(?<![\w.>:])(std::)?s?rand\s*\(\s*|\brandom_device\b|\bmt19937(_64)?\b",
     PURE, "chance comes from ports/entropy.h"),
    ("random", r"(?<![\w.>:])(std::)?s?rand\s*\(", r"service/", "rand() is neither random nor thread-safe"),
    ("sleep", r"\bsleep_(for|until)\b|(?<![\w.>:])u?sleep\s*\(", PURE, "a flow waits on the scheduler port"),
    ("double", r"\b(double|float)\b", r"service/domain/", "money and decimals are exact; use Decimal"),
]

# Who may turn a voucher code into text: the answer to a caller, the letter, and a
# pool's cipher and hash.
REVEALERS = (r"service/(domain/(voucher|pool|issued)_code\.|app/(courier|pool_cipher\.)|adapters/(grpc|mail)/|"
             r"adapters/webhook/webhook_json\.)|tests/")
BANNED.append(("reveal", r"(\.|->)Reveal\s*\(", rf"(?!{REVEALERS})",
               "a voucher code is a bearer secret; print it masked"))

LINES_MAX = 400
SOURCES = {".h", ".cc"}
SCRIPTS = {".py", ".sh"}
PORT = re.compile(r"(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):[1-9]\d*|--port[= ][1-9]\d*")
TODO = re.compile(r"\bFIXME\b|\bTODO\b(?!\([a-z][\w.-]*\): \S)")
WAIVER = re.compile(r"tidy-ok\(([a-z-]+)\): \S")

Finding = collections.namedtuple("Finding", "path line rule text")


def folder_of(path):
    """'service/adapters/redis/x.h' -> 'adapters/redis'; None outside service/."""
    parts = path.split("/")
    if parts[0] != "service" or len(parts) < 3:
        return None
    return "/".join(parts[1:3]) if parts[1] == "adapters" and len(parts) > 3 else parts[1]


def may_include(folder, included):
    """Whether `folder` stands above `included`, over any number of steps."""
    seen, ahead = set(), [folder]
    while ahead:
        here = ahead.pop()
        if here == included or here == "*":
            return True
        if here in seen:
            continue
        seen.add(here)
        fallback = DIRECTLY_BELOW["adapters/*"] if here.startswith("adapters/") else []
        ahead.extend(DIRECTLY_BELOW.get(here, fallback))
    return False


LITERAL_OR_COMMENT = re.compile(
    r'R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"'
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|(?<![0-9a-fA-F])'(?:[^'\\\n]|\\.)+'"
    r"|//[^\n]*|/\*.*?\*/",
    re.DOTALL)


def code_only(text):
    """The text with comments and literals blanked out, line for line."""
    return LITERAL_OR_COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def check_includes(path, lines):
    folder = folder_of(path)
    for number, line in enumerate(lines, 1):
        match = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if not match:
            continue
        quote, header = match.groups()
        if folder is not None:
            for pattern, home, why in HEADER_HOMES:
                if re.match(pattern, header):
                    if not re.match(home, path):
                        yield Finding(path, number, "header", f"<{header}> must not be included here: {why}")
                    break
        if header.startswith("service/"):
            included = folder_of(header)
            if folder is not None and not may_include(folder, included):
                yield Finding(path, number, "direction",
                              f"{folder} must not include {header}: {included} does not stand below it")
        elif header.startswith("tests/") and folder is not None:
            yield Finding(path, number, "direction", f"the service must not include {header}")
        elif quote == '"' and "/" not in header:
            yield Finding(path, number, "include-path", f'write "{header}" with its path from the top')


def check_code(path, text):
    for number, line in enumerate(code_only(text).split("\n"), 1):
        hit = set()
        for rule, pattern, where, advice in BANNED:
            if rule not in hit and re.match(where, path) and re.search(pattern, line):
                hit.add(rule)
                yield Finding(path, number, rule, advice)


def check_lines(path, lines):
    for number, line in enumerate(lines, 1):
        if TODO.search(line):
            yield Finding(path, number, "todo", "write TODO(name): reason, or do it")
        if path.startswith("tests/") and PORT.search(line):
            yield Finding(path, number, "port", "a fixed port may be taken; listen on port 0 or a Unix socket")


def check_header(path, lines):
    if not lines[0].startswith("// "):
        yield Finding(path, 1, "header-comment", "open with what this is: // Name: one sentence")
    if "#pragma once" not in lines:
        yield Finding(path, 1, "pragma-once", "a header needs #pragma once")


# What begins a definition at the top of an unnamed namespace, and its name.
ALIAS = re.compile(r"(?:using|namespace) (?P<name>\w+) = ")
TYPE = re.compile(r"(?:enum class|enum|struct|class|union) (?P<name>\w+)")
FUNCTION = re.compile(r"[\w:][\w:<>,*& ]*?[ *&](?P<name>\w+)\(")
VARIABLE = re.compile(r"[\w:][\w:<>,*& ]*?[ *&](?P<name>\w+)(?:\[\w*\])? ?(?:=|\{|;)")


def unnamed_namespace_names(text):
    """(line, name with its named namespaces, definition) of what stands at the top of unnamed namespaces."""
    scopes = []
    for number, (line, whole) in enumerate(zip(code_only(text).split("\n"), text.split("\n")), 1):
        if opened := re.match(r"namespace(?: ([\w:]+))? \{", line):
            scopes.append(opened.group(1))
        elif scopes and whole.startswith("}  // namespace"):
            scopes.pop()
        elif None in scopes:
            matches = [m for m in (ALIAS.match(line), TYPE.match(line), FUNCTION.match(line), VARIABLE.match(line)) if m]
            if matches:
                # A variable's initialiser may have a call in it: the name that comes first is the one.
                name = min(matches, key=lambda match: match.start("name")).group("name")
                yield number, "::".join(scope for scope in scopes if scope) + "::" + name, whole.strip()


def target_of(path):
    """The library that a file of service/ becomes a part of: its folder's; the verbs of kulanz are three."""
    folder, _, _ = path.rpartition("/")
    if folder.startswith("service/kulanz/") and not folder.endswith(("/server", "/store")):
        return "service/kulanz"
    return folder


def check_unnamed_namespaces(sources):
    """`sources`: path and text of all .cc files. KULANZ_UNITY compiles several files of a library as one."""
    known = {}
    for path, text in sources:
        for number, name, definition in unnamed_namespace_names(text):
            first = known.setdefault((target_of(path), name), (path, definition))
            is_same_alias = ALIAS.match(definition) and definition == first[1]
            if first[0] != path and not is_same_alias:
                yield Finding(path, number, "unnamed", f"{name} is also in an unnamed namespace of {first[0]}, and both "
                              "may be compiled as one: share it, or give it a name of its own")


def check_file(path, text):
    lines = text.split("\n")
    suffix = pathlib.PurePosixPath(path).suffix
    findings = list(check_lines(path, lines))
    if suffix in SOURCES:
        findings += check_includes(path, lines)
        findings += check_code(path, text)
    if suffix == ".h":
        findings += check_header(path, lines)
    length = text.count("\n")
    if length > LINES_MAX:
        findings.append(Finding(path, LINES_MAX + 1, "length", f"{length} lines; more than {LINES_MAX}: split it"))
    waived_in_file = {m.group(1) for m in WAIVER.finditer(text)}
    for finding in findings:
        waived = {m.group(1) for m in WAIVER.finditer(lines[finding.line - 1])}
        if finding.rule in waived or (finding.rule == "length" and "length" in waived_in_file):
            continue
        yield finding


def check_tree(root):
    root = pathlib.Path(root)
    findings, files, sources = [], 0, []
    for top in ("service", "tests", "deploy"):
        for file in sorted((root / top).rglob("*")):
            path = file.relative_to(root).as_posix()
            # This folder speaks of what it forbids.
            if file.suffix in SOURCES | SCRIPTS and file.is_file() and not path.startswith("tests/tidy/"):
                files += 1
                text = file.read_text(encoding="utf-8")
                findings += check_file(path, text)
                if file.suffix == ".cc" and top == "service":
                    sources.append((path, text))
    return files, findings + list(check_unnamed_namespaces(sources))


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    files, findings = check_tree(root)
    for finding in findings:
        print(f"{finding.path}:{finding.line}: {finding.rule}: {finding.text}")
    print(f"{files} files, {len(findings)} findings")
    return 1 if findings or not files else 0


if __name__ == "__main__":
    sys.exit(main())
