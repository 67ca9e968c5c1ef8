"""How long a kulanzd may take to end, by its options: whoever stops it must not kill it before."""

import re

# Clients that have no call under way are waited for so long (service/adapters/grpc/rpc_server.cc), leases are given back
# within this (service/kulanzd/server.cc), and the rest is for traces, and for letters and events in hand when running
# calls have used up the grace.
GOODBYE_S, LEASE_RETURN_S, MARGIN_S = 1, 5, 4


def seconds(text):
    """Of a duration as the manifests write it; of any other, far too many."""
    return int(text[:-1]) if re.fullmatch(r"\d+s", text) else 10 ** 6


def default(option, said):
    """Of kulanzd's --help."""
    return re.search(rf"^ *{option} TEXT:DURATION=(\w+)", said, re.MULTILINE).group(1)


def needed(given, said="", before=0):
    """`given`: options by name; `said`: kulanzd's --help, for those that are not given; `before` the signal, seconds."""
    drain_wait, grace = (seconds(given.get(option) or default(option, said)) for option in ("--drain-wait", "--grace"))
    return before + drain_wait + grace + GOODBYE_S + LEASE_RETURN_S + MARGIN_S
