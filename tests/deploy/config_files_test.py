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
    import yaml
except ImportError:
    running.skip("python3-yaml is not installed")

import configuration

KULANZD = sys.argv[1]
DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "deploy"
FILES = sorted(DEPLOY.rglob("kulanz.yaml"))
# What deploy/kulanz.yaml shows in a comment although there is a default, another one.
EXAMPLES = {"audit_log", "embedded", "mail_dir", "store", "trusted_callers"}


def options(text, commented):
    """The keys of a file; with `commented`, also those that a # makes examples."""
    return re.findall(r"(?m)^(?:# )?([a-z_]+): " if commented else r"(?m)^([a-z_]+): ", text)


def commented_values(text):
    """{key: value} of the examples and defaults in a file."""
    return {key: value for line in re.findall(r"(?m)^# ([a-z_]+: .+)$", text) for key, value in yaml.safe_load(line).items()}


def defaults():
    """{key: value} of a kulanzd that is told nothing but where its data is; without those that are nothing."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write("redis: redis://redis.internal\n")
        file.flush()
        said = yaml.safe_load(configuration.printed(KULANZD, file.name))
    del said["redis"]
    return said


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

    def test_what_stands_in_comments_is_the_default_or_known_as_an_example(self):
        shown, said = commented_values((DEPLOY / "kulanz.yaml").read_text()), defaults()
        self.assertIn("calls_in_flight_min", shown)
        self.assertEqual({key for key in shown.keys() & said.keys() if shown[key] != said[key]}, EXAMPLES)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
