#!/usr/bin/env python3
"""The compose file: its form, its references, and, without docker, that its parts fit each other.

    compose_test.py KULANZD KULANZ NPM-MAIL-SERVER      (exit 77: PyYAML is not installed)
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import running

try:
    import yaml
except ImportError:
    running.skip("python3-yaml is not installed")

import configuration
import dockerfile
import ending

KULANZD, KULANZ = sys.argv[1:3]
MAIL_SERVER = pathlib.Path(sys.argv[3])
ROOT = pathlib.Path(__file__).resolve().parents[2]
KEYS = {"image", "build", "user", "entrypoint", "command", "environment", "volumes", "network_mode", "read_only", "cap_drop",
        "cap_add", "security_opt", "healthcheck", "restart", "ports", "tmpfs", "depends_on", "stop_grace_period"}
FILE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
SERVICES = FILE["services"]


def mounts(service):
    """{path in the container: volume or folder}."""
    return dict(volume.split(":")[1::-1] for volume in SERVICES[service]["volumes"])


def mounted_file(path):
    folder, _, name = path.rpartition("/")
    return (ROOT / "deploy" / mounts("kulanzd")[folder] / name).read_text()


GIVEN = configuration.of_command(SERVICES["kulanzd"]["command"], mounted_file)


class Compose(unittest.TestCase):
    def test_form(self):
        self.assertEqual(set(FILE), {"name", "services", "volumes"})
        for name, service in SERVICES.items():
            with self.subTest(name):
                self.assertLessEqual(set(service), KEYS)
                self.assertRegex(service["image"], r"^[\w./-]+:[\w.-]*\d[\w.-]*$")
                self.assertIs(service["read_only"], True)
                self.assertEqual(service["cap_drop"], ["ALL"])
                self.assertEqual(service["security_opt"], ["no-new-privileges:true"])
                for port in service.get("ports", []):
                    self.assertTrue(port.startswith("127.0.0.1:"), "there are no credentials")

    def test_references(self):
        volumes, used = set(FILE["volumes"]), set()
        for name, service in SERVICES.items():
            for other, condition in service.get("depends_on", {}).items():
                self.assertIn(other, SERVICES)
                if condition["condition"] == "service_healthy":
                    self.assertIn("healthcheck", SERVICES[other])
            for source in mounts(name).values() if "volumes" in service else ():
                if source.startswith("."):
                    self.assertTrue((ROOT / "deploy" / source).exists(), source)
                else:
                    used.add(source)
            if "build" in service:
                build = service["build"]
                file = ROOT / "deploy" / build["context"] / build["dockerfile"]
                self.assertIn(build["target"], {stage["name"] for stage in dockerfile.stages(file.read_text())})
        self.assertEqual(used, volumes)

    def test_kulanzd_finds_what_it_is_told(self):
        said = subprocess.run([KULANZD, "--help"], capture_output=True, text=True, check=True).stdout
        self.assertLessEqual(set(GIVEN), set(re.findall(r"--[a-z-]+", said)))
        self.assertGreaterEqual(ending.seconds(SERVICES["kulanzd"]["stop_grace_period"]), ending.needed(GIVEN, said))
        self.assertIn(re.match(r"redis://(\w+):6379", GIVEN["--redis"]).group(1), SERVICES)
        self.assertIn(re.match(r"smtp://(\w+):1025", GIVEN["--smtp"]).group(1), SERVICES)
        for option in ("--rules", "--secrets"):
            self.assertIn(GIVEN[option], mounts("kulanzd"))
        certificate = pathlib.PurePath(GIVEN["--smtp-ca-file"])
        theirs = pathlib.PurePath(SERVICES["mailpit"]["environment"]["MP_SMTP_TLS_CERT"])
        self.assertEqual(mounts("kulanzd")[str(certificate.parent)], mounts("mailpit")[str(theirs.parent)])
        self.assertEqual(certificate.name, theirs.name)

    def test_prometheus_scrapes_kulanzd(self):
        scraped = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
        targets = scraped["scrape_configs"][0]["static_configs"][0]["targets"]
        self.assertEqual(targets, ["kulanzd:" + GIVEN["--metrics"].rsplit(":", 1)[1]])


class Letters(unittest.TestCase):
    """What the service `secrets` makes, under a real kulanzd and a mail server that is not ours."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="kulanz-compose-")
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name)

    def make_secrets(self):
        """Runs its script, but for the owner, with folders and the mail server's name as they are here."""
        script = SERVICES["secrets"]["command"][0].replace("$$", "$")
        script = re.sub(r"(?m)^chown .*$", "", script).replace("mailpit", "localhost")
        for name in ("secrets", "mail"):
            (self.home / name).mkdir(exist_ok=True)
            script = script.replace(f"/{name}/", f"{self.home}/{name}/")
        run = subprocess.run([*SERVICES["secrets"]["entrypoint"], script], capture_output=True, text=True, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        return {file: file.read_bytes() for name in ("secrets", "mail") for file in (self.home / name).iterdir()}

    def test_secrets_are_made_once(self):
        made = self.make_secrets()
        self.assertEqual({file.name for file in made},
                         {"record.secret", "lookup.secret", "codes.secret", "key.pem", "cert.pem"})
        self.assertEqual(self.make_secrets(), made)

    def test_letters_arrive_over_tls(self):
        if shutil.which("node") is None or not (MAIL_SERVER / "node_modules").is_dir():
            self.skipTest("npm's mail server is not here (the test npm_mail_server fetches it)")
        self.make_secrets()
        (self.home / "out").mkdir()
        setup = {"cert": str(self.home / "mail/cert.pem"), "key": str(self.home / "mail/key.pem"), "out": str(self.home / "out")}
        server = subprocess.Popen(["node", MAIL_SERVER / "mail_server.mjs", json.dumps(setup)], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.communicate)
        self.addCleanup(server.kill)
        port = re.fullmatch(r"port (\d+)\n", server.stdout.readline()).group(1)
        redis = running.Redis(self.home / "redis")
        self.addCleanup(redis.stop)
        options = {"--redis": f"redis://127.0.0.1:{redis.port}", "--rules": ROOT / "rules",
                   "--secrets": self.home / "secrets", "--data": self.home / "data",
                   "--smtp": GIVEN["--smtp"].replace("mailpit:1025", f"localhost:{port}"),
                   "--smtp-ca-file": self.home / "mail/cert.pem", "--intake-max-age": "3650d", "--deliver-at-once": ""}
        file = ROOT / "deploy/compose/kulanz.yaml"  # what only containers have, is given by flags
        kulanzd = running.Kulanzd(KULANZD, self.home, "--config", file,
                                  *(f"{name}={value}" if value else name for name, value in options.items()))
        self.addCleanup(kulanzd.stop)
        sample = ROOT / "deploy/sample"
        kulanzd.wait_for("ready", lambda: subprocess.run([KULANZ, "health", "--server", kulanzd.grpc], check=False,
                                                         capture_output=True).returncode == 0)
        for verb, file in (("import-customers", "customers.csv"), ("replay", "incidents.csv")):
            subprocess.run([KULANZ, verb, "--server", kulanzd.grpc, sample / file], check=True, capture_output=True)
        index = self.home / "out/index"
        kulanzd.wait_for("a letter", lambda: index.exists() and index.read_text())
        self.assertEqual(kulanzd.sample("kulanz_deliveries_paused"), 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
