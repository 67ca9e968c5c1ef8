#!/usr/bin/env python3
"""Backup and restore of Redis under a kulanzd: what was backed up is answered as before, what is unsound is refused.

    backup_test.py KULANZD KULANZ STUBS      (exit 77: redis-server is not installed)
"""

import csv
import datetime
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest

import running
import stubs

KULANZD, KULANZ, STUBS = sys.argv[1:4]
ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "deploy/sample"
for tool in ("redis-server", "redis-cli", "redis-check-rdb"):
    if shutil.which(tool) is None:
        running.skip(f"{tool} is not installed")
EARLY, ALL = 60, 100  # rows of the sample: before the backup, and in all
README = (ROOT / "deploy/README.md").read_text()


def script(name, *arguments):
    return subprocess.run([ROOT / "deploy/redis" / name, *map(str, arguments)], capture_output=True, text=True,
                          check=False, timeout=running.PATIENCE_S)


def documented(command, replaced, **variables):
    """What a command of deploy/README.md prints, `replaced` where it says otherwise; lines of columns."""
    (line,) = re.findall(rf"(?m)^ *({command} .*)$", README)
    for old, new in replaced.items():
        assert old in line, old
        line = line.replace(old, new)
    run = subprocess.run(["bash", "-euo", "pipefail", "-c", line], capture_output=True, text=True, check=False,
                         env={**os.environ, **variables})
    assert run.returncode == 0, f"{line}\n{run.stderr}"
    return [row.split("\t") for row in run.stdout.splitlines()]


