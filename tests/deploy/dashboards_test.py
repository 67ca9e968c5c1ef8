#!/usr/bin/env python3
"""Every query of every dashboard and rule, asked of a real Prometheus that scrapes a real kulanzd.

    dashboards_test.py KULANZD KULANZ STUBS      (exit 77: prometheus, grpcio or PyYAML is not installed)

A query must return data. Where it cannot, because something of the kind has not happened yet, its metric
stands in RARE with the reason, and must indeed be missing from the scrape.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import monitoring
import running
import stubs

KULANZD, KULANZ, STUBS = sys.argv[1:4]
try:
    import yaml  # noqa: F401 (read by monitoring)
except ImportError as error:
    running.skip(f"{error.name} is not installed for Python")
for tool in ("prometheus", "promtool", "redis-server"):
    if shutil.which(tool) is None:
        running.skip(f"{tool} is not installed")
missing = stubs.missing(STUBS)
if missing:
    running.skip(missing)

import grpc  # noqa: E402
from kulanz.v1 import (  # noqa: E402
    incident_service_pb2, incident_service_pb2_grpc, voucher_service_pb2, voucher_service_pb2_grpc)

# No series before the first event: the label's value is not known earlier.
RARE = {
    "kulanz_events_total": "the server of the test has no webhook",
    "kulanz_holdout_decisions_total": "the shipped policies have no control group",
    "kulanz_outstanding_amount": "read from the store once a minute",
    "kulanz_pool_codes_low_at": "the shipped policies have no pool",
    "kulanz_pool_codes_remaining": "the shipped policies have no pool",
    "kulanz_tls_certificate_not_after_timestamp_seconds": "the server of the test has no TLS",
    "kulanz_tls_certificate_not_before_timestamp_seconds": "the server of the test has no TLS",
    "kulanz_top_ups_total": "no incident of the sample grows",
    "kulanz_voucher_amount_moved_total": "no voucher of the sample came back or ended",
    "kulanz_webhook_disabled": "the server of the test has no webhook",
}
# The same for one value of a label.
RARE_SELECTIONS = [
    ("code=~?\"[^\"]*(UNAVAILABLE|RESOURCE_EXHAUSTED|DATA_LOSS)", "no call fails in the test"),
    ("result=~?\"[^\"]*(unavailable|uncertain)", "Redis stays"),
    ("event=\"exhausted\"", "no budget of the sample is used up"),
    ("result=\"misconfigured\"", "letters can be written"),
    ("result=~?\"undeliverable\"", "every customer of the sample has an address"),
    ("reason=\"MASS_INCIDENT\"", "no breaker of the sample trips"),
    ("outcome=\"review\"", "no fault of the sample is severe"),
    ("files=\"(tls|access)", "the server of the test has no TLS, and asks nobody who they are"),
    ("offset", "the server has run for seconds"),
]
VARIABLES = {"$__rate_interval": "1m", "$__range": "1h", "$job": "kulanz"}
SAMPLE = monitoring.DEPLOY / "sample"


def filled(expression):
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    return expression


def may_be_empty(expression, page):
    """Why `expression` may return nothing; None: it must return something."""
    for metric, reason in RARE.items():
        if metric in expression and f"\n{metric}{{" not in page:
            return reason
    return next((reason for pattern, reason in RARE_SELECTIONS if re.search(pattern, expression)), None)


class Queries(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory(prefix="kulanz-dashboards-")
        home = pathlib.Path(cls.directory.name)
        cls.addClassCleanup(cls.directory.cleanup)
        # The shipped policies, and what they leave to who runs them.
        shutil.copytree(monitoring.ROOT / "rules", home / "rules")
        (home / "rules/settings.yaml").write_text(
            "kulanz: v1\nbreakers:\n  - {each: type, gestures: 100000, within: 1h}\n")
        cls.server = running.Kulanzd(KULANZD, home, "--embedded", "--data", home / "data", "--rules", home / "rules",
                                     "--intake-max-age", "3650d", "--deliver-at-once")
        cls.addClassCleanup(cls.server.stop)
        cls.prometheus = running.Prometheus(home, {
            "global": {"scrape_interval": "500ms", "evaluation_interval": "500ms"},
            "rule_files": [str(file) for file in cls.at_once(home)],
            "scrape_configs": [{"job_name": "kulanz", "static_configs": [{"targets": [cls.server.metrics]}]}]})
        cls.addClassCleanup(cls.prometheus.stop)
        cls.make_traffic(home)
        cls.page = cls.server.scrape()
        # rate() needs two scrapes; the withdrawal came last.
        cls.prometheus.wait_for("two scrapes of all of it", lambda: cls.prometheus.query(
            "count_over_time(kulanz_withdrawals_total[5m]) >= 2"))
        for kind, name, _ in monitoring.rules():
            if kind == "record":
                cls.prometheus.wait_for(name, lambda query=name: cls.prometheus.query(query))

    @staticmethod
    def at_once(home):
        """The rules, with groups that do not wait for an interval of their own."""
        for file in monitoring.RULE_FILES:
            (home / file.name).write_text(re.sub(r"\n    interval: \w+", "", file.read_text()))
            yield home / file.name

    @classmethod
    def make_traffic(cls, home):
        """Imports, decisions, letters, a redemption, a withdrawal, a repeated report, a guessed code."""
        rows = (SAMPLE / "incidents.csv").read_text().splitlines()
        (home / "half.csv").write_text("\n".join(rows[:len(rows) // 2]) + "\n")
        cls.kulanz("import-customers", SAMPLE / "customers.csv")
        # What grows between two scrapes has a rate: half, a look, and all; the first half is repeated.
        cls.kulanz("replay", home / "half.csv")
        cls.prometheus.wait_for("a scrape in between", lambda: cls.prometheus.query("kulanz_issued_amount_total"))
        cls.kulanz("replay", SAMPLE / "incidents.csv")
        with grpc.insecure_channel(cls.server.grpc) as channel:
            incidents = incident_service_pb2_grpc.IncidentServiceStub(channel)
            vouchers = voucher_service_pb2_grpc.VoucherServiceStub(channel)
            granted = []
            for row in rows[1:40]:
                try:
                    decision = incidents.GetDecision(
                        incident_service_pb2.GetDecisionRequest(incident_id=row.split(",")[0]), timeout=20)
                except grpc.RpcError as error:  # of customers that nobody knows, as some of the sample are
                    assert error.code() == grpc.StatusCode.NOT_FOUND, error
                    continue
                if decision.voucher.code:
                    granted.append(decision)
            redeemed, withdrawn = granted[:2]
            request = voucher_service_pb2.RedeemVoucherRequest(
                code=redeemed.voucher.code, customer_id=redeemed.customer_id, redemption_id="R-1", order_id="O-1")
            request.order_total.currency_code = "EUR"
            request.order_total.units = 500
            vouchers.RedeemVoucher(request, timeout=20)
            incidents.WithdrawIncident(
                incident_service_pb2.WithdrawIncidentRequest(incident_id=withdrawn.incident_id), timeout=20)
            try:
                vouchers.GetVoucher(voucher_service_pb2.GetVoucherRequest(code="guess"), timeout=20)
                raise AssertionError("a guessed code was found")
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.NOT_FOUND, error
        running.eventually("a letter", lambda: cls.server.sample("kulanz_apology_seconds_count"))

    @classmethod
    def kulanz(cls, verb, file):
        subprocess.run([KULANZ, verb, "--server", cls.server.grpc, file], check=True, capture_output=True, timeout=60)

    def test_the_page_follows_the_conventions(self):
        run = subprocess.run(["promtool", "check", "metrics"], input=self.page, capture_output=True, text=True,
                             check=False)
        self.assertEqual((run.returncode, run.stdout + run.stderr), (0, ""))

    def test_every_query_of_the_dashboards(self):
        empty = []
        for dashboard, panel, expression, legend in monitoring.queries():
            with self.subTest(f"{dashboard}: {panel}"):
                series = self.prometheus.query(filled(expression))
                if not series:
                    reason = may_be_empty(expression, self.page)
                    if reason is None:  # it may have been scraped only just now
                        series = running.eventually(f"data for {expression}",
                                                    lambda query=filled(expression): self.prometheus.query(query), 20)
                    else:
                        empty.append(f"{dashboard}: {panel}: {reason}")
                for label in re.findall(r"{{(\w+)}}", legend):
                    self.assertTrue(all(label in one["metric"] for one in series), f"no {label} for {expression}")
        print("\nempty, as nothing of the kind happened:\n  " + "\n  ".join(empty), file=sys.stderr)

    def test_every_selector_of_the_rules(self):
        for _, name, rule in monitoring.rules():
            self.prometheus.query(rule["expr"])  # it can be evaluated
            for selector in monitoring.selectors_of(rule["expr"]):
                with self.subTest(name, selector=selector):
                    if not self.prometheus.query(selector):
                        if may_be_empty(selector, self.page) is None:
                            running.eventually("data", lambda query=selector: self.prometheus.query(query), 20)

    def test_no_alert_fires_on_a_healthy_server(self):
        firing = {one["metric"]["alertname"] for one in self.prometheus.query('ALERTS{alertstate="firing"}')}
        self.assertEqual(firing, set())

    def test_a_query_for_nothing_is_found(self):
        wrong = 'sum by (policy) (rate(kulanz_decisions_total{job="$job", outcome="given"}[$__rate_interval]))'
        self.assertEqual(self.prometheus.query(filled(wrong)), [])
        self.assertIsNone(may_be_empty(wrong, self.page))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
