#!/usr/bin/env python3
"""buf lint: names, packages and comments of the contract, as proto/buf.yaml wants them.

    lint_test.py BUF      (exit 77: there is no buf)
"""

import json

import buf

# Rule, file, what is spoiled.
FAULTS = [
    ("COMMENT_FIELD", "voucher.proto", "  // The incident that it makes good.\n", ""),
    ("COMMENT_RPC", "customer_service.proto", "  // NOT_FOUND / CUSTOMER_NOT_FOUND.\n", ""),
    ("FIELD_LOWER_SNAKE_CASE", "incident.proto", "string customer_id = 2;", "string customerId = 2;"),
    ("ENUM_VALUE_PREFIX", "incident.proto", "  REPORTER_AGENT = 2;", "  AGENT = 2;"),
    ("ENUM_ZERO_VALUE_SUFFIX", "decision.proto", "  SEVERITY_UNSPECIFIED = 0;", "  SEVERITY_NONE = 0;"),
    ("RPC_REQUEST_STANDARD_NAME", "letter_service.proto", "rpc GetLetter(GetLetterRequest)",
     "rpc GetLetter(ResendLetterRequest)"),
    ("PACKAGE_DIRECTORY_MATCH", "event.proto", "package kulanz.v1;", "package kulanz.events.v1;"),
]


class Lint(buf.CopyTest):
    def test_nothing_to_find(self):
        self.assertEqual(buf.buf("lint", self.proto), (0, ""))

    def test_seeded_faults_are_found(self):
        for _, file, old, new in FAULTS:
            self.spoil("kulanz/v1/" + file, old, new)
        status, printed = buf.buf("lint", self.proto, "--error-format", "json")
        self.assertEqual(status, 100, printed)
        found = {(one["type"], one["path"].rsplit("/", 1)[1]) for one in map(json.loads, printed.splitlines())}
        self.assertLessEqual({(rule, file) for rule, file, _, _ in FAULTS}, found)


if __name__ == "__main__":
    buf.main()
