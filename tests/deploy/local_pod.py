"""The pod of an overlay without a cluster: its container's arguments, volumes, probes and stop, as processes of this machine."""

import base64
import json
import os
import pathlib
import re
import subprocess

import grpc

import configuration
import references
import running

ROOT = pathlib.Path(__file__).resolve().parents[2]


def openssl(folder, *words):
    return subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True).stdout


def kulanz_secrets(folder):
    """By the command of deploy/README.md."""
    command = re.search(r"^ +(for name in .*; done)$", (ROOT / "deploy/README.md").read_text(), re.MULTILINE).group(1)
    subprocess.run(["bash", "-euc", command], cwd=folder, check=True)


def password(folder):
    (folder / "password").write_text("for-the-test")


def tls_secrets(folder):
    """One certificate that is its own authority."""
    openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
            "/CN=kulanz.kulanz", "-addext", "subjectAltName=DNS:kulanz.kulanz", "-keyout", "tls.key", "-out", "tls.crt")
    (folder / "ca.crt").write_text((folder / "tls.crt").read_text())


def access_secrets(folder):
    """The example of the repository, with a key of an issuer."""
    example = ROOT / "deploy/kubernetes/components/access/access.yaml"
    (folder / "access.yaml").write_text(example.read_text())
    openssl(folder, "ecparam", "-genkey", "-name", "prime256v1", "-out", "issuer.pem")
    point = openssl(folder, "ec", "-in", "issuer.pem", "-pubout", "-outform", "DER")[-64:]
    x, y = (base64.urlsafe_b64encode(half).decode().rstrip("=") for half in (point[:32], point[32:]))
    (folder / "jwks.json").write_text(json.dumps({"keys": [
        {"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "1", "x": x, "y": y}]}))
    (folder / "issuer.pem").unlink()


def otlp_secrets(folder):
    tls_secrets(folder)
    for name in ("tls.key", "tls.crt"):
        (folder / name).unlink()
    (folder / "headers").write_text("Authorization: Bearer for-the-test\n")


SECRETS = {"kulanz-secrets": kulanz_secrets, "kulanz-redis": password, "kulanz-smtp": password, "kulanz-tls": tls_secrets,
           "kulanz-access": access_secrets, "kulanz-otlp": otlp_secrets}


class LocalPod:
    """`objects`: of the overlay; `home`: where its volumes are."""

    def __init__(self, objects, home, kulanzd, kulanz):
        self.home, self.kulanzd, self.kulanz = home, kulanzd, kulanz
        self.spec = next(references.pods(objects))["spec"]
        (self.container,) = self.spec["containers"]
        maps = {one["metadata"]["name"]: one["data"] for one in references.of_kind(objects, "ConfigMap")}
        volumes = {volume["name"]: volume for volume in self.spec["volumes"]}
        self.mounts, self.claims = {}, []
        for mount in self.container["volumeMounts"]:
            folder = home / mount["name"]
            folder.mkdir()
            self.mounts[mount["mountPath"]] = folder
            volume = volumes[mount["name"]]
            if "configMap" in volume:
                data = maps[volume["configMap"]["name"]]
                for item in volume["configMap"].get("items", [{"key": key, "path": key} for key in data]):
                    file = folder / item["path"]
                    file.parent.mkdir(parents=True, exist_ok=True)
                    file.write_text(data[item["key"]])
            if "persistentVolumeClaim" in volume:
                self.claims.append(folder)
            if "secret" in volume:
                SECRETS[volume["secret"]["secretName"]](folder)
                for file in folder.iterdir():
                    file.chmod(volume["secret"]["defaultMode"])

        file = self.mounts["/etc/kulanz/config"] / "kulanz.yaml"
        self.given = configuration.of_file(file.read_text())
        file.write_text(re.sub(r"(?m)^\w+: .*$", lambda line: self.here(line[0], ": "), file.read_text()))

    def here(self, argument, sign="="):
        """An argument, or a line of the configuration, with the paths of this machine."""
        paths = "|".join(map(re.escape, sorted(self.mounts, reverse=True)))
        return re.sub(f"(?<={re.escape(sign)})({paths})", lambda path: str(self.mounts[path[0]]), argument)

    def open_claims(self):
        """What the kubelet does before each start of the pod: what is on a claim's volume, its group may read and write."""
        context = self.spec["securityContext"]
        group = context["fsGroup"] if os.geteuid() == 0 else os.getegid()
        for root in self.claims:
            info = root.stat()
            if (context.get("fsGroupChangePolicy") == "OnRootMismatch" and info.st_gid == group and
                    info.st_mode & 0o2770 == 0o2770):
                continue
            for path in (*root.rglob("*"), root):
                os.lchown(path, -1, group)
                if not path.is_symlink():
                    path.chmod(path.stat().st_mode | (0o2770 if path.is_dir() else 0o660))

    def start(self, redis=None, *more):
        """The container, listening on free ports; `redis` stands for the store of the overlay."""
        self.open_claims()
        options = [self.here(argument) for argument in self.container["args"]]
        self.health = None
        if "--health-listen" in self.given:
            self.health = f"127.0.0.1:{running.free_port()}"
            options.append(f"--health-listen={self.health}")
        if redis:
            options.append(f"--redis=redis://127.0.0.1:{redis.port}")
        self.server = running.Kulanzd(self.kulanzd, self.home, *options, *more)

    def probe(self, name):
        """Whether the probe succeeds now."""
        probe = self.container[name]
        if "exec" in probe:
            command = [self.kulanz if word == "kulanz" else word for word in probe["exec"]["command"]]
            command[command.index("--server") + 1] = self.server.grpc
            return subprocess.run(command, check=False, capture_output=True).returncode == 0
        service = probe["grpc"]["service"].encode()
        with grpc.insecure_channel(self.health or self.server.grpc) as channel:
            check = channel.unary_unary("/grpc.health.v1.Health/Check")
            try:
                return check(bytes([10, len(service)]) + service, timeout=running.PATIENCE_S) == b"\x08\x01"  # SERVING
            except grpc.RpcError:
                return False

    def stop(self):
        """preStop but for its waiting, then SIGTERM; the exit status."""
        assert self.container["lifecycle"]["preStop"]["exec"]["command"][0] == "sleep"
        self.server.process.terminate()
        return self.server.process.wait(self.spec["terminationGracePeriodSeconds"])
