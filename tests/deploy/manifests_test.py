#!/usr/bin/env python3
"""The manifests of deploy/kubernetes: every overlay, strictly and offline, and that seeded faults are found.

    manifests_test.py KULANZD      (exit 77: PyYAML is not installed)
"""

import copy
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import running

try:
    import yaml  # noqa: F401 (read by kustomize)
except ImportError:
    running.skip("python3-yaml is not installed")

import configuration
import kinds
import kustomize
import references

KULANZD = sys.argv[1]
ROOT = pathlib.Path(__file__).resolve().parents[2]
KUBERNETES = ROOT / "deploy/kubernetes"
OVERLAYS = {path.name: path for path in sorted((KUBERNETES / "overlays").iterdir())}
OPTIONS = set(re.findall(r"--[a-z-]+", subprocess.run([KULANZD, "--help"], capture_output=True, text=True,
                                                      check=True).stdout))
# What is on unless it is switched off has a key of the file without "no".
OPTIONS |= {option.replace("--no-", "--") for option in OPTIONS}


def problems(objects):
    found = [problem for one in objects for problem in kinds.violations(one)]
    return found or list(references.violations(objects, OPTIONS))


def kustomize_command():
    if shutil.which("kustomize"):
        return ["kustomize", "build"]
    if shutil.which("kubectl"):
        return ["kubectl", "kustomize"]
    return None


def pod(objects):
    return next(references.pods(objects))["spec"]


def container(objects):
    return pod(objects)["containers"][0]


def one(objects, kind):
    return references.of_kind(objects, kind)[0]


def config_map(objects, name):
    return next(found for found in references.of_kind(objects, "ConfigMap") if found["metadata"]["name"].startswith(name))


def said(objects, old, new):
    """The overlay's kulanz.yaml with `new` instead of `old`."""
    data = config_map(objects, "kulanz-config")["data"]
    assert old in data["kulanz.yaml"], old
    data["kulanz.yaml"] = data["kulanz.yaml"].replace(old, new)


def put(place, key, value):
    place[key] = value


def drop(place, key):
    del place[key]


