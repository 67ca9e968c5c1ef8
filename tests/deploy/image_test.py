#!/usr/bin/env python3
"""The Dockerfile, linted and compared with what the programs need.

    image_test.py KULANZD KULANZ
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

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
                ("no label", "image.revision=", "image.rev="),
                ("argument of another stage", "ARG REVISION\nRUN", "RUN")):
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
        """What is copied, and nothing else, is configured as the Dockerfile does, which tells the programs what they are."""
        commands = next(rest for word, rest in dockerfile.instructions(DOCKERFILE)
                        if word == "RUN" and rest.startswith("cmake --preset")).split("&&")
        configure = ["env", "REVISION=0123abc", "bash", "-c", commands[0]]
        build = commands[1].split()
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
            self.assertIn("KULANZ_REVISION=\\\"0123abc\\\"", (context / "build/release/build.ninja").read_text())

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


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
