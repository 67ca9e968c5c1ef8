#!/usr/bin/env python3
"""buf breaking: the contract against what it was: at the latest release, and before its latest change.

    breaking_test.py BUF      (exit 77: there is no buf, or no history)

"Before its latest change" is HEAD where proto/ has uncommitted changes, else the parent of the last commit
that touched it: so a break is found by whoever makes it, and on every machine that runs the tests later.
A break that is wanted goes into proto/buf.yaml, with its reason, until the next release.
"""

import json
import subprocess

import buf

# What kulanzd stores must stay readable, whatever it is called.
STORED = '{"version": "v2", "modules": [{"path": "."}], "breaking": {"use": ["WIRE"]}}'
# Rule, file, what is broken.
BREAKS = [
    ("FIELD_SAME_TYPE", "voucher.proto", "uint32 attempts = 2;", "string attempts = 2;"),
    ("FIELD_NO_DELETE", "customer.proto", "string email = 5;", "string email = 50;"),
    ("FIELD_SAME_NAME", "incident.proto", "uint32 revision = 5;", "uint32 version = 5;"),
    ("RPC_NO_DELETE", "customer_service.proto", "rpc EraseCustomer(", "rpc ForgetCustomer("),
    ("ENUM_VALUE_NO_DELETE", "voucher.proto", "  DELIVERY_STATE_CANCELLED = 4;\n", ""),
]


def git(*arguments):
    """What git prints; None when it fails, or there is none."""
    try:
        run = subprocess.run(["git", "-C", buf.ROOT, *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        return None
    return run.stdout if run.returncode == 0 else None


def earlier_versions():
    """{why: commit} with which the contract is compared."""
    found = {}
    release = git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*")
    if release:
        found["the latest release"] = release.decode().strip()
    if git("rev-parse", "HEAD") is None:
        return found
    if git("diff", "--quiet", "HEAD", "--", "proto") is None:
        found["HEAD"] = "HEAD"
    else:
        before = git("log", "-1", "--format=%H^", "--", "proto").decode().strip()
        if git("rev-parse", "--verify", before) is not None:
            found["before the latest change"] = before
    return found


EARLIER = earlier_versions()


class Breaking(buf.CopyTest):
    def was(self, commit):
        """proto/ of a commit, in a folder of its own."""
        folder = self.folder / "was"
        folder.mkdir()
        archive = git("archive", commit, "proto")
        subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)
        return folder / "proto"

    def judged(self, was, *options):
        return buf.buf("breaking", self.proto, "--against", was, *options)

    def test_clients_notice_nothing(self):
        for why, commit in EARLIER.items():
            with self.subTest(why):
                was = self.was(commit)
                self.assertEqual(self.judged(was), (0, ""))
                self.assertEqual(self.judged(was, "--config", STORED), (0, ""))


class Judge(buf.CopyTest):
    """That breaks are found, and additions are none."""

    def judged(self, *options):
        return buf.buf("breaking", self.proto, "--against", buf.ROOT / "proto", *options)

    def test_breaks_are_found(self):
        for _, file, old, new in BREAKS:
            self.spoil("kulanz/v1/" + file, old, new)
        status, printed = self.judged("--error-format", "json")
        self.assertEqual(status, 100, printed)
        found = {(one["type"], one["path"].rsplit("/", 1)[1]) for one in map(json.loads, printed.splitlines())}
        self.assertLessEqual({(rule, file) for rule, file, _, _ in BREAKS}, found)

    def test_what_is_stored_stays_readable(self):
        file = "kulanz/record/v1/budget.proto"
        self.spoil(file, "string name = 1;", "string title = 1;")
        self.assertEqual(self.judged("--config", STORED), (0, ""))
        self.spoil(file, "string title = 1;", "uint32 title = 1;")
        self.assertEqual(self.judged("--config", STORED)[0], 100)

    def test_additions_are_none(self):
        self.spoil("kulanz/v1/voucher.proto", "  string reissued_from = 23;",
                   "  string reissued_from = 23;\n\n  // New.\n  string colour = 24;")
        self.assertEqual(self.judged(), (0, ""))


if __name__ == "__main__":
    if not EARLIER:
        buf.skip("there is no history to compare with (no git, or a shallow clone); breaks were not looked for")
    buf.main()