# Name of the fault, the overlay it is put into, how.
SEEDED = [
    ("a number as text", lambda o: put(one(o, "HorizontalPodAutoscaler")["spec"], "maxReplicas", "6")),
    ("a word for a truth", lambda o: put(pod(o), "automountServiceAccountToken", "no")),
    ("a misspelled field", lambda o: put(container(o)["readinessProbe"], "periodSecond", 5)),
    ("another misspelled field", lambda o: put(one(o, "NetworkPolicy")["spec"], "podSelektor", {})),
    ("an interval without a unit", lambda o: put(one(o, "ServiceMonitor")["spec"]["endpoints"][0], "interval", 15)),
    ("a kind that is not there", lambda o: o.append({"kind": "Deploymnet"})),
    ("an old API", lambda o: put(one(o, "PodDisruptionBudget"), "apiVersion", "policy/v1beta1")),
    ("a missing field", lambda o: drop(container(o), "resources")),
    ("a selector that selects nothing", lambda o: put(one(o, "Service")["spec"]["selector"], "tier", "x")),
    ("labels that the Deployment does not select",
     lambda o: put(one(o, "Deployment")["spec"]["template"]["metadata"], "labels", {"app": "kulanz"})),
    ("a budget for other pods", lambda o: put(one(o, "PodDisruptionBudget")["spec"]["selector"], "matchLabels", {"a": "b"})),
    ("a budget that forbids every eviction", lambda o: put(one(o, "PodDisruptionBudget")["spec"], "maxUnavailable", 0)),
    ("a budget that keeps nodes while Redis is away",
     lambda o: drop(one(o, "PodDisruptionBudget")["spec"], "unhealthyPodEvictionPolicy")),
    ("a port name of nobody", lambda o: put(one(o, "Service")["spec"]["ports"][0], "targetPort", "http")),
    ("a scrape of another port", lambda o: put(one(o, "ServiceMonitor")["spec"]["endpoints"][0], "port", "grpc")),
    ("a monitor of another service",
     lambda o: put(one(o, "ServiceMonitor")["spec"]["selector"]["matchLabels"], "app.kubernetes.io/component", "x")),
    ("a job of another name", lambda o: put(one(o, "ServiceMonitor")["spec"], "jobLabel", "app.kubernetes.io/component")),
    ("a probe on the wrong port", lambda o: put(container(o)["livenessProbe"]["grpc"], "port", 50052)),
    ("liveness that depends on Redis", lambda o: put(container(o)["livenessProbe"]["grpc"], "service", "readiness")),
    ("a port on which nothing listens", lambda o: put(container(o)["ports"][0], "containerPort", 50050)),
    ("a policy without the mail server's port", lambda o: drop(one(o, "NetworkPolicy")["spec"]["egress"], 1)),
    ("a policy without Redis' port", lambda o: drop(one(o, "NetworkPolicy")["spec"]["egress"], 2)),
    ("an account that is not there", lambda o: put(pod(o), "serviceAccountName", "default")),
    ("a ConfigMap that is not there", lambda o: put(pod(o)["volumes"][0]["configMap"], "name", "policies")),
    ("a key that is not mounted", lambda o: drop(pod(o)["volumes"][0]["configMap"]["items"], 0)),
    ("a key that is not there", lambda o: put(pod(o)["volumes"][0]["configMap"]["items"][0], "key", "x.yaml")),
    ("a configuration that is mounted elsewhere", lambda o: put(container(o)["volumeMounts"][3], "mountPath", "/etc/kulanz")),
    ("a configuration of another name", lambda o: put(container(o), "args", ["--config=/etc/kulanz/config/kulanzd.yaml"])),
    ("a configuration whose change rolls nothing", lambda o: (
        put(config_map(o, "kulanz-config")["metadata"], "name", "kulanz-config"),
        put(pod(o)["volumes"][3]["configMap"], "name", "kulanz-config"))),
    ("no configuration", lambda o: put(container(o), "args", ["--embedded=true"])),
    ("a ConfigMap beyond 1 MiB", lambda o: put(config_map(o, "kulanz-policies")["data"], "incidents.yaml", "x" * (1 << 20))),
    ("a secret that nobody makes", lambda o: put(next(v for v in pod(o)["volumes"] if "secret" in v)["secret"],
                                                 "secretName", "kulanz-secret")),
    ("a secret that all may read", lambda o: put(next(v for v in pod(o)["volumes"] if "secret" in v)["secret"],
                                                 "defaultMode", 0o444)),
    ("a claim that is not there", lambda o: put(pod(o)["volumes"], 1, {
        "name": "data", "persistentVolumeClaim": {"claimName": "kulanz-data"}})),
    ("a volume that is not mounted", lambda o: drop(container(o)["volumeMounts"], 2)),
    ("an option that kulanzd does not have", lambda o: container(o)["args"].append("--polices=/x")),
    ("a key that kulanzd does not have", lambda o: said(o, "rules:", "polices:")),
    ("policies elsewhere", lambda o: said(o, "rules: /etc/kulanz/rules", "rules: /etc/kulanz/policies")),
    ("a password file elsewhere", lambda o: said(o, "redis_user", "redis_sentinel_password_file: /etc/x/password\nredis_user")),
    ("a mail server's password elsewhere", lambda o: said(o, "smtp/password", "smtp/pass")),
    ("a key elsewhere", lambda o: said(o, "tls/tls.key", "tls/key")),
    ("a Secret for nobody", lambda o: said(o, "smtp_password_file: /etc/kulanz/smtp/password\n", "")),
    ("a probe where TLS is spoken", lambda o: put(container(o)["livenessProbe"]["grpc"], "port", 50051)),
    ("an API without a door", lambda o: said(o, "access_file: /etc/kulanz/access/access.yaml\n", "")),
    ("TLS by URL only", lambda o: said(o, "redis+", "rediss+")),
    ("a grace that is too long", lambda o: said(o, "grace: 10s", "grace: 60s")),
    ("a port that the probes do not know", lambda o: said(o, "50060", "50061")),
    ("a grace period that is too short", lambda o: put(pod(o), "terminationGracePeriodSeconds", 15)),
    ("replicas beside an autoscaler", lambda o: put(one(o, "Deployment")["spec"], "replicas", 2)),
    ("an autoscaler of nothing", lambda o: put(one(o, "HorizontalPodAutoscaler")["spec"]["scaleTargetRef"], "name", "k")),
    ("root", lambda o: put(pod(o)["securityContext"], "runAsUser", 0)),
    ("root by omission", lambda o: drop(pod(o)["securityContext"], "runAsNonRoot")),
    ("no seccomp profile", lambda o: drop(pod(o)["securityContext"], "seccompProfile")),
    ("a host's network", lambda o: put(pod(o), "hostNetwork", True)),
    ("a capability", lambda o: put(container(o)["securityContext"], "capabilities", {"drop": ["ALL"], "add": ["NET_RAW"]})),
    ("escalation", lambda o: put(container(o)["securityContext"], "allowPrivilegeEscalation", True)),
    ("a root that can be written", lambda o: drop(container(o)["securityContext"], "readOnlyRootFilesystem")),
    ("Services' variables as options", lambda o: drop(pod(o), "enableServiceLinks")),
    ("two objects of one name", lambda o: o.append(copy.deepcopy(one(o, "ServiceAccount")))),
    ("another namespace", lambda o: put(one(o, "ServiceAccount")["metadata"], "namespace", "default")),
]
# The same for the overlay with everything over TLS, and traces.
SEEDED_TLS = [
    ("a policy without the receiver's port", lambda o: drop(one(o, "NetworkPolicy")["spec"]["egress"], 2)),
    ("traces to another port", lambda o: said(o, "monitoring:4318", "monitoring:4317")),
    ("headers elsewhere", lambda o: said(o, "otlp/headers", "otlp/header")),
    ("traces without credentials", lambda o: said(o, "otlp_", "# otlp_")),
    ("a Redis without TLS", lambda o: said(o, "rediss+", "redis+")),
]
# And for the one that keeps its data on a claim.
SEEDED_DEV = [
    ("secrets that the kubelet opens to the group", lambda o: drop(pod(o)["securityContext"], "fsGroupChangePolicy")),
    ("the same, said", lambda o: put(pod(o)["securityContext"], "fsGroupChangePolicy", "Always")),
]
WEBHOOKS = """
event_webhook: https://shop.example/kulanz-events
event_webhook_secret_file: /etc/kulanz/webhooks/events
"""
WEBHOOKS_COMPONENT = "  - ../../components/webhooks\n"
# And for one with webhooks.
SEEDED_WEBHOOKS = [
    ("a receiver on another port", lambda o: said(o, "shop.example/", "shop.example:8443/")),
    ("events that nobody signs", lambda o: said(o, "event_webhook_secret_file: /etc/kulanz/webhooks/events\n", "")),
    ("a webhook's secret elsewhere", lambda o: said(o, "webhooks/events", "webhooks/event")),
    ("messages that nobody signs",
     lambda o: said(o, "event_webhook:", "message_webhook: https://shop.example/messages\nevent_webhook:")),
    ("a component for nobody", lambda o: said(o, WEBHOOKS, "")),
]


