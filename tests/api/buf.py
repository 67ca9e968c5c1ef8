"""Runs buf on a copy of proto/, so that a test may spoil it."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUF = pathlib.Path(sys.argv[1])


def skip(reason):
    print(f"SKIPPED: {reason}")
    sys.exit(77)


def buf(*arguments):
    """(exit status, everything printed)."""
    run = subprocess.run([BUF, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=100)
    return run.returncode, run.stdout + run.stderr


class CopyTest(unittest.TestCase):
    """`self.proto` is a copy of proto/ as it is now."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="kulanz-api-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.proto = self.folder / "proto"
        shutil.copytree(ROOT / "proto", self.proto)

    def spoil(self, file, old, new):
        path = self.proto / file
        text = path.read_text()
        self.assertEqual(text.count(old), 1, f"{file}: {old}")
        path.write_text(text.replace(old, new))


def main():
    if not BUF.exists():
        skip("npm could not fetch buf; the contract was not looked at")
    unittest.main(argv=sys.argv[:1], verbosity=2)
