#!/usr/bin/env python3
"""Holds rules/examples to the published schemes: each case of ../shared/schemes/*.yaml is a case of our
tests with the same facts and the same amount, and there is none besides, but for what our own tests add in
files named further_test.yaml. Skips (77) without ../shared."""

import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCHEMES = ROOT.parent / "shared" / "schemes"
sys.path.insert(0, str(ROOT / "tests" / "schema"))

try:
    import core_yaml
except ImportError:
    print("skipped: python3-yaml is not installed")
    sys.exit(77)

OUTCOMES = {"grant": "granted", "deny": "denied"}
# A customer's field in Kulanz, and in the schemes a property like others.
CUSTOMER_FIELDS = {"segment"}


def merged(defaults, case):
    """`defaults` with what `case` says instead, key by key."""
    if not isinstance(defaults, dict) or not isinstance(case, dict):
        return case
    result = dict(defaults)
    for key, value in case.items():
        result[key] = merged(defaults[key], value) if key in defaults else value
    return result


def plain(value, currency):
    """A value as text, so that `14.98 EUR`, "14.98" and 14.98 compare equal."""
    if isinstance(value, dict):
        return {key: plain(item, currency) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item, currency) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    return str(value).removesuffix(f" {currency}")


def published(case, currency):
    """The facts of a scheme's case: what is null there is absent here."""
    facts = {f"incident.{key}": value for key, value in case["incident"].items() if value is not None}
    for key, value in case.get("customer", {}).items():
        if key == "compensated_journeys":
            facts["compensated"] = value
        else:
            facts[f"customer.{key}"] = value
    amount = case["expect"]["amount"] if case["expect"]["outcome"] == "grant" else None
    return plain(facts, currency), OUTCOMES[case["expect"]["outcome"]], amount


def ours(case, currency):
    incident, customer = case["incident"], case.get("customer", {})
    facts = {"incident.type": incident["type"]}
    facts |= {f"incident.{key}": value for key, value in incident.get("attributes", {}).items()}
    facts |= {f"customer.{key}": value for key, value in customer.get("attributes", {}).items()}
    facts |= {f"customer.{key}": value for key, value in customer.items() if key in CUSTOMER_FIELDS}
    amount = case["expect"].get("amount")
    if amount is not None:
        amount, given_in = amount.split(" ")
        assert given_in == currency, f"{case['name']}: {given_in} instead of {currency}"
    facts = plain(facts, currency)
    journeys = [gesture["once_per"] for gesture in case.get("history", []) if "once_per" in gesture]
    return facts, journeys, case["expect"]["outcome"], amount


def numbers_as_written(path):
    """Reads a scheme or a test: numbers stay the texts that they are written as."""
    loader = type("AsWritten", (core_yaml.CoreLoader,), {})
    for tag in ("int", "float"):
        loader.add_constructor(f"tag:yaml.org,2002:{tag}", lambda self, node: self.construct_scalar(node))
    return core_yaml.yaml.load(path.read_text(encoding="utf-8"), loader)


class SchemesTest(unittest.TestCase):
    def test_every_case_is_there_unaltered(self):
        files = sorted(SCHEMES.glob("*.yaml"))
        self.assertEqual(len(files), 8)
        for file in files:
            scheme = numbers_as_written(file)
            currency = scheme["currency"]
            tests = {}
            for suite_file in sorted((ROOT / "rules/examples" / file.stem).rglob("*_test.yaml")):
                if suite_file.name == "further_test.yaml":
                    continue
                suite = numbers_as_written(suite_file)
                for case in suite["cases"]:
                    self.assertNotIn(case["name"], tests, f"{file.stem}: a name twice")
                    tests[case["name"]] = merged(suite.get("defaults", {}), case)
            self.assertEqual(set(tests), {case["name"] for case in scheme["cases"]}, file.stem)
            for case in scheme["cases"]:
                with self.subTest(scheme=file.stem, case=case["name"]):
                    facts, outcome, amount = published(case, currency)
                    our_facts, journeys, our_outcome, our_amount = ours(tests[case["name"]], currency)
                    if "compensated" in facts:
                        our_facts["compensated"] = journeys
                    self.assertEqual(our_facts, facts)
                    self.assertEqual((our_outcome, our_amount), (outcome, amount))


if __name__ == "__main__":
    if not SCHEMES.is_dir():
        print(f"skipped: {SCHEMES} is not there")
        sys.exit(77)
    unittest.main()