def changed(file, old, new):
    text = file.read_text()
    assert old in text, old
    file.write_text(text.replace(old, new))


def add_webhooks(folder):
    """As deploy/README.md says."""
    changed(folder / "kustomization.yaml", "components:\n", "components:\n" + WEBHOOKS_COMPONENT)
    with open(folder / "kulanz.yaml", "a") as file:
        file.write(WEBHOOKS)


class Manifests(unittest.TestCase):
    def test_every_overlay_is_right(self):
        self.assertEqual(list(OVERLAYS), ["dev", "prod-cluster", "prod-sentinel", "prod-sentinel-tls"])
        for name, path in OVERLAYS.items():
            with self.subTest(name):
                self.assertEqual(problems(kustomize.render(path)), [])

    def test_seeded_faults_are_found(self):
        for overlay, seeded in (("prod-sentinel", SEEDED), ("prod-sentinel-tls", SEEDED_TLS), ("dev", SEEDED_DEV)):
            sound = kustomize.render(OVERLAYS[overlay])
            for name, spoil in seeded:
                with self.subTest(name):
                    objects = copy.deepcopy(sound)
                    spoil(objects)
                    self.assertNotEqual(problems(objects), [])

    def test_kustomize_renders_the_same(self):
        command = kustomize_command()
        if command is None:
            self.skipTest("neither kustomize nor kubectl is installed")
        with_webhooks = self.copied("prod-sentinel")
        add_webhooks(with_webhooks)
        for name, path in {**OVERLAYS, "prod-sentinel with webhooks": with_webhooks}.items():
            run = subprocess.run([*command, "--load-restrictor", "LoadRestrictionsNone", str(path)],
                                 capture_output=True, text=True, check=False)
            self.assertEqual(run.returncode, 0, run.stderr)
            key = lambda found: (found["kind"], found["metadata"]["name"])  # noqa: E731
            with self.subTest(name):
                self.assertEqual(sorted(kustomize.load(run.stdout), key=key), sorted(kustomize.render(path), key=key))

    def copied(self, overlay):
        """The folder of a copy that may be changed."""
        directory = tempfile.TemporaryDirectory(prefix="kulanz-overlay-")
        self.addCleanup(directory.cleanup)
        shutil.copytree(KUBERNETES, pathlib.Path(directory.name, "deploy/kubernetes"))
        pathlib.Path(directory.name, "rules").symlink_to(ROOT / "rules")
        return pathlib.Path(directory.name, "deploy/kubernetes/overlays", overlay)

    def test_a_changed_configuration_rolls_the_pods(self):
        folder = self.copied("prod-sentinel")
        before = kustomize.render(folder)
        changed(folder / "kulanz.yaml", "replicas_to_wait: 1", "replicas_to_wait: 2")
        after = kustomize.render(folder)
        self.assertNotEqual(pod(before), pod(after))
        self.assertEqual([problems(before), problems(after)], [[], []])

    def test_webhooks_need_their_component(self):
        for overlay in OVERLAYS.keys() - {"dev"}:
            with self.subTest(overlay):
                folder = self.copied(overlay)
                add_webhooks(folder)
                self.assertEqual(configuration.check(KULANZD, folder / "kulanz.yaml")[0], 0)
                objects = kustomize.render(folder)
                self.assertEqual(problems(objects), [])
                for name, spoil in SEEDED_WEBHOOKS:
                    with self.subTest(name):
                        spoiled = copy.deepcopy(objects)
                        spoil(spoiled)
                        self.assertNotEqual(problems(spoiled), [])
                changed(folder / "kustomization.yaml", WEBHOOKS_COMPONENT, "")
                self.assertGreaterEqual(set(problems(kustomize.render(folder))), {
                    "the NetworkPolicy lets nothing out to port 443 of --event-webhook",
                    "--event-webhook-secret-file: /etc/kulanz/webhooks/events is in no Secret"})

    def test_the_configuration_is_said_in_the_file_alone(self):
        for name, path in OVERLAYS.items():
            with self.subTest(name):
                self.assertEqual(container(kustomize.render(path))["args"], ["--config=/etc/kulanz/config/kulanz.yaml"])

    def test_what_is_generated_is_up_to_date(self):
        run = subprocess.run([KUBERNETES / "generate", "--check"], capture_output=True, text=True, check=False)
        self.assertEqual((run.returncode, run.stdout), (0, ""))

    def test_the_rules_are_those_that_promtool_tests(self):
        deployed = one(kustomize.render(OVERLAYS["prod-sentinel"]), "PrometheusRule")["spec"]["groups"]
        tested = [group for file in sorted((ROOT / "deploy/prometheus/rules").glob("*.yml"))
                  for group in kustomize.load(file.read_text())[0]["groups"]]
        self.assertEqual(deployed, tested)

    def test_the_documented_steps_make_every_namespace(self):
        text = (ROOT / "deploy/README.md").read_text()
        for path in OVERLAYS.values():
            for namespace in {each["metadata"]["namespace"] for each in kustomize.render(path)}:
                self.assertRegex(text, rf"`kubectl create namespace {namespace}`")
                self.assertIn(f"-n {namespace} ", text.replace("`", " "))

    def test_the_secrets_are_explained(self):
        text = (ROOT / "deploy/README.md").read_text()
        for secret, keys in references.EXTERNAL_SECRETS.items():
            for name in {secret, *keys}:
                self.assertIn(name, text)


