#!/usr/bin/env python3
"""docs/integrating.md against the source: every reason that a caller can be told, with its code, and no other.

    reasons_test.py
"""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/integrating.md").read_text(encoding="utf-8")

# Where what callers are told is made.
FOLDERS = ("service/app", "service/domain", "service/adapters/grpc", "service/adapters/jose", "service/adapters/redis",
           "service/adapters/memory", "service/base")
FILES = ("service/kulanzd/access_control.cc", "service/adapters/system/audit_file.cc")
LITERAL = r'"([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|CONTENTION)"'
# How a code and its reason stand together: written out, or by a helper whose code is always the same.
MADE = [
    (r"Code::k(\w+),\s*" + LITERAL, None),
    (r"\bRefused\(\s*" + LITERAL, "FAILED_PRECONDITION"),
    (r"\bIdConflict\(\s*" + LITERAL, "ALREADY_EXISTS"),
    (r"\bNo\(\s*" + LITERAL, "UNAUTHENTICATED"),
    (r"\bUnknown\(\s*" + LITERAL, "UNAUTHENTICATED"),
    (r"\bMissing\(\s*" + LITERAL, "DATA_LOSS"),
    (r'\bKnown{"\w+", ' + LITERAL, "UNAVAILABLE"),
    (r"rep->reason = " + LITERAL, "INVALID_ARGUMENT"),
    (r"constexpr std::string_view kWithdrawn = " + LITERAL, "FAILED_PRECONDITION"),
    (r"constexpr std::string_view k(?:ServerOverloaded|CallerOverShare) = " + LITERAL, "RESOURCE_EXHAUSTED"),
]
# No caller is told these.
AT_START = {"REDIS_OPTIONS", "REDIS_URL", "REDIS_NOT_STARTED", "STORE_IN_USE", "STORE_EXISTS", "STORE_DAMAGED",
            "STORE_NOT_EMPTY", "DATA_DIRECTORY", "CHILD_NOT_STARTED", "CANNOT_LISTEN", "CANNOT_SERVE", "PASSWORD_FILE",
            "TLS_FILES", "ACCESS_FILE", "KEY_SET", "AUDIT_FILE"}
# Of decisions, letters and codes: other tokens that are written alike.
OTHER_FILES = ("service/app/letter_errors.cc", "service/domain/decision.h")
OTHER = {"QUIET_HOURS", "LETTER_PENDING", "NOT_WANTED"}


def sources():
    for folder in (*FOLDERS, *FILES):
        for file in [ROOT / folder, *sorted((ROOT / folder).rglob("*"))]:
            if file.suffix in (".cc", ".h"):
                yield file.relative_to(ROOT).as_posix(), re.sub(r"//.*", "", file.read_text(encoding="utf-8"))


def code_name(camel):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", camel).upper()


def told():
    """{(reason, code)} as the source makes them."""
    found = set()
    for _, text in sources():
        for pattern, code in MADE:
            for match in re.finditer(pattern, text):
                found.add((match[1], code) if code else (match[2], code_name(match[1])))
    return {(reason, code) for reason, code in found if reason not in AT_START}


def documented():
    return re.findall(r"^\| `([A-Z_]+)` \| ([A-Z_]+) \| (.*) \|$", PAGE, re.MULTILINE)


class Reasons(unittest.TestCase):
    def test_the_page_has_every_reason_with_its_code(self):
        missing = told() - {(reason, code) for reason, code, _ in documented()}
        self.assertEqual(missing, set(), "add a row to docs/integrating.md: what does a caller do then?")

    def test_the_page_has_no_other(self):
        self.assertEqual({(reason, code) for reason, code, _ in documented()} - told(), set())

    def test_what_is_only_said_at_start_exists(self):
        text = "".join(text for _, text in sources())
        self.assertEqual({reason for reason in AT_START if f'"{reason}"' not in text}, set())

    def test_no_reason_twice(self):
        reasons = [reason for reason, _, _ in documented()]
        self.assertEqual(sorted(reasons), sorted(set(reasons)))

    def test_every_token_of_the_source_is_known(self):
        """A new helper that makes errors is noticed by the reasons that it is given."""
        files = dict(sources())
        known = {reason for reason, _ in told()} | AT_START | OTHER | {code_name(code) for code in re.findall(
            r"^  k(\w+) = \d+,$", files["service/base/status.h"], re.MULTILINE)}
        for name in OTHER_FILES:
            known |= set(re.findall(LITERAL, files[name]))
        for name, text in files.items():
            unknown = {token for token in re.findall(LITERAL, text) if not token.startswith(("KULANZ_", "SMTP_", "HTTP_"))}
            self.assertEqual(unknown - known, set(), f"{name}: MADE of this test does not know how these are made")

    def test_the_contract_names_them(self):
        """What a method's comment promises is on the page."""
        reasons = {reason for reason, _, _ in documented()}
        for file in sorted((ROOT / "proto/kulanz/v1").glob("*_service.proto")):
            for names in re.findall(r"//\s+[A-Z_]+ / ([A-Z_]+(?:, [A-Z_]+)*)", file.read_text(encoding="utf-8")):
                promised = {name for name in names.split(", ") if not name.endswith("_")}
                self.assertLessEqual(promised, reasons, file.name)


class Links(unittest.TestCase):
    def test_they_lead_somewhere(self):
        for page in (ROOT / "docs").glob("*.md"):
            for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
                self.assertTrue((page.parent / target).exists(), f"{page.name}: {target}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
