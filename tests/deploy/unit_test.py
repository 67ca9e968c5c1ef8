#!/usr/bin/env python3
"""The systemd unit: accepted by systemd, sandboxed, with options that exist.

    unit_test.py KULANZD      (exit 77: systemd-analyze is not installed)
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import configuration
import ending
import running

KULANZD = sys.argv[1]
UNIT = pathlib.Path(__file__).resolve().parents[2] / "deploy/systemd/kulanzd.service"
CONFIG = UNIT.with_name("kulanz.yaml")
# Of systemd-analyze security, in tenths; it calls up to 4.9 OK.
EXPOSURE_MAX = 20
if shutil.which("systemd-analyze") is None:
    running.skip("systemd-analyze is not installed")


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", *map(str, arguments)], capture_output=True, text=True, check=False)


class Unit(unittest.TestCase):
    def spoiled(self, old, new):
        directory = tempfile.TemporaryDirectory(prefix="kulanz-unit-")
        self.addCleanup(directory.cleanup)
        text = UNIT.read_text()
        self.assertIn(old, text)
        file = pathlib.Path(directory.name, "kulanzd.service")
        file.write_text(text.replace(old, new))
        return file

    def test_systemd_understands_it(self):
        run = analyze("verify", self.spoiled("/usr/local/bin/kulanzd", KULANZD))
        self.assertEqual((run.returncode, run.stdout + run.stderr), (0, ""))

    def test_an_unknown_setting_is_found(self):
        run = analyze("verify", self.spoiled("ProtectHome=", "ProtectHomes="))
        self.assertNotEqual(run.stdout + run.stderr, "")

    def test_little_is_exposed(self):
        run = analyze("security", "--offline=true", f"--threshold={EXPOSURE_MAX}", UNIT)
        self.assertEqual(run.returncode, 0, run.stdout[-300:] + run.stderr)

    def test_a_hole_is_found(self):
        spoiled = self.spoiled("SystemCallFilter=@system-service\n", "").read_text()
        spoiled = re.sub(r"(?m)^(SystemCallFilter|CapabilityBoundingSet|PrivateUsers|RestrictNamespaces)=.*\n", "", spoiled)
        file = self.spoiled("[Unit]", "[Unit]")
        file.write_text(spoiled)
        run = analyze("security", "--offline=true", f"--threshold={EXPOSURE_MAX}", file)
        self.assertNotEqual(run.returncode, 0)

    def test_an_end_in_order_is_waited_for(self):
        text = UNIT.read_text()
        self.assertNotRegex(text, "--grace|--drain-wait|KULANZ_GRACE|KULANZ_DRAIN_WAIT")
        given = configuration.of_file(CONFIG.read_text())
        said = subprocess.run([KULANZD, "--help"], capture_output=True, text=True, check=True).stdout
        self.assertGreaterEqual(ending.seconds(re.search(r"^TimeoutStopSec=(.*)$", text, re.MULTILINE).group(1)),
                                ending.needed(given, said))
        self.assertGreater(ending.needed({"--grace": "40s"}, said), 40)
        self.assertGreater(ending.needed({"--grace": "forever"}, said), 3600)

    def test_options_and_variables_exist(self):
        text = UNIT.read_text()
        said = subprocess.run([KULANZD, "--help"], capture_output=True, text=True, check=True).stdout
        command = re.search(r"^ExecStart=(.*)$", text, re.MULTILINE).group(1)
        self.assertLessEqual(set(re.findall(r"--[a-z-]+", command)), set(re.findall(r"--[a-z-]+", said)))

    def test_its_configuration_is_read_from_where_it_is_to_be_put(self):
        self.assertRegex(UNIT.read_text(), "(?m)^ExecStart=.* --config /etc/kulanz/kulanz.yaml ")
        self.assertIn("/etc/kulanz/kulanz.yaml", CONFIG.read_text().splitlines()[0])

    def test_files_that_it_reads_itself_are_given_to_a_group(self):
        """As its user is not root, and kulanzd refuses a key that everybody may read."""
        read = re.findall(r"(?m)^(?:# )?\w+_(?:key|password)_file: (?!\$\{CREDENTIALS_DIRECTORY\}|/run/credentials/)(\S+)",
                          CONFIG.read_text())
        self.assertIn("/etc/kulanz/tls/tls.key", read)
        (group,) = re.findall(r"(?m)^#?SupplementaryGroups=(\w+)$", UNIT.read_text())
        readme = UNIT.parents[1].joinpath("README.md").read_text()
        for text in (re.sub("(?m)^# *", "", CONFIG.read_text()), re.search("(?ms)^## systemd$.*?^## ", readme)[0]):
            self.assertRegex(text, f"(?m)^groupadd --system {group}$")
            for file in read:
                self.assertRegex(text, f"(?m)^chgrp {group} {file}\nchmod 0640 {file}$")

    def test_it_is_as_sound_with_the_group(self):
        file = self.spoiled("#SupplementaryGroups=", "SupplementaryGroups=")
        file.write_text(file.read_text().replace("/usr/local/bin/kulanzd", KULANZD))
        run = analyze("verify", file)
        self.assertEqual((run.returncode, run.stdout + run.stderr), (0, ""))
        run = analyze("security", "--offline=true", f"--threshold={EXPOSURE_MAX}", file)
        self.assertEqual(run.returncode, 0, run.stdout[-300:] + run.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