class MountedPolicies(unittest.TestCase):
    """The ConfigMap as the kubelet mounts and swaps it, under a real kulanzd."""

    def test_a_changed_map_is_read_without_a_restart(self):
        objects = kustomize.render(OVERLAYS["prod-sentinel"])
        data = config_map(objects, "kulanz-policies")["data"]
        items = pod(objects)["volumes"][0]["configMap"]["items"]
        with tempfile.TemporaryDirectory(prefix="kulanz-mount-") as directory:
            home = pathlib.Path(directory)
            mount = home / "rules"
            mount.mkdir()
            swap(mount, "..1", {item["path"]: data[item["key"]] for item in items})
            server = running.Kulanzd(KULANZD, home, "--store", "memory", "--data", home / "data", "--rules", mount)
            try:
                before = revision(server)
                data["policies__late-delivery.yaml"] += "\n# another revision\n"
                swap(mount, "..2", {item["path"]: data[item["key"]] for item in items})
                server.wait_for("another revision", lambda: revision(server) != before)
                self.assertEqual(server.sample('kulanz_policy_reloads_total{result="rejected"}'), 0)
            finally:
                self.assertEqual(server.stop(), 0)


def swap(mount, generation, files):
    """The kubelet's way: a folder per generation, `..data` leads to it, the names lead through `..data`."""
    for path, text in files.items():
        file = mount / generation / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        top = mount / path.split("/")[0]
        if not top.is_symlink():
            top.symlink_to(pathlib.Path("..data", top.name))
    (mount / "..data_tmp").symlink_to(generation)
    os.rename(mount / "..data_tmp", mount / "..data")


def revision(server):
    return re.search(r'kulanz_policy_set_info{revision="(\w+)"}', server.scrape()).group(1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
