#!/usr/bin/env python3
"""From manifests to ready by the steps of deploy/README.md, as far as that goes without a cluster.

    pod_test.py KULANZD KULANZ      (exit 77: PyYAML, grpcio or openssl is not there)

What a cluster adds and nobody tests here: scheduling, the image's pull, DNS, the network policy, Sentinels of its own.
"""

import pathlib
import shutil
import sys
import tempfile
import time
import unittest

import running

try:
    import grpc  # noqa: F401 (of the probes)
    import yaml  # noqa: F401 (of kustomize)
except ImportError as error:
    running.skip(f"{error.name} is not installed for Python")
if shutil.which("openssl") is None:
    running.skip("openssl is not installed")

import kustomize
import local_pod

KULANZD, KULANZ = sys.argv[1:3]
OVERLAYS = local_pod.ROOT / "deploy/kubernetes/overlays"


class Pod(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="kulanz-pod-")
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name)

    def becomes_ready(self, pod, *start):
        """Starts it; live at once, ready soon, and ended in order by what ends pods."""
        began = time.monotonic()
        pod.start(*start)
        self.addCleanup(pod.server.stop)
        for name in ("startupProbe", "livenessProbe", "readinessProbe"):
            pod.server.wait_for(name, lambda probe=name: pod.probe(probe))
        print(f"ready after {time.monotonic() - began:.1f} s", file=sys.stderr)
        self.assertEqual(pod.stop(), 0, pod.server.log.read_text()[-2000:])

    def test_dev(self):
        began = time.monotonic()
        pod = local_pod.LocalPod(kustomize.render(OVERLAYS / "dev"), self.home, KULANZD, KULANZ)
        print(f"rendered and mounted in {time.monotonic() - began:.1f} s", file=sys.stderr)
        self.becomes_ready(pod)
        self.becomes_ready(pod)  # again, on the same volume

    def test_secrets_that_the_kubelet_opens_to_the_group(self):
        pod = local_pod.LocalPod(kustomize.render(OVERLAYS / "dev"), self.home, KULANZD, KULANZ)
        del pod.spec["securityContext"]["fsGroupChangePolicy"]
        self.becomes_ready(pod)
        with self.assertRaisesRegex(AssertionError, "SECRET_EXPOSED"):
            pod.start()

    def test_production(self):
        began = time.monotonic()
        pod = local_pod.LocalPod(kustomize.render(OVERLAYS / "prod-sentinel"), self.home, KULANZD, KULANZ)
        print(f"rendered, secrets made, mounted in {time.monotonic() - began:.1f} s", file=sys.stderr)
        redis = running.Redis(self.home / "redis-master", "--user", "kulanz", "on", ">for-the-test", "~*", "&*", "+@all")
        self.addCleanup(redis.stop)
        replica = running.Redis(self.home / "redis-replica", "--replicaof", "127.0.0.1", redis.port, name="replica")
        self.addCleanup(replica.stop)
        replica.wait_for("its master", lambda: "master_link_status:up" in replica.cli("info", "replication"))
        self.becomes_ready(pod, redis, "--initialise")
        self.becomes_ready(pod, redis)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
