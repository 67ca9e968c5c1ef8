#!/usr/bin/env python3
"""Every configuration file that is committed below deploy/, by kulanzd's own word.

    config_files_test.py KULANZD      (exit 77: PyYAML is not installed)
"""

import pathlib
import re
import sys
import tempfile
import unittest

import running

try:
    import yaml  # noqa: F401 (read by kustomize)
except ImportError:
    running.skip("python3-yaml is not installed")

import configuration

KULANZD = sys.argv[1]
DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "deploy"
FILES = sorted(DEPLOY.rglob("kulanz.yaml"))


def options(text, commented):
    """The keys of a file; with `commented`, also those that a # makes examples."""
    return re.findall(r"(?m)^(?:# )?([a-z_]+): " if commented else r"(?m)^([a-z_]+): ", text)


class ConfigFiles(unittest.TestCase):
    def test_the_files_are_those_that_are_deployed(self):
        overlays = {path.name for path in (DEPLOY / "kubernetes/overlays").iterdir()}
        self.assertEqual({str(file.parent.relative_to(DEPLOY)) for file in FILES},
                         {".", "compose", "systemd"} | {f"kubernetes/overlays/{name}" for name in overlays})

    def test_each_is_fine(self):
        for file in FILES:
            with self.subTest(file.relative_to(DEPLOY)):
                status, said = configuration.check(KULANZD, file)
                self.assertEqual(status, 0, said)
                self.assertNotIn(str(file) + ":", said)

    def test_a_misspelled_key_is_found_in_each(self):
        for file in FILES:
            with self.subTest(file.relative_to(DEPLOY)), tempfile.NamedTemporaryFile("w", suffix=".yaml") as spoiled:
                text = file.read_text()
                self.assertRegex(text, "(?m)^rules: ")
                spoiled.write(re.sub("(?m)^rules: ", "rulez: ", text))
                spoiled.flush()
                status, said = configuration.check(KULANZD, spoiled.name)
                self.assertEqual(status, 2, said)
                self.assertIn("there is no option 'rulez'; did you mean 'rules'?", said)

    def test_what_stands_in_comments_exists(self):
        """A file that is changed by taking a # away stays fine."""
        known = options((DEPLOY / "kulanz.yaml").read_text(), commented=True)
        for file in FILES:
            with self.subTest(file.relative_to(DEPLOY)):
                self.assertLessEqual(set(options(file.read_text(), commented=True)), set(known))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
