#!/usr/bin/env python3
"""Holds rules/schema to the loader: what an editor underlines is what `kulanz check` and `kulanz test` refuse.

  schema_test.py KULANZ

corpus.yaml changes one place of a flawless rule set (base/) at a time, for good or for bad; the schema and the
command must both say so. loader_only.txt lists the mistakes that no schema can see: of these the schemas
must say nothing, so that the list stays true. The mistakes of tests/golden/policy_errors are judged likewise.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

try:
    import jsonschema
    import yaml

    import core_yaml
except ImportError as missing:
    print(f"skipped: {missing.name} is not installed (python3-jsonschema, python3-yaml)")
    sys.exit(77)

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RULES = ROOT / "rules"
GOLDEN = ROOT / "tests" / "golden" / "policy_errors"
KULANZ = None
MODELINE = re.compile(r"^# yaml-language-server: \$schema=(\S+)$")
ROLES = {"incidents", "customers", "calendars", "tables", "people", "settings"}


def role_of(name):
    """The schema for a file of a rule set, by its relative path; None for what is in no place that is read."""
    path = pathlib.PurePosixPath(name)
    if path.name.endswith("_test.yaml"):
        return "tests"
    if len(path.parts) == 2 and path.parts[0] in ("policies", "shared"):
        return {"policies": "policy", "shared": "shared"}[path.parts[0]]
    return path.stem if len(path.parts) == 1 and path.stem in ROLES else None


def schema(role):
    return json.loads((RULES / "schema" / f"{role}.schema.json").read_text(encoding="utf-8"))


def complaints(role, text):
    """What an editor says of a file: of its YAML, else of its shape."""
    try:
        data = core_yaml.load(text)
    except (yaml.YAMLError, UnicodeError) as error:
        return [f"no YAML: {error}"]
    validator = jsonschema.Draft7Validator(schema(role))
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in validator.iter_errors(data)]


def loader_only():
    """Names of mistakes that only the loader sees."""
    lines = (HERE / "loader_only.txt").read_text(encoding="utf-8").splitlines()
    return {line.partition(": ")[0] for line in lines if line and not line.startswith("#")}


def rule_sets():
    """The shipped rule sets: rules/ itself and each of rules/examples."""
    return [RULES, *sorted(path for path in (RULES / "examples").iterdir() if path.is_dir())]


class SchemaTest(unittest.TestCase):
    def test_the_schemas_are_schemas(self):
        for file in sorted((RULES / "schema").glob("*.json")):
            jsonschema.Draft7Validator.check_schema(json.loads(file.read_text(encoding="utf-8")))

    def test_every_key_is_described(self):
        for file in sorted((RULES / "schema").glob("*.json")):
            self.described(json.loads(file.read_text(encoding="utf-8")), file.name)

    def described(self, node, where):
        for key, value in node.get("properties", {}).items():
            target = value
            if "$ref" in value:
                self.assertRegex(value["$ref"], r"^#/definitions/")
                continue
            self.assertIn("description", target, f"{where}: {key}")
        for key, value in node.items():
            for child in value.values() if key in ("properties", "definitions", "patternProperties") else [value]:
                for one in child if isinstance(child, list) else [child]:
                    if isinstance(one, dict) and key not in ("if", "then"):
                        self.described(one, f"{where}/{key}")

    def test_shipped_files_name_their_schema_and_fit_it(self):
        for folder in rule_sets():
            files = [file for file in folder.rglob("*.yaml")
                     if folder != RULES or "examples" not in file.relative_to(RULES).parts]
            for file in sorted(files):
                name = file.relative_to(folder).as_posix()
                with self.subTest(file=str(file.relative_to(ROOT))):
                    text = file.read_text(encoding="utf-8")
                    match = MODELINE.match(text.partition("\n")[0])
                    self.assertTrue(match, "the first line must name the schema for editors")
                    named = (file.parent / match.group(1)).resolve()
                    self.assertEqual(named, RULES / "schema" / f"{role_of(name)}.schema.json")
                    self.assertEqual(complaints(role_of(name), text), [])

    def test_the_base_is_flawless(self):
        for file in sorted((HERE / "base").rglob("*.yaml")):
            name = file.relative_to(HERE / "base").as_posix()
            self.assertEqual(complaints(role_of(name), file.read_text(encoding="utf-8")), [], name)
        for verb in ("check", "test"):
            status, printed = self.judge(verb, {})
            self.assertIn(status, (0, 3), printed)

    def judge(self, verb, changed):
        """(exit status, what was printed) of `kulanz check` or `kulanz test` for the base with some files changed."""
        with tempfile.TemporaryDirectory(prefix="kulanz-schema-") as name:
            folder = pathlib.Path(name) / "rules"
            shutil.copytree(HERE / "base", folder)
            for file, text in changed.items():
                (folder / file).write_text(text, encoding="utf-8")
            done = subprocess.run([str(KULANZ), verb, str(folder)], capture_output=True, text=True, check=False,
                                  timeout=60)
            return done.returncode, done.stdout + done.stderr

    def test_the_corpus(self):
        corpus = core_yaml.load((HERE / "corpus.yaml").read_text(encoding="utf-8"))
        only = loader_only()
        names = [entry["name"] for entry in corpus["good"] + corpus["bad"]]
        self.assertEqual(len(names), len(set(names)), "a name twice")
        self.assertGreaterEqual(len(corpus["bad"]), 120)
        for verdict in ("good", "bad"):
            for entry in corpus[verdict]:
                with self.subTest(verdict=verdict, name=entry["name"]):
                    original = (HERE / "base" / entry["file"]).read_text(encoding="utf-8")
                    self.assertEqual(original.count(entry["replace"]), 1, "what is replaced is there once")
                    text = original.replace(entry["replace"], entry["with"])
                    said = complaints(role_of(entry["file"]), text)
                    if verdict == "good" or entry["name"] in only:
                        self.assertEqual(said, [])
                    else:
                        self.assertNotEqual(said, [], "the schema finds nothing wrong")
                    verb = "test" if role_of(entry["file"]) == "tests" else "check"
                    status, printed = self.judge(verb, {entry["file"]: text})
                    self.assertEqual(status in (0, 3), verdict == "good", printed)

    def test_the_golden_mistakes(self):
        only = loader_only()
        for folder in sorted(path for path in GOLDEN.iterdir() if path.is_dir() and path.name != "base"):
            said, read = [], False
            for file in sorted(folder.rglob("*.yaml")):
                role = role_of(file.relative_to(folder).as_posix())
                if role is not None:
                    read = True
                    said += complaints(role, file.read_bytes().decode("utf-8", "surrogateescape"))
            told = set(re.findall(r"^\S.*(\[[a-z0-9-]+\])$", (folder / "expected.txt").read_text("utf-8"), re.MULTILINE))
            with self.subTest(mistake=folder.name):
                if folder.name in only:
                    self.assertEqual(said, [], "a schema sees this: then it must not be in loader_only.txt")
                elif read and not told <= only:
                    self.assertNotEqual(said, [], "the schema finds nothing wrong: mend it, or add to loader_only.txt")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    KULANZ = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
