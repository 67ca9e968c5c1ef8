#!/usr/bin/env python3
"""Executes rules/README.md: every YAML, expression and command in it. readme_blocks.py says how a block tells
what is to be done with it.

  readme_test.py KULANZ            tests
  readme_test.py KULANZ --update   writes what the commands print now into the page; read the difference
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import recipe
from readme_blocks import blocks_of, maps_of

HERE = pathlib.Path(__file__).resolve().parent
README = HERE.parents[1] / "rules" / "README.md"
BASE = HERE / "base"
ROLES = ("incidents", "customers", "calendars", "tables", "people", "settings", "shared", "tests")
KULANZ = None
PAGE = README.read_text(encoding="utf-8")
BLOCKS = blocks_of(PAGE)


def run(command, cwd):
    """(exit status, what a terminal without colours shows)."""
    path = f"{KULANZ.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        command, shell=isinstance(command, str), cwd=cwd, text=True, check=False, timeout=60,
        env={"PATH": path, "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(cwd), "COLUMNS": "110"},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def same_line(expected, printed):
    """`...` within a line stands for any text."""
    pattern = ".*".join(re.escape(part) for part in expected.rstrip().split("..."))
    return re.fullmatch(pattern, printed.rstrip()) is not None


def matches(expected, printed):
    """Line by line; a line `...` stands for any lines."""
    if not expected:
        return not printed
    if expected[0] == "...":
        return any(matches(expected[1:], printed[i:]) for i in range(len(printed) + 1))
    return bool(printed) and same_line(expected[0], printed[0]) and matches(expected[1:], printed[1:])


def commands_of(text):
    """[(command, the lines that it prints)] of a console block; a command may go on behind a backslash."""
    commands = []
    for line in text.splitlines():
        if line.startswith("$ "):
            commands.append((line[2:], []))
        elif commands and not commands[-1][1] and commands[-1][0].endswith("\\"):
            commands[-1] = (commands[-1][0] + "\n" + line, [])
        elif commands:
            commands[-1][1].append(line)
        else:
            raise ValueError(f"'{line}' belongs to no command")
    return commands


class ReadmeTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="kulanz-docs-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def check(self, folder, block):
        status, printed = run([str(KULANZ), "check", "."], folder)
        self.assertIn(status, (0, 3), f"README.md:{block.line}:\n{printed}")

    def test_every_block_is_executed(self):
        in_maps = {part.line for pair in maps_of(BLOCKS) for part in pair}
        for block in BLOCKS:
            with self.subTest(line=block.line):
                if block.line in in_maps:
                    continue
                if block.language == "yaml":
                    known = block.value("file") or set(block.words) & {"policy", "recipe", *ROLES}
                    self.assertTrue(known, f"README.md:{block.line}: say what this YAML is")
                else:
                    self.assertTrue(block.language in ("console", "cel", "text") or block.value("file"), block.line)

    def test_recipes(self):
        recipes = [block for block in BLOCKS if "recipe" in block.words]
        self.assertGreaterEqual(len(recipes), 18)
        for block in recipes:
            with self.subTest(line=block.line):
                folder = self.folder / str(block.line)
                write(folder, recipe.files_of(block.text))
                self.check(folder, block)
                status, printed = run([str(KULANZ), "test", "."], folder)
                self.assertEqual(status, 0, f"README.md:{block.line}:\n{printed}")

    def test_fragments_are_accepted(self):
        for block in BLOCKS:
            role = next((word for word in block.words if word in ("policy", *ROLES)), None)
            if block.language != "yaml" or block.value("file") or role is None:
                continue
            with self.subTest(line=block.line):
                folder = self.folder / str(block.line)
                shutil.copytree(BASE, folder)
                if role == "policy":
                    write(folder, {"policies/base.yaml": recipe.merged_policy(BASE, block.text)})
                elif role == "shared":
                    write(folder, {f"shared/{recipe.shared_name(block.text)}.yaml": block.text})
                elif role == "tests":
                    write(folder, {"base_test.yaml": block.text})
                    status, printed = run([str(KULANZ), "test", "."], folder)
                    self.assertEqual(status, 0, f"README.md:{block.line}:\n{printed}")
                else:
                    write(folder, {f"{role}.yaml": block.text})
                    if role == "incidents":
                        shutil.rmtree(folder / "policies")
                        shutil.rmtree(folder / "shared")
                self.check(folder, block)

    def test_expressions(self):
        lines = [(block.line + i, *recipe.expression_of(line))
                 for block in BLOCKS if block.language == "cel"
                 for i, line in enumerate(block.text.splitlines(), 1) if line.strip()]
        self.assertGreater(len(lines), 30)
        folder = self.folder / "expressions"
        shutil.copytree(BASE, folder)
        for start in range(0, len(lines), 40):
            some = lines[start : start + 40]
            write(folder, recipe.expression_files(BASE, some))
            status, printed = run([str(KULANZ), "test", "."], folder)
            self.assertEqual(status, 0, f"the names are line_<line of README.md>\n{printed}")

    def test_maps(self):
        if run([str(KULANZ), "simulate", "--help"], self.folder)[0] != 0:
            self.skipTest("this kulanz does not simulate")
        for number, (a_map, rows) in enumerate(maps_of(BLOCKS)):
            with self.subTest(line=a_map.line):
                folder = self.folder / str(number)
                shutil.copytree(HERE / "maps", folder / "rules")
                write(folder, {"map.yaml": a_map.text, "rows.csv": rows.text})
                status, printed = run("kulanz simulate rules --incidents rows.csv --map map.yaml", folder)
                self.assertEqual(status, 0, f"README.md:{a_map.line}:\n{printed}")
                self.assertRegex(printed, r"granted +2 ", f"README.md:{rows.line}:\n{printed}")

    def test_the_tutorial(self):
        for block in BLOCKS:
            if block.value("file"):
                write(self.folder, {block.value("file"): block.text})
            elif block.language == "console":
                for command, expected in commands_of(block.text):
                    _, printed = run(command, self.folder)
                    if not matches(expected, printed.splitlines()):
                        self.assertEqual("\n".join(expected), printed, f"README.md:{block.line}: $ {command}")


def update():
    """Writes what the tutorial's commands print into the page."""
    page = PAGE.splitlines(keepends=True)
    pieces, at = [], 0
    with tempfile.TemporaryDirectory(prefix="kulanz-docs-") as name:
        folder = pathlib.Path(name)
        for block in BLOCKS:
            if block.value("file"):
                write(folder, {block.value("file"): block.text})
            elif block.language == "console":
                pieces.append("".join(page[at : block.line]))
                for command, expected in commands_of(block.text):
                    _, printed = run(command, folder)
                    kept = "".join(f"{line}\n" for line in expected)
                    same = matches(expected, printed.splitlines())
                    pieces.append(f"$ {command}\n{kept if same else printed}")
                at = block.line + len(block.text.splitlines())
    README.write_text("".join(pieces) + "".join(page[at:]), encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    KULANZ = pathlib.Path(sys.argv.pop(1)).resolve()
    if "--update" in sys.argv:
        update()
    else:
        unittest.main()
