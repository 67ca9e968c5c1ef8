#!/usr/bin/env python3
"""The service config for clients: its names exist, and a real client repeats as it says.

    service_config_test.py      (exit 77: grpcio is not installed)
"""

import concurrent.futures
import json
import pathlib
import re
import sys
import unittest

import running

try:
    import grpc
except ImportError:
    running.skip("grpcio is not installed for Python")

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILE = ROOT / "deploy/client/service-config.json"


def methods():
    """{service: {method: streams}} of the API."""
    found = {}
    for file in (ROOT / "proto/kulanz/v1").glob("*_service.proto"):
        for service, body in re.findall(r"service (\w+) {(.*?)\n}", file.read_text(), re.DOTALL):
            calls = re.findall(r"rpc (\w+)\((stream )?\w+\)\s+returns \((stream )?", body)
            found["kulanz.v1." + service] = {name: bool(sent or got) for name, sent, got in calls}
    return found


class Flaky(grpc.GenericRpcHandler):
    """Answers `code` `failures` times, then with nothing at all, successfully."""

    def __init__(self, code, failures):
        self.code, self.failures, self.calls = code, failures, 0

    def service(self, details):
        if not details.method.startswith("/kulanz."):
            return None  # unimplemented: no health to watch here
        def answer(_, context):
            self.calls += 1
            if self.calls <= self.failures:
                context.abort(self.code, "not now")
            return b""
        return grpc.unary_unary_rpc_method_handler(answer)


def attempts(code, failures, method="/kulanz.v1.IncidentService/ReportIncident"):
    """How often a call was made, and its final code."""
    handler = Flaky(code, failures)
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(2), handlers=[handler])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        options = [("grpc.service_config", FILE.read_text()), ("grpc.enable_retries", 1)]
        with grpc.insecure_channel(f"127.0.0.1:{port}", options) as channel:
            try:
                channel.unary_unary(method)(b"", timeout=running.PATIENCE_S)
                return handler.calls, grpc.StatusCode.OK
            except grpc.RpcError as error:
                return handler.calls, error.code()
    finally:
        server.stop(None)


class ServiceConfig(unittest.TestCase):
    def setUp(self):
        self.config = json.loads(FILE.read_text())

    def test_every_call_has_its_policy(self):
        api = methods()
        self.assertEqual(sum(map(len, api.values())), sum(
            len(re.findall(r"^  rpc ", file.read_text(), re.MULTILINE)) for file in (ROOT / "proto/kulanz/v1").glob("*.proto")))
        whole, single = set(), {}
        for entry in self.config["methodConfig"]:
            for name in entry["name"]:
                self.assertIn(name["service"], api)
                if "method" in name:
                    self.assertIn(name["method"], api[name["service"]])
                    single[name["service"], name["method"]] = entry
                else:
                    whole.add(name["service"])
        self.assertEqual(whole, set(api))
        streams = {(service, method) for service, calls in api.items() for method, is_stream in calls.items() if is_stream}
        self.assertEqual(set(single), streams, "streams are repeated by who sends them")
        for entry in single.values():
            self.assertEqual(set(entry), {"name"})

    def test_what_an_ending_server_says_is_repeated(self):
        # CANCELLED: gRPC's own answer to a call that arrives while its server shuts down.
        for code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
            self.assertEqual(attempts(code, 2), (3, grpc.StatusCode.OK))

    def test_the_pages_say_what_is_repeated(self):
        codes = {code for entry in self.config["methodConfig"] for code in entry.get("retryPolicy", {}).get("retryableStatusCodes", [])}
        for page in ("deploy/README.md", "docs/integrating.md"):
            for code in codes:
                self.assertRegex((ROOT / page).read_text(), rf"service-config\.json\)[\s\S]{{,500}}\b{code}\b", page)

    def test_not_for_ever(self):
        self.assertEqual(attempts(grpc.StatusCode.UNAVAILABLE, 100), (4, grpc.StatusCode.UNAVAILABLE))

    def test_what_repeating_does_not_mend_is_not_repeated(self):
        for code in (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.INTERNAL, grpc.StatusCode.FAILED_PRECONDITION):
            self.assertEqual(attempts(code, 100), (1, code))


if __name__ == "__main__":
    unittest.main(verbosity=2)
