#!/usr/bin/env python3
"""What a report costs kulanzd and Redis in processor time and memory: the figures of deploy/README.md, "Sizing".

    tests/bench/capacity/capacity.py build/release/bin [REPORTS]      (20,000)

Processor seconds hold on a busy machine, too, give or take what shared caches cost; calls a second do not, and
kulanz-bench measures those. Each report is of a customer of its own, is granted, and sends its letter to a maildir.
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/deploy"))
import running  # noqa: E402

BIN = pathlib.Path(sys.argv[1])
REPORTS = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000


def write_sample(folder):
    customers = ["customer_id,given_name,family_name,salutation,email,locale,time_zone,customer_since,orders_completed,"
                 "lifetime_value,currency,segment,tags"]
    incidents = ["incident_id,customer_id,type,occurred_at,order_id,order_total,currency,promised_at,delivered_at,cause"]
    for i in range(REPORTS):
        customers.append(f"C-{i},Anna,Muster,ms,anna{i}@example.com,de-DE,Europe/Berlin,2020-01-31,9,318.27,EUR,standard,")
        incidents.append(f"I-{i},C-{i},late_delivery,2026-09-07T09:09:13Z,O-{i},80.00,EUR,2026-09-02T18:00:00Z,"
                         "2026-09-07T09:09:13Z,carrier")
    (folder / "customers.csv").write_text("\n".join(customers) + "\n")
    (folder / "incidents.csv").write_text("\n".join(incidents) + "\n")


def write_rules(folder):
    """The shipped policies, with a budget that lasts."""
    shutil.copytree(ROOT / "rules", folder, ignore=shutil.ignore_patterns("examples"))
    for policy in (folder / "policies").glob("*.yaml"):
        policy.write_text(re.sub(r"(?m)^(budget: .*amount: eur\()", r"\g<1>9", policy.read_text()))


class Meter:
    def __init__(self, server, redis):
        self.server, self.redis = server, redis
        self.cpu = self.now()

    def now(self):
        redis = dict(re.findall(r"(used_cpu_\w+):([\d.]+)", self.redis.cli("info", "cpu")))
        return (self.server.sample("process_cpu_seconds_total"),
                float(redis["used_cpu_sys"]) + float(redis["used_cpu_user"]))

    def report(self, what):
        now = self.now()
        server, redis = (1000 * (after - before) / REPORTS for after, before in zip(now, self.cpu))
        self.cpu = now
        memory = int(re.search(r"used_memory:(\d+)", self.redis.cli("info", "memory")).group(1))
        print(f"{what:28} kulanzd {server:6.3f} ms, Redis {redis:6.3f} ms of processor each; now in memory: kulanzd "
              f"{self.server.sample('process_resident_memory_bytes') / 1e6:5.0f} MB, Redis {memory / 1e6:5.0f} MB")


def main():
    with tempfile.TemporaryDirectory(prefix="kulanz-capacity-") as directory:
        home = pathlib.Path(directory)
        write_sample(home)
        write_rules(home / "rules")
        (home / "secrets").mkdir()
        subprocess.run([BIN / "kulanz", "secrets", "init", home / "secrets"], check=True, capture_output=True)
        redis = running.Redis(home / "redis", "--appendfsync", "everysec")
        server = running.Kulanzd(BIN / "kulanzd", home, "--redis", f"redis://127.0.0.1:{redis.port}", "--initialise",
                                 "--rules", home / "rules", "--secrets", home / "secrets", "--data", home / "data",
                                 "--mail-dir", home / "mail", "--deliver-at-once", "--intake-max-age", "3650d")
        try:
            meter = Meter(server, redis)
            for what, verb, file in (("a customer", "import-customers", "customers.csv"), ("a report", "replay", "incidents.csv"),
                                     ("a report once more", "replay", "incidents.csv")):
                subprocess.run([BIN / "kulanz", verb, "--server", server.grpc, home / file], check=True, capture_output=True)
                if what == "a report":
                    running.eventually("all letters", lambda: (
                        server.sample('kulanz_deliveries_total{result="accepted",reason="none"}') or 0) >= REPORTS, 1800)
                    what = "a report with its letter"
                meter.report(what)
        finally:
            server.stop()
            redis.stop()


if __name__ == "__main__":
    main()
