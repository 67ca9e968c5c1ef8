#!/usr/bin/env python3
"""Times a newcomer: from a clone to the first voucher, by the commands of README.md, in a folder of its own.

    tests/newcomer/first_voucher.py                   what the compiler cache of this machine has is used
    tests/newcomer/first_voucher.py --twice FOLDER    with an empty compiler cache in FOLDER, and again with what it has then

Prints minutes and seconds per step, and the processor's time behind them: on a machine that is busy with other
things, that divided by the number of processors is what an idle one would take. Installs packages as the
README says (--no-install: takes the machine as it is). Minutes to an hour; not part of tests/run.
"""

import argparse
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATIENCE_S = 3 * 3600


def commands():
    """The two commands of README.md: what installs, builds and serves, and the first call."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    quickstart = re.search(r"^(deploy/quickstart) +#.*serves until Ctrl-C$", text, re.MULTILINE)
    first_call = re.search(r"```sh\n(deploy/sample/first_call\.py)\n```", text)
    if not quickstart or not first_call:
        sys.exit("README.md has other commands now; this script follows it")
    return quickstart[1], first_call[1]


class Stopwatch:
    def __init__(self):
        self.lap = self.now()
        self.rows = []

    @staticmethod
    def now():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return time.monotonic(), used.ru_utime + used.ru_stime

    def step(self, name):
        now = self.now()
        self.rows.append((name, now[0] - self.lap[0]))
        self.lap = now

    def report(self, title, started):
        """After the processes have ended, so that their processor time is counted."""
        wall, used = (after - before for after, before in zip(self.now(), started))
        for name, seconds in self.rows:
            print(f"  {clock(seconds)}  {name}")
        total = sum(seconds for _, seconds in self.rows)
        print(f"  {clock(total)}  {title}; with stopping {clock(wall)}, processor {clock(used)} on {os.cpu_count()}")


def clock(seconds):
    return f"{int(seconds) // 60:3d}:{int(seconds) % 60:02d}"


def follow(folder, environment, arguments):
    """Clones into `folder` and goes the path. Ends the program when a step fails."""
    quickstart, first_call = commands()
    watch = Stopwatch()
    started = watch.lap
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, folder], check=True)
    watch.step("git clone")
    server = subprocess.Popen([*quickstart.split(), *arguments], cwd=folder, env=environment, text=True,
                              stdout=subprocess.PIPE, start_new_session=True)
    try:
        address = None
        for line in server.stdout:
            print("    " + line.rstrip(), flush=True)
            if line.startswith("==> Building kulanzd"):
                watch.step("packages")
            if line.startswith("==> Starting kulanzd"):
                watch.step("build")
            address = address or re.match(r"gRPC +(\S+:\d+),", line)
            if line.startswith("Serving until"):
                break
        else:
            sys.exit(f"{quickstart} ended ({server.wait()})")
        watch.step("start, import, replay, letters")
        answer = subprocess.run([folder / first_call, address[1]], check=True, capture_output=True, text=True, cwd=folder)
        code = re.search(r'code: "([^"]+)"', answer.stdout)
        if not code or not answer.stdout.count("replayed: true"):
            sys.exit(f"no voucher, or not the same again:\n{answer.stdout}")
        watch.step("first call: a voucher of one's own, and the same again")
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=120)
    return watch, started


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--twice", type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--no-install", action="store_true")
    options = parser.parse_args()
    runs = ["from the clone to a voucher"]
    environment = dict(os.environ)
    if options.twice:
        options.twice.mkdir(parents=True, exist_ok=True)
        if any(options.twice.iterdir()):
            parser.error(f"{options.twice} is not empty: nothing in it would be timed")
        environment["CCACHE_DIR"] = str(options.twice.resolve())
        runs = ["with an empty compiler cache", "with a warm compiler cache"]
    with tempfile.TemporaryDirectory(prefix="kulanz-newcomer-") as parent:
        # The same place each time: a compiler cache remembers where the sources lay.
        folder = pathlib.Path(parent, "kulanz")
        for title in runs:
            watch, started = follow(folder, environment, ["--no-install"] if options.no_install else [])
            watch.report(title, started)
            subprocess.run(["rm", "-rf", folder], check=True)


if __name__ == "__main__":
    main()
