#!/usr/bin/env python3
"""The shipped rule sets hold what they promise: rules/ and each folder of rules/examples is accepted by
`kulanz check`, and every case of its tests passes, over every row.

  rule_sets_test.py KULANZ
"""

import pathlib
import subprocess
import sys
import unittest

RULES = pathlib.Path(__file__).resolve().parents[2] / "rules"
KULANZ = None
EXAMPLES = 11  # eight schemes, three starter sets


class RuleSetsTest(unittest.TestCase):
    def run_verb(self, verb, folder, *options):
        done = subprocess.run([str(KULANZ), verb, str(folder), *options], capture_output=True, text=True, check=False,
                              timeout=120)
        self.assertEqual(done.returncode, 0, f"kulanz {verb} {folder}\n{done.stdout}{done.stderr}")

    def test_every_set_is_flawless_and_does_what_its_tests_say(self):
        examples = sorted(path for path in (RULES / "examples").iterdir() if path.is_dir())
        self.assertEqual(len(examples), EXAMPLES)
        for folder in [RULES, *examples]:
            with self.subTest(folder=folder.name):
                self.run_verb("check", folder)
                self.run_verb("test", folder, "--threshold", "100")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    KULANZ = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()
