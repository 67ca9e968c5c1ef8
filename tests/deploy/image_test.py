#!/usr/bin/env python3
"""The Dockerfile, linted and compared with what the programs need, and the compose file.

    image_test.py KULANZD KULANZ      (exit 77: PyYAML is not installed)
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import running

try:
    import yaml
except ImportError:
    running.skip("python3-yaml is not installed")

import dockerfile

KULANZD, KULANZ = sys.argv[1:3]
ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text()
# Not linked with, but needed: authorities for TLS, zones, and what letters are sent with.
NOT_LINKED = {"ca-certificates", "tzdata", "libcurl4", "zlib1g"}
# Of every image of Debian.
ESSENTIAL = {"libc6", "libgcc-s1", "libstdc++6"}


def copied(path):
    return (ROOT / path).exists()


def problems(text):
    return list(dockerfile.violations(text, copied))


def owners(libraries):
    """The packages that shared libraries are from, as far as dpkg knows them."""
    paths = {path for library in libraries for path in (library, str(pathlib.Path(library).resolve()), "/usr" + library)}
    run = subprocess.run(["dpkg-query", "--search", *sorted(paths)], capture_output=True, text=True, check=False)
    return set(re.findall(r"(?m)^([^:\s]+):", run.stdout))


class Dockerfile(unittest.TestCase):
    def test_nothing_to_find(self):
        self.assertEqual(problems(DOCKERFILE), [])

    def test_seeded_faults_are_found(self):
        for name, old, new in (
                ("no tag", "BASE=debian:bookworm-slim", "BASE=debian"), ("latest", ":bookworm-slim", ":latest"),
                ("root", "USER 65532:65532", "USER root"), ("a shell", 'ENTRYPOINT ["/usr/local/bin/kulanzd"]',
                                                            "ENTRYPOINT /usr/local/bin/kulanzd"),
                ("lists stay", "    && rm -rf /var/lib/apt/lists/* \\\n    && install -d", "    && install -d"),
                ("recommended packages", "--yes --no-install-recommends \\\n        ca-cert", "--yes \\\n        ca-cert"),
                ("no such stage", "--from=build", "--from=builder"), ("no such file", "COPY rules rules", "COPY rule rules"),
                ("ADD", "COPY rules rules", "ADD rules rules"), ("download", "RUN cmake --preset", "RUN curl x && cmake --preset"),
                ("no label", "image.revision=", "image.rev=")):
            with self.subTest(name):
                self.assertIn(old, DOCKERFILE)
                self.assertNotEqual(problems(DOCKERFILE.replace(old, new)), [])

    def test_the_context_has_what_is_copied_and_no_more(self):
        allowed = {line[1:] for line in (ROOT / "deploy/Dockerfile.dockerignore").read_text().splitlines()
                   if line.startswith("!")}
        wanted = {part for word, rest in dockerfile.instructions(DOCKERFILE) if word == "COPY" and "--from" not in rest
                  for part in rest.split()[:-1]}
        self.assertEqual(allowed, wanted)

    def test_the_context_suffices_for_the_build(self):
        """What is copied, and nothing else, is configured as the Dockerfile does."""
        commands = next(rest for word, rest in dockerfile.instructions(DOCKERFILE)
                        if word == "RUN" and rest.startswith("cmake --preset")).split("&&")
        configure, build = commands[0].split(), commands[1].split()
        with tempfile.TemporaryDirectory(prefix="kulanz-context-") as directory:
            context = pathlib.Path(directory)
            for part in re.findall(r"(?m)^!(.+)$", (ROOT / "deploy/Dockerfile.dockerignore").read_text()):
                (context / part).parent.mkdir(parents=True, exist_ok=True)
                (context / part).symlink_to(ROOT / part)
            if (ROOT / ".cache").exists():  # where install-dependencies puts hiredis
                (context / ".cache").symlink_to((ROOT / ".cache").resolve())
            self.assertEqual(build[:5], ["cmake", "--build", "build/release", "--target", "kulanzd"])
            for command in (configure, ["ninja", "-C", "build/release", "-t", "inputs", "bin/kulanzd"]):
                run = subprocess.run(command, cwd=context, capture_output=True, text=True, check=False)
                self.assertEqual(run.returncode, 0, run.stdout[-2000:] + run.stderr[-2000:])
            self.assertRegex(run.stdout, r"service/kulanzd/main\.cc")

    def test_it_installs_what_the_programs_are_linked_with(self):
        if "VERSION_CODENAME=bookworm" not in pathlib.Path("/etc/os-release").read_text():
            self.skipTest("the image is Debian 12; this machine is another")
        needed = set()
        for program in (KULANZD, KULANZ):
            direct = set(re.findall(r"NEEDED.*\[(.+)\]", subprocess.run(
                ["readelf", "--dynamic", program], capture_output=True, text=True, check=True).stdout))
            linked = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
            needed |= {path for name, path in re.findall(r"(\S+) => (/\S+)", linked) if name in direct}
        needed = owners(needed)
        self.assertIn("libgrpc++1.51", needed)
        installed = dockerfile.runtime_packages(DOCKERFILE)
        # Their own dependencies come with them (libgrpc29 with libgrpc++1.51).
        brought = set(re.findall(r"^\s+(?:Pre)?Depends: (\S+)", subprocess.run(
            ["apt-cache", "depends", *sorted(installed)], capture_output=True, text=True, check=True).stdout, re.MULTILINE))
        self.assertEqual(needed - installed - brought - ESSENTIAL, set())
        self.assertEqual(installed - needed - NOT_LINKED, set(), "installed for nothing")


class Compose(unittest.TestCase):
    KEYS = {"image", "build", "user", "entrypoint", "command", "volumes", "network_mode", "read_only", "cap_drop",
            "cap_add", "security_opt", "healthcheck", "restart", "ports", "tmpfs", "depends_on", "stop_grace_period"}

    def setUp(self):
        self.file = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())

    def test_form(self):
        self.assertEqual(set(self.file), {"name", "services", "volumes"})
        for name, service in self.file["services"].items():
            with self.subTest(name):
                self.assertLessEqual(set(service), self.KEYS)
                self.assertRegex(service["image"], r"^[\w./-]+:[\w.-]*\d[\w.-]*$")
                self.assertIs(service["read_only"], True)
                self.assertEqual(service["cap_drop"], ["ALL"])
                self.assertEqual(service["security_opt"], ["no-new-privileges:true"])
                for port in service.get("ports", []):
                    self.assertTrue(port.startswith("127.0.0.1:"), "there are no credentials")

    def test_references(self):
        services, volumes = self.file["services"], set(self.file["volumes"])
        used = set()
        for name, service in services.items():
            for other, condition in service.get("depends_on", {}).items():
                self.assertIn(other, services)
                if condition["condition"] == "service_healthy":
                    self.assertIn("healthcheck", services[other])
            for volume in service.get("volumes", []):
                source = volume.split(":")[0]
                if source.startswith("."):
                    self.assertTrue((ROOT / "deploy" / source).exists(), source)
                else:
                    used.add(source)
            if "build" in service:
                build = service["build"]
                self.assertTrue((ROOT / "deploy" / build["context"] / build["dockerfile"]).is_file())
                self.assertIn(build["target"], {stage["name"] for stage in dockerfile.stages(DOCKERFILE)})
        self.assertEqual(used, volumes)

    def test_prometheus_scrapes_kulanzd_and_kulanzd_finds_redis(self):
        command = dict(word.partition("=")[::2] for word in self.file["services"]["kulanzd"]["command"])
        options = set(re.findall(r"--[a-z-]+", subprocess.run([KULANZD, "--help"], capture_output=True, text=True,
                                                              check=True).stdout))
        self.assertLessEqual(set(command), options)
        scraped = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
        targets = scraped["scrape_configs"][0]["static_configs"][0]["targets"]
        self.assertEqual(targets, ["kulanzd:" + command["--metrics"].rsplit(":", 1)[1]])
        self.assertIn(re.match(r"redis://(\w+):6379", command["--redis"]).group(1), self.file["services"])
        mounts = {volume.split(":")[1] for volume in self.file["services"]["kulanzd"]["volumes"]}
        self.assertLessEqual({command[option] for option in ("--rules", "--secrets", "--mail-dir")}, mounts)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
