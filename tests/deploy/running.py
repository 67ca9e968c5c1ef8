"""Programs that the tests start: redis-server, kulanzd, prometheus; each on a free port, ended in order."""

import itertools
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

# For what takes moments, on a machine that is busy with other tests.
PATIENCE_S = 60


def skip(reason):
    """Ends the test as skipped, and says why."""
    print(f"skipped: {reason}; deploy/install-dependencies --tests installs it where the distribution has it")
    sys.exit(77)


def eventually(what, question, patience_s=PATIENCE_S):
    """The first true answer to `question`."""
    give_up = time.monotonic() + patience_s
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > give_up:
            raise AssertionError(f"not within {patience_s} s: {what}")
        time.sleep(0.05)


_ports = itertools.count(os.getpid() * 61)


def free_port():
    """Below the ports that the system gives to connections; programs that run side by side begin apart."""
    for _ in range(16_000):
        port = 16_000 + next(_ports) % 16_000
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    raise AssertionError("no port of loopback is free")


def get(url):
    """The body of a page; None while nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read().decode()
    except (urllib.error.URLError, OSError):
        return None


class Program:
    """A child process with a log, ended by SIGTERM."""

    def __init__(self, command, directory, name, environment=None):
        self.log = pathlib.Path(directory, name + ".log")
        self.name = name
        with open(self.log, "a") as log:
            self.process = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, env=environment)

    def alive(self):
        return self.process.poll() is None

    def wait_for(self, what, question):
        def ask():
            if not self.alive():
                raise AssertionError(f"{self.name} ended ({self.process.returncode}):\n{self.log.read_text()[-3000:]}")
            return question()
        return eventually(f"{self.name}: {what}", ask)

    def stop(self):
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise


class Kulanzd(Program):
    """kulanzd with the given options; `grpc` and `metrics` are its addresses."""

    def __init__(self, program, directory, *options, name="kulanzd", environment=None):
        ports = pathlib.Path(directory, name + ".ports")
        ports.unlink(missing_ok=True)
        super().__init__([program, "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0", "--port-file", ports,
                          *options], directory, name, environment)
        self.wait_for("its ports", ports.exists)
        found = dict(line.split("=") for line in ports.read_text().split())
        self.grpc, self.metrics = ("127.0.0.1:" + found[key] for key in ("grpc", "metrics"))

    def scrape(self):
        return get(f"http://{self.metrics}/metrics")

    def sample(self, series):
        """The value of one series as the page writes it; None when there is none."""
        for line in self.scrape().splitlines():
            if line.startswith(series + " "):
                return float(line.rsplit(" ", 1)[1])
        return None


class Redis(Program):
    """A durable redis-server in `directory`."""

    def __init__(self, directory, *options, name="redis"):
        self.port = free_port()
        pathlib.Path(directory).mkdir(exist_ok=True)
        super().__init__(["redis-server", "--bind", "127.0.0.1", "--port", self.port, "--dir", directory,
                          "--appendonly", "yes", "--maxmemory-policy", "noeviction", "--save", "", *options],
                         directory, name)
        self.wait_for("PONG", lambda: self.cli("ping") == "PONG")

    def cli(self, *words):
        run = subprocess.run(["redis-cli", "-p", str(self.port), *words], capture_output=True, text=True, check=False)
        return run.stdout.strip()


class Prometheus(Program):
    """A prometheus with the given configuration (a dict), scraping and evaluating as that says."""

    def __init__(self, directory, configuration):
        self.port = free_port()
        file = pathlib.Path(directory, "prometheus.json")
        file.write_text(json.dumps(configuration))  # JSON is YAML
        super().__init__(["prometheus", "--config.file", file, "--storage.tsdb.path", pathlib.Path(directory, "tsdb"),
                          "--web.listen-address", f"127.0.0.1:{self.port}", "--log.level", "warn"],
                         directory, "prometheus")
        self.wait_for("ready", lambda: get(f"http://127.0.0.1:{self.port}/-/ready"))

    def query(self, expression):
        """The vector (or scalar) that a query returns; its error as an AssertionError."""
        page = f"http://127.0.0.1:{self.port}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
        try:
            with urllib.request.urlopen(page, timeout=PATIENCE_S) as answer:
                return json.load(answer)["data"]["result"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{expression}: {json.load(error).get('error')}") from None
