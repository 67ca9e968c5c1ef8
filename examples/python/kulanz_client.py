"""What every client of Kulanz needs: a channel, patience, and a look into errors. Copy it.

Generate the stubs first: examples/python/generate.
"""

import decimal
import os
import pathlib
import random
import sys
import time

import grpc

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "stubs"))

from google.rpc import error_details_pb2, status_pb2  # noqa: E402
from google.type import money_pb2  # noqa: E402

# Balancing over all servers, health, and up to three repetitions of what was UNAVAILABLE or CANCELLED, within gRPC.
SERVICE_CONFIG = HERE.parents[1] / "deploy" / "client" / "service-config.json"

# After these a request had no effect and never will: correct it, or take them as the answer. After all others
# nobody knows whether it had one, so the identical request is repeated.
FINAL = {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND, grpc.StatusCode.ALREADY_EXISTS,
         grpc.StatusCode.PERMISSION_DENIED, grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.FAILED_PRECONDITION,
         grpc.StatusCode.OUT_OF_RANGE, grpc.StatusCode.UNIMPLEMENTED,
         # A stored record is damaged: an operator has to act, and repeating is no use.
         grpc.StatusCode.DATA_LOSS}


# --- the channel -----------------------------------------------------------------------------------

def add_options(parser):
    parser.add_argument("--server", default=os.environ.get("KULANZ_SERVER", "127.0.0.1:50051"),
                        metavar="HOST:PORT", help="in a cluster dns:///kulanz.kulanz:50051, which is all servers")
    parser.add_argument("--tls", action="store_true", help="speak TLS, and trust whom the system trusts")
    parser.add_argument("--ca-file", metavar="PEM", help="speak TLS, and trust these authorities only")
    parser.add_argument("--cert-file", metavar="PEM", help="this client's certificate, with --key-file")
    parser.add_argument("--key-file", metavar="PEM")
    parser.add_argument("--token-file", metavar="FILE", help="a bearer token; read again for each call. Needs TLS")
    parser.add_argument("--patience", type=float, default=300, metavar="SECONDS", help="how long one request is repeated")


def connect(options):
    """A channel for the whole life of the process; it connects by itself, again and again."""
    settings = [("grpc.service_config", SERVICE_CONFIG.read_text()), ("grpc.enable_retries", 1),
                # A server that was away is found again within seconds; by default it may take two minutes.
                ("grpc.max_reconnect_backoff_ms", 5000)]
    if not (options.tls or options.ca_file):
        if options.token_file:
            sys.exit("--token-file needs --tls or --ca-file: a token must not travel in the clear")
        return grpc.insecure_channel(options.server, settings)
    credentials = grpc.ssl_channel_credentials(read(options.ca_file), read(options.key_file), read(options.cert_file))
    if options.token_file:
        credentials = grpc.composite_channel_credentials(
            credentials, grpc.metadata_call_credentials(TokenFile(options.token_file)))
    return grpc.secure_channel(options.server, credentials, settings)


def read(path):
    return pathlib.Path(path).read_bytes() if path else None


class TokenFile(grpc.AuthMetadataPlugin):
    """Tokens are short-lived: the file is the one that a platform keeps fresh."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def __call__(self, context, callback):
        try:
            callback((("authorization", "Bearer " + self.path.read_text().strip()),), None)
        except OSError as error:
            callback((), error)


# --- patience --------------------------------------------------------------------------------------

def until_answered(call, request, patience_s, timeout_s=10):
    """The answer to `request`, however often it takes: call(request), repeated until there is a final one.

    Right for every call of the API, as each bears an id that makes it safe to repeat. `request` may be a function
    that makes the messages of a stream anew. Raises grpc.RpcError with a final code, or when patience is over:
    then put the request, with its ids, where it is tried again later.
    """
    give_up, pause_s = time.monotonic() + patience_s, 0.2
    while True:
        try:
            return call(request() if callable(request) else request, timeout=timeout_s)
        except grpc.RpcError as error:
            # At least as long as the server asks for, and never all clients at once.
            wait_s = max(retry_delay_s(error), pause_s * random.uniform(0.5, 1))
            if error.code() in FINAL or time.monotonic() + wait_s > give_up:
                raise
            print(f"{explain(error)}; again in {wait_s:.1f} s", file=sys.stderr)
            time.sleep(wait_s)
            pause_s = min(2 * pause_s, 15)


# --- errors ----------------------------------------------------------------------------------------

def details(error):
    """{type name: message} of what an error carries: ErrorInfo always; BadRequest, RetryInfo where they help."""
    packed = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
    return unpacked(status_pb2.Status.FromString(packed)) if packed else {}


def unpacked(status):
    found = {}
    for packed in status.details:
        for kind in (error_details_pb2.ErrorInfo, error_details_pb2.BadRequest, error_details_pb2.RetryInfo):
            message = kind()
            if packed.Unpack(message):
                found[kind.DESCRIPTOR.name] = message
    return found


def reason(error):
    """The stable token to branch on, e.g. "VOUCHER_EXPIRED"; empty where the error is not Kulanz' own."""
    return details(error)["ErrorInfo"].reason if "ErrorInfo" in details(error) else ""


def retry_delay_s(error):
    delay = details(error)["RetryInfo"].retry_delay if "RetryInfo" in details(error) else None
    return delay.seconds + delay.nanos / 1e9 if delay else 0


def explain(error):
    """For a log: code, reason and message, and every field that is wrong. Never a voucher's code."""
    text = " / ".join(filter(None, (error.code().name, reason(error)))) + f": {error.details()}"
    return text + violations(details(error))


def violations(found):
    wrong = found["BadRequest"].field_violations if "BadRequest" in found else ()
    return "".join(f"\n  {one.field}: {one.description}" for one in wrong)


# --- money -----------------------------------------------------------------------------------------

def money(text):
    """"59.90 EUR" as google.type.Money: exact, as money is never a float."""
    amount, currency = text.split()
    units, nanos = divmod(int(decimal.Decimal(amount).scaleb(9)), 10**9)
    return money_pb2.Money(currency_code=currency, units=units, nanos=nanos)


def as_text(amount):
    exact = decimal.Decimal(amount.units * 10**9 + amount.nanos).scaleb(-9)
    return f"{exact:.2f} {amount.currency_code}"
