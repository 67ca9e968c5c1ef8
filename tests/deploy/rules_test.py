#!/usr/bin/env python3
"""Recording and alert rules: promtool's own checks and unit tests, names, runbooks, dashboards' form.

    rules_test.py      (exit 77: promtool or PyYAML is not installed)
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import monitoring

try:
    import yaml
except ImportError:
    print("skipped: python3-yaml is not installed; deploy/install-dependencies --tests installs it")
    sys.exit(77)
if shutil.which("promtool") is None:
    print("skipped: promtool (package prometheus) is not installed; deploy/install-dependencies --tests installs it")
    sys.exit(77)

UNIT_TESTS = sorted(monitoring.ROOT.glob("tests/deploy/*.test.yaml"))
RUNBOOKS = monitoring.DEPLOY / "runbooks"


def promtool(*arguments):
    return subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, check=False)


class Promtool(unittest.TestCase):
    def test_rules_and_configuration_are_accepted(self):
        for arguments in (("check", "rules", *monitoring.RULE_FILES),
                          ("check", "config", monitoring.DEPLOY / "prometheus/prometheus.yml")):
            run = promtool(*arguments)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_alerts_fire_when_they_should_and_only_then(self):
        run = promtool("test", "rules", *UNIT_TESTS)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)

    def test_a_wrong_threshold_is_found(self):
        alerts = (monitoring.DEPLOY / "prometheus/rules/alerts.yml").read_text()
        changed = alerts.replace("kulanz_agenda_oldest_due_seconds) > 900", "kulanz_agenda_oldest_due_seconds) > 9000")
        self.assertNotEqual(alerts, changed)
        with tempfile.TemporaryDirectory(prefix="kulanz-rules-") as directory:
            with open(directory + "/alerts.yml", "w") as file:
                file.write(changed)
            suite = yaml.safe_load(UNIT_TESTS[0].read_text())
            suite["rule_files"] = [directory + "/alerts.yml"]
            suite["tests"] = [test for test in suite["tests"] if test["name"] == "letters wait"]
            self.assertEqual(len(suite["tests"]), 1)
            with open(directory + "/test.yaml", "w") as file:
                yaml.safe_dump(suite, file)
            self.assertNotEqual(promtool("test", "rules", directory + "/test.yaml").returncode, 0)


class Names(unittest.TestCase):
    def setUp(self):
        self.known = monitoring.catalog()

    def test_every_metric_is_in_the_catalog(self):
        for _, name, rule in monitoring.rules():
            self.assertEqual(monitoring.unknown_metrics(rule["expr"], self.known), set(), name)
        for dashboard, panel, query, _ in monitoring.queries():
            self.assertEqual(monitoring.unknown_metrics(query, self.known), set(), f"{dashboard}: {panel}")

    def test_a_metric_that_does_not_exist_is_found(self):
        self.assertEqual(monitoring.unknown_metrics("rate(kulanz_decision_total[5m])", self.known),
                         {"kulanz_decision_total"})
        self.assertEqual(monitoring.unknown_metrics("kulanz_apology_seconds_bucket", self.known), set())
        self.assertEqual(monitoring.unknown_metrics("process_open_files", self.known), {"process_open_files"})

    def test_what_dashboards_and_alerts_read_is_recorded(self):
        recorded = {name for kind, name, _ in monitoring.rules() if kind == "record"}
        read = set().union(*(monitoring.recorded_of(rule["expr"]) for _, _, rule in monitoring.rules()),
                           *(monitoring.recorded_of(query) for _, _, query, _ in monitoring.queries()))
        self.assertEqual(read - recorded, set())
        self.assertEqual(recorded - read, set(), "recorded for nobody")


class Alerts(unittest.TestCase):
    def setUp(self):
        self.alerts = {name: rule for kind, name, rule in monitoring.rules() if kind == "alert"}

    def test_each_is_complete(self):
        for name, rule in self.alerts.items():
            with self.subTest(name):
                self.assertRegex(name, r"^Kulanz[A-Z]\w+$")
                self.assertIn(rule["labels"]["severity"], ("page", "ticket"))
                self.assertEqual(set(rule["annotations"]), {"summary", "runbook"})

    def test_each_has_its_runbook(self):
        self.assertEqual({page.stem for page in RUNBOOKS.glob("*.md")}, set(self.alerts))
        for name, rule in self.alerts.items():
            self.assertEqual(rule["annotations"]["runbook"], f"deploy/runbooks/{name}.md")
            text = (RUNBOOKS / f"{name}.md").read_text()
            self.assertTrue(text.startswith(f"# {name}\n"), name)
            self.assertTrue("\n## Look\n" in text and "\n## Do\n" in text and "**Harm.**" in text, name)

    def test_runbooks_lead_somewhere(self):
        for page in RUNBOOKS.glob("*.md"):
            for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
                self.assertTrue((page.parent / target).exists(), f"{page.name}: {target}")

    def test_runbooks_name_what_exists(self):
        text = "".join(page.read_text() for page in RUNBOOKS.glob("*.md"))
        known = monitoring.catalog()
        self.assertEqual(monitoring.unknown_metrics(text, known), set())
        titles = {panel["title"] for file in monitoring.DASHBOARDS for panel in monitoring.panels(file)}
        for title in re.findall(r"[Pp]anel \*([^*]+)\*", text):
            self.assertIn(title, titles)

    def test_what_counts_how_much_there_was_counts_the_first(self):
        """increase() does not see what a series said when it was scraped first."""
        for _, name, rule in monitoring.rules():
            for counter in re.findall(r"increase\(([^\[]+)\[", rule["expr"]):
                with self.subTest(name):
                    self.assertRegex(rule["expr"], rf"\({re.escape(counter)} unless \S*{re.escape(counter)}")

    def test_each_was_made_to_fire_and_to_stay_silent(self):
        fired, silent = set(), set()
        for file in UNIT_TESTS:
            for test in yaml.safe_load(file.read_text())["tests"]:
                for case in test.get("alert_rule_test", []):
                    (fired if case["exp_alerts"] else silent).add(case["alertname"])
        self.assertEqual(fired, set(self.alerts))
        self.assertEqual(silent, set(self.alerts))


class Dashboards(unittest.TestCase):
    def test_form(self):
        self.assertEqual(len(monitoring.DASHBOARDS), 2)
        uids = set()
        for file in monitoring.DASHBOARDS:
            board = json.loads(file.read_text())
            uids.add(board["uid"])
            ids = [panel["id"] for panel in board["panels"]]
            self.assertEqual(len(ids), len(set(ids)), file.name)
            taken = set()
            for panel in board["panels"]:
                place = panel["gridPos"]
                cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
                self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
                self.assertFalse(cells & taken, f"{file.name}: {panel['title']} lies on another panel")
                taken |= cells
            variables = {entry["name"] for entry in board["templating"]["list"]} | {"__rate_interval", "__range"}
            for panel in monitoring.panels(file):
                self.assertTrue(panel["description"], panel["title"])
                for target in panel["targets"]:
                    self.assertLessEqual(set(re.findall(r"\$\{?(\w+)", target["expr"])), variables)
        self.assertEqual(len(uids), 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
