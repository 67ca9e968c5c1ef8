#!/usr/bin/env python3
"""The examples' options for TLS, certificates and tokens, against a real kulanzd that asks who calls.

    credentials_test.py LANGUAGE KULANZD BUILD-FOLDER      (exit 77: the language is not there; it says so)
"""

import base64
import json
import sys
import time
import unittest

import clients_test
import gateway

ACCESS = """
certificates:
  - {spiffe: spiffe://shop.example/orders, roles: [reporter]}
tokens:
  - issuer: https://login.shop.example
    audience: kulanz
    algorithms: [RS256]
    keys: jwks.json
    groups_claim: groups
    groups: {checkouts: [redeemer]}
"""


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """Signs tokens; writes its public key into jwks.json."""

    def __init__(self, folder):
        self.folder = folder
        gateway.openssl(folder, "genrsa", "-out", "issuer.pem", "2048")
        modulus = gateway.openssl(folder, "rsa", "-in", "issuer.pem", "-noout", "-modulus").decode().strip().split("=")[1]
        (folder / "jwks.json").write_text(json.dumps({"keys": [
            {"kty": "RSA", "kid": "1", "use": "sig", "alg": "RS256", "n": base64url(bytes.fromhex(modulus)), "e": "AQAB"}]}))

    def token_file(self, name, expires_in_s):
        claims = {"iss": "https://login.shop.example", "aud": "kulanz", "sub": "checkout-1", "groups": ["checkouts"],
                  "iat": int(time.time()) - 600, "exp": int(time.time()) + expires_in_s}
        signed = ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": "RS256", "kid": "1"}, claims))
        signature = gateway.openssl(self.folder, "dgst", "-sha256", "-sign", "issuer.pem", data=signed.encode())
        (self.folder / name).write_text(signed + "." + base64url(signature) + "\n")
        return self.folder / name


class Credentials(clients_test.Started, unittest.TestCase):
    @classmethod
    def options(cls):
        gateway.certificates(cls.home)
        gateway.certificate(cls.home, "orders", "URI:spiffe://shop.example/orders")
        cls.issuer = Issuer(cls.home)
        (cls.home / "access.yaml").write_text(ACCESS)
        return ("--tls-cert-file", cls.home / "server.pem", "--tls-key-file", cls.home / "server.key",
                "--tls-client-ca-file", cls.home / "ca.pem", "--access-file", cls.home / "access.yaml")

    def as_caller(self, example, *arguments):
        port = self.kulanzd.grpc.rsplit(":", 1)[1]
        return self.run_example(example, *arguments, "--ca-file", self.home / "ca.pem", "--patience", "1",
                                server=f"localhost:{port}")

    def test_certificates_and_tokens_say_who_calls(self):
        orders = ("--cert-file", self.home / "orders.pem", "--key-file", self.home / "orders.key")
        checkouts = ("--token-file", self.issuer.token_file("token", 3600))
        expired = ("--token-file", self.issuer.token_file("expired", -300))
        order = ("--customer", "C-10046", "--total", "59.90 EUR", "--order", "O-40")

        self.assertEqual(self.as_caller("import_customers", self.customers, *orders),
                         (0, "5 created, 0 updated, 0 rejected\n", ""))
        status, out, err = self.as_caller("report_incident", *clients_test.late("40"), "--show-code", *orders)
        self.assertEqual((status, err), (0, ""))
        code = out.splitlines()[-1]
        self.assertEqual(self.as_caller("checkout", code, *order, *checkouts),
                         (0, "held 8.00 EUR for order O-40\nredeemed 8.00 EUR\n", ""))
        for who, said in ((orders, "PERMISSION_DENIED / ROLE_MISSING: "), (expired, "UNAUTHENTICATED / TOKEN_EXPIRED: "),
                          ((), "UNAUTHENTICATED / NO_CREDENTIALS: ")):
            with self.subTest(said):
                status, out, err = self.as_caller("checkout", code, *order, *who)
                self.assertEqual((status, out), (1, ""))
                self.assertIn(said, err)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
