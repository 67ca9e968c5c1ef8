"""What the rules and the dashboards say, read for the tests: queries, metrics, labels."""

import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
RULE_FILES = sorted((DEPLOY / "prometheus" / "rules").glob("*.yml"))
DASHBOARDS = sorted((DEPLOY / "grafana").glob("*.json"))
CATALOG = ROOT / "service/adapters/prometheus"

# Of other origin than the catalog: Prometheus itself, and process_metrics.cc.
FOREIGN = re.compile(r"(?<![\w:])(process_[a-z_]+|up)\b(?!\s*\()")
METRIC = re.compile(r"(?<![\w:])kulanz_[a-z0-9_]+(?![\w:])")
SELECTOR = re.compile(r"(?<![\w:])((?:kulanz|process)_[a-z0-9_]+|up)(\{[^}]*\})?(?![\w:(])")
HISTOGRAM_PART = re.compile(r"_(bucket|sum|count)$")


def catalog():
    """The names of all metrics that kulanzd has."""
    return set().union(*(re.findall(r'"(kulanz_[a-z0-9_]+|process_[a-z_]+)"', file.read_text())
                         for file in CATALOG.glob("*.cc")))


def metrics_of(query):
    """The metrics that a query reads, without the parts of histograms."""
    return set(METRIC.findall(query)) | set(FOREIGN.findall(query))


def unknown_metrics(query, known):
    return {name for name in metrics_of(query) - {"up"}
            if name not in known and HISTOGRAM_PART.sub("", name) not in known}


def recorded_of(query):
    """The names of recording rules that a query reads."""
    return set(re.findall(r"[a-z_]+:kulanz_[a-z_]+:[a-z0-9_]+", query))


def rules():
    """(kind, name, rule) of every rule."""
    import yaml
    for file in RULE_FILES:
        for group in yaml.safe_load(file.read_text())["groups"]:
            for rule in group["rules"]:
                kind = "alert" if "alert" in rule else "record"
                yield kind, rule[kind], rule


def panels(file):
    return [panel for panel in json.loads(file.read_text())["panels"] if panel["type"] != "row"]


def queries():
    """(dashboard, panel title, expression, legend) of every query of every dashboard."""
    for file in DASHBOARDS:
        for panel in panels(file):
            for target in panel["targets"]:
                yield file.stem, panel["title"], target["expr"], target.get("legendFormat", "")


def selectors_of(query):
    """Every series selector of a query, as it stands there."""
    return {match.group(0) for match in SELECTOR.finditer(query)}