class BackupAndRestore(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="kulanz-backup-")
        self.addCleanup(directory.cleanup)
        self.home = pathlib.Path(directory.name)
        secrets = self.home / "secrets"
        secrets.mkdir(mode=0o700)
        for name in ("record", "lookup", "codes"):
            with open(os.open(secrets / (name + ".secret"), os.O_CREAT | os.O_WRONLY, 0o440), "w") as file:
                file.write(os.urandom(32).hex() + "\n")  # as deploy/README.md makes them, and mounted as there
        rows = (SAMPLE / "incidents.csv").read_text().splitlines()
        (self.home / "early.csv").write_text("\n".join(rows[:EARLY + 1]) + "\n")
        (self.home / "all.csv").write_text("\n".join(rows[:ALL + 1]) + "\n")

    def redis(self, name):
        redis = running.Redis(self.home / name, name=name)
        self.addCleanup(redis.stop)
        return redis

    def kulanzd(self, redis, *options):
        server = running.Kulanzd(
            KULANZD, self.home, "--redis", f"redis://127.0.0.1:{redis.port}", "--rules", ROOT / "rules", "--secrets",
            self.home / "secrets", "--data", self.home / "data", "--intake-max-age", "3650d", "--no-deliveries", *options)
        self.addCleanup(server.stop)
        server.wait_for("health", lambda: subprocess.run(
            [KULANZ, "health", "--server", server.grpc], capture_output=True, check=False).returncode == 0)
        return server

    def replay(self, server, file):
        """The decisions on a file's incidents, by id; without the column that says what was repeated."""
        out = self.home / "decisions.csv"
        out.unlink(missing_ok=True)
        subprocess.run([KULANZ, "replay", "--server", server.grpc, "--decisions", out, self.home / file], check=True,
                       capture_output=True, timeout=running.PATIENCE_S)
        with open(out, newline="") as decisions:
            return {row["incident_id"]: {key: value for key, value in row.items() if "replay" not in key}
                    for row in csv.DictReader(decisions)}

    def test_what_was_backed_up_is_answered_as_before(self):
        redis = self.redis("first")
        server = self.kulanzd(redis, "--initialise")
        subprocess.run([KULANZ, "import-customers", "--server", server.grpc, SAMPLE / "customers.csv"], check=True,
                       capture_output=True)
        early = self.replay(server, "early.csv")
        self.assertGreater(len(early), EARLY // 2)  # some rows of the sample repeat others
        backup = self.home / "backup.rdb"
        run = script("backup", backup, "-p", redis.port)
        self.assertEqual(run.returncode, 0, run.stderr)
        keys = redis.cli("dbsize")
        everything = self.replay(server, "all.csv")
        self.assertGreater(int(redis.cli("dbsize")), int(keys))
        server.stop()
        redis.stop()

        run = script("restore", backup, self.home / "second")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn(f"{keys} keys", run.stdout)
        restored = self.redis("second")
        self.assertEqual(restored.cli("dbsize"), keys)
        server = self.kulanzd(restored)  # without --initialise: the genesis is in the backup
        self.assertEqual(self.replay(server, "early.csv"), early)
        repeated = server.sample("kulanz_decision_replays_total")
        self.assertGreater(repeated, 0)
        # What came after the backup is decided again, and alike: codes are derived, not drawn.
        self.assertEqual(self.replay(server, "all.csv"), everything)
        self.assertEqual(server.stop(), 0)
        # It is as durable as the first was.
        restored.stop()
        again = running.Redis(self.home / "second", name="again")
        self.addCleanup(again.stop)
        self.assertGreater(int(again.cli("dbsize")), int(keys))

    def test_what_people_did_since_the_backup_is_undone_and_can_be_found_and_repeated(self):
        missing = stubs.missing(STUBS) or (None if shutil.which("jq") else "jq is not installed")
        if missing:
            self.skipTest(missing)
        from people import People  # it imports the stubs
        redis = self.redis("first")
        server = self.kulanzd(redis, "--initialise")
        subprocess.run([KULANZ, "import-customers", "--server", server.grpc, SAMPLE / "customers.csv"], check=True,
                       capture_output=True)
        granted = [row for row in self.replay(server, "early.csv").values() if row["outcome"] == "granted"]
        revoked, reissued, erased = granted[0]["incident_id"], granted[1]["incident_id"], granted[2]["customer_id"]
        with People(server) as people:
            people.revoke(people.voucher(granted[3]["incident_id"]))  # before the backup
            bad, stolen = people.voucher(revoked), people.voucher(reissued)
            since = datetime.datetime.now(datetime.timezone.utc).strftime("%FT%T.%f")
            backup = self.home / "backup.rdb"
            self.assertEqual(script("backup", backup, "-p", redis.port).returncode, 0)
            people.revoke(bad)
            fresh = people.reissue(stolen)
            people.erase(erased)
            gone = ("REVOKED", "REISSUED", False)
            self.assertEqual((people.state(bad), people.state(stolen), people.knows(erased)), gone)
        server.stop()
        redis.stop()

        self.assertEqual(script("restore", backup, self.home / "second").returncode, 0)
        restored = self.redis("second")
        server = self.kulanzd(restored)
        with People(server) as people:
            self.assertEqual((people.state(bad), people.state(stolen), people.knows(erased)), ("ISSUED", "ISSUED", True))
            log = {"2026-11-22T03:00": since, " audit.log": f" {shlex.quote(str(self.home / 'data/audit.log'))}"}
            done = {what.rpartition("/")[2]: subject for _, result, what, subject, *_ in documented("jq", log)
                    if result == "OK"}
            self.assertEqual(done.keys(), {"RevokeVoucher", "ReissueVoucher", "EraseCustomer"})
            self.assertEqual([done["RevokeVoucher"], done["ReissueVoucher"]],
                             ["voucher:" + bad.voucher_id, "voucher:" + fresh.voucher_id])
            found = documented("kulanz inspect", {
                "kulanz inspect": f"{KULANZ} inspect", "redis://redis.internal": f"redis://127.0.0.1:{restored.port}",
                "/etc/kulanz/secrets": str(self.home / "secrets")},
                hash=done["EraseCustomer"].removeprefix("customer:"))
            self.assertIn([f' "id": "{erased}",'], found)
            people.revoke(bad)
            self.assertEqual(people.reissue(stolen).code, fresh.code)
            people.erase(erased)
            self.assertEqual((people.state(bad), people.state(stolen), people.knows(erased)), gone)

    def test_what_is_unsound_is_refused(self):
        redis = self.redis("first")
        redis.cli("set", "key", "x" * 1000)
        backup = self.home / "backup.rdb"
        self.assertEqual(script("backup", backup, "-p", redis.port).returncode, 0)
        self.assertEqual(backup.stat().st_mode & 0o077, 0)
        for name, expected, run in (
                ("written over", "never overwritten", lambda: script("backup", backup, "-p", redis.port)),
                ("no Redis", "does not answer", lambda: script("backup", self.home / "x", "-p", running.free_port())),
                ("a directory in use", "not empty", lambda: script("restore", backup, self.home / "first"))):
            with self.subTest(name):
                result = run()
                self.assertNotEqual(result.returncode, 0)
                self.assertIn(expected, result.stderr)
        replica = self.redis("replica")
        replica.cli("replicaof", "127.0.0.1", str(redis.port))
        result = script("backup", self.home / "replica.rdb", "-p", replica.port)
        self.assertIn("not a master", result.stderr)
        damaged = bytearray(backup.read_bytes())
        damaged[len(damaged) // 2] ^= 1
        backup.write_bytes(damaged)
        result = script("restore", backup, self.home / "damaged")
        self.assertIn("not what was backed up", result.stderr)
        self.assertFalse((self.home / "damaged").exists())
        backup.with_name("backup.rdb.sha256").unlink()
        self.assertIn("no", script("restore", backup, self.home / "damaged").stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
