#!/usr/bin/env python3
"""Runs every example of examples/ as an integrator would, against a real kulanzd.

    clients_test.py LANGUAGE KULANZD BUILD-FOLDER      (exit 77: the language is not there; it says so)
"""

import datetime
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "deploy"))
import running  # noqa: E402

try:
    import grpc  # noqa: F401 (of the gateway)
except ImportError:
    running.skip("grpcio is not installed for Python")

import gateway  # noqa: E402
import languages  # noqa: E402

LANGUAGE, KULANZD = sys.argv[1:3]
CODE = re.compile(r"\b[0-9A-Z]{4}(-[0-9A-Z]{4}){3}\b")


def late(parcel, customer="C-10046", total="80.00 EUR"):
    """The arguments of a parcel that was promised five days ago and came yesterday."""
    today = datetime.datetime.now(datetime.timezone.utc).replace(hour=12, minute=0, second=0, microsecond=0)
    promised, delivered = (f"{today - datetime.timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}" for days in (5, 1))
    return ("--parcel", parcel, "--customer", customer, "--order", f"O-{parcel}", "--total", total,
            "--promised", promised, "--delivered", delivered)


class Started:
    """A kulanzd, and the examples ready to run against it."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="kulanz-clients-")
        cls.addClassCleanup(folder.cleanup)
        cls.home = pathlib.Path(folder.name)
        cls.command = languages.prepare(LANGUAGE, cls.home, pathlib.Path(sys.argv[3]))
        cls.kulanzd = running.Kulanzd(KULANZD, cls.home, "--embedded", "--data", cls.home / "data", "--rules",
                                      languages.ROOT / "rules", "--deliver-at-once", *cls.options())
        cls.addClassCleanup(cls.kulanzd.stop)
        cls.customers = cls.home / "customers.csv"
        sample = (languages.ROOT / "deploy/sample/customers.csv").read_text().splitlines(keepends=True)
        cls.customers.write_text("".join(sample[:6]))

    @classmethod
    def options(cls):
        """Of kulanzd, beside those that all have."""
        return ()

    @classmethod
    def start(cls, example, *arguments, server=None):
        return subprocess.Popen([*cls.command(example), *map(str, arguments), "--server", server or cls.kulanzd.grpc],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cls.home)

    @classmethod
    def run_example(cls, example, *arguments, server=None):
        """(exit status, standard output, standard error)."""
        child = cls.start(example, *arguments, server=server)
        out, err = child.communicate(timeout=running.PATIENCE_S * 2)
        return child.returncode, out, err


class Clients(Started, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.imported = cls.run_example("import_customers", cls.customers)

    def gateway(self, **options):
        made = gateway.Gateway(self.kulanzd.grpc, **options)
        self.addCleanup(made.stop)
        return made

    def granted_code(self, parcel, customer="C-10046"):
        status, out, err = self.run_example("report_incident", *late(parcel, customer), "--show-code")
        self.assertEqual((status, err), (0, ""), out)
        self.assertRegex(out, CODE)
        return out.splitlines()[-1]

    # --- import -----------------------------------------------------------------------------------

    def test_customers_are_imported_once(self):
        self.assertEqual(self.imported, (0, "5 created, 0 updated, 0 rejected\n", ""))
        self.assertEqual(self.run_example("import_customers", self.customers),
                         (0, "0 created, 5 updated, 0 rejected\n", ""))

    def test_a_customer_that_is_wrong_is_named(self):
        wrong = self.home / "wrong.csv"
        lines = self.customers.read_text().splitlines()
        wrong.write_text("\n".join([*lines, lines[1].replace("@", " at ").replace("C-10007", "C-1")]) + "\n")
        status, out, _ = self.run_example("import_customers", wrong)
        self.assertEqual(status, 1)
        self.assertRegex(out, r"0 created, 5 updated, 1 rejected\ncustomer 6 \(C-1\): .*\n  customer\.email: ")

    # --- report -----------------------------------------------------------------------------------

    def test_a_report_is_answered_once_and_for_all(self):
        first = self.run_example("report_incident", *late("1", "C-10020"))
        self.assertRegex(first[1], r"^granted: voucher [0-9a-f]{36} of 8\.00 EUR\n$", first[2])
        again = self.run_example("report_incident", *late("1", "C-10020"))
        self.assertEqual(again, (0, first[1].replace("granted", "granted, as before"), ""))

    def test_a_denial_is_an_answer(self):
        status, out, _ = self.run_example("report_incident", *late("2", "C-10007"))  # an employee
        self.assertEqual((status, out), (0, "denied: NOT_ELIGIBLE\n"))

    def test_an_unknown_customer(self):
        status, out, err = self.run_example("report_incident", *late("3", "C-0"))
        self.assertNotEqual(status, 0)
        self.assertEqual(out, "")
        self.assertRegex(err, r"^FAILED_PRECONDITION / UNKNOWN_CUSTOMER: ")

    def test_every_field_that_is_wrong_is_named(self):
        status, _, err = self.run_example("report_incident", *late("4", "C-" + "0" * 128), "--cause", "nobody")
        self.assertNotEqual(status, 0)
        self.assertRegex(err, r"^INVALID_ARGUMENT / INVALID_REQUEST: ")
        self.assertIn("\n  incident.customer_id: ", err)

    # --- checkout ---------------------------------------------------------------------------------

    def test_a_checkout(self):
        code = self.granted_code("10", "C-10033")
        order = ("--customer", "C-10033", "--total", "59.90 EUR")
        self.assertEqual(self.run_example("checkout", code, *order, "--order", "left", "--then", "leave"),
                         (0, "held 8.00 EUR for order left\nreleased\n", ""))
        self.assertEqual(self.run_example("checkout", code, *order, "--order", "cancelled", "--then", "cancel"),
                         (0, "held 8.00 EUR for order cancelled\nredeemed 8.00 EUR\n"
                             "reversed: 8.00 EUR can be used again\n", ""))
        below = self.run_example("checkout", code, "--customer", "C-10033", "--total", "5.00 EUR", "--order", "small")
        self.assertEqual(below[:2], (1, ""))
        self.assertRegex(below[2], r"^FAILED_PRECONDITION / ORDER_BELOW_MINIMUM: .*\nYour order is below")
        paid = (0, "held 8.00 EUR for order paid\nredeemed 8.00 EUR\n", "")
        self.assertEqual(self.run_example("checkout", code, *order, "--order", "paid"), paid)
        self.assertEqual(self.run_example("checkout", code, *order, "--order", "paid"), paid, "repeated as a whole")
        status, _, err = self.run_example("checkout", code, *order, "--order", "another")
        self.assertEqual(status, 1)
        self.assertRegex(err, r"VOUCHER_REDEEMED: .*\nThis voucher has been used\.\n$")
        self.assertNotRegex(err, CODE, "a code is worth money to whoever reads a log")

    def test_a_code_of_nobody(self):
        status, _, err = self.run_example("checkout", "SORRY-0000-0000-0000-0000", "--customer", "C-10046",
                                          "--total", "59.90 EUR", "--order", "guessed")
        self.assertEqual(status, 1)
        self.assertRegex(err, r"^NOT_FOUND / VOUCHER_NOT_REDEEMABLE: .*\nThis code is not valid for you\.")

    def test_what_the_page_says_works(self):
        """The commands of examples/README.md, typed in a checkout."""
        if LANGUAGE != "python":
            self.skipTest("they are in Python")
        shutil.copytree(self.home / "examples/python", self.home / "checkout/examples/python",
                        ignore=shutil.ignore_patterns("stubs"))
        for name in ("proto", "deploy"):
            (self.home / "checkout" / name).symlink_to(languages.ROOT / name)
        commands = re.search(r"```sh\n(.*?)```", (languages.ROOT / "examples/README.md").read_text(), re.DOTALL).group(1)
        run = subprocess.run(["bash", "-euo", "pipefail", "-c", commands], cwd=self.home / "checkout", check=False,
                             env=os.environ | {"KULANZ_SERVER": self.kulanzd.grpc}, capture_output=True, text=True)
        self.assertEqual((run.returncode, run.stderr), (0, ""), run.stdout)
        self.assertRegex(run.stdout, "(?s)created.*granted: voucher.*\nheld 8.00 EUR.*\nredeemed 8.00 EUR\n$")

    # --- what networks do -------------------------------------------------------------------------

    def test_a_lost_reply_is_hidden_by_the_service_config(self):
        door = self.gateway(lose=2)
        status, out, err = self.run_example("report_incident", *late("20", "C-10020"), server=door.address)
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(out, "^granted, as before: ")
        self.assertEqual(door.calls["/kulanz.v1.IncidentService/ReportIncident"], 3)

    def test_many_lost_replies_change_nothing(self):
        """More than gRPC hides: the example itself goes on, and no step happens twice."""
        code = self.granted_code("21")
        door = self.gateway(lose=5)
        status, out, err = self.run_example("checkout", code, "--customer", "C-10046", "--total", "59.90 EUR",
                                            "--order", "O-21", "--then", "cancel", server=door.address)
        self.assertEqual((status, out), (0, "held 8.00 EUR for order O-21\nredeemed 8.00 EUR\n"
                                            "reversed: 8.00 EUR can be used again\n"), err)
        self.assertEqual(set(door.calls.values()), {6})
        self.assertGreaterEqual(err.count("UNAVAILABLE: the reply is lost; again in "), 3)

    def test_a_server_that_comes_late(self):
        port = running.free_port()
        child = self.start("import_customers", self.customers, server=f"localhost:{port}")
        self.addCleanup(child.kill)
        line = child.stderr.readline()
        self.assertRegex(line, "^UNAVAILABLE: .*; again in ")
        self.gateway(port=port)
        out, err = child.communicate(timeout=running.PATIENCE_S * 2)
        self.assertEqual((child.returncode, out), (0, "0 created, 5 updated, 0 rejected\n"), err)

    # --- who is there -----------------------------------------------------------------------------

    def test_tls_and_a_token(self):
        pair = gateway.certificates(self.home)
        (self.home / "token").write_text("let.me.in\n")
        (self.home / "wrong-token").write_text("please\n")
        door = self.gateway(tls=pair, token="let.me.in")
        report = ("report_incident", *late("30", "C-10007"), "--patience", "1")
        trusted = ("--ca-file", self.home / "ca.pem")
        for options, status, said in (
                ((*trusted, "--token-file", self.home / "token"), 0, "^$"),
                ((*trusted, "--token-file", self.home / "wrong-token"), 1, "^UNAUTHENTICATED: who are you"),
                (trusted, 1, "^UNAUTHENTICATED: who are you"),
                (("--ca-file", self.home / "other.pem", "--token-file", self.home / "token"), 1, "UNAVAILABLE"),
                (("--token-file", self.home / "token"), 1, "must not travel in the clear")):
            with self.subTest(said, options=options):
                found = self.run_example(*report, *options, server=door.address)
                self.assertEqual(found[0], status, found)
                self.assertRegex(found[2], said)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
