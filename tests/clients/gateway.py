"""A gRPC server in front of kulanzd that passes calls on, loses replies, wants TLS and a token, or comes late."""

import concurrent.futures
import subprocess
import threading

import grpc

HEALTH = "/grpc.health.v1.Health/Watch"
STREAMS = ("/kulanz.v1.CustomerService/ImportCustomers",)


class Gateway(grpc.GenericRpcHandler):
    """Listens on `port` (0: any) until stopped.

    lose: of each call so many first replies: it takes effect, but the caller is told UNAVAILABLE.
    tls: (key, certificate) as PEM; token: what a caller must bear then.
    """

    def __init__(self, backend, port=0, lose=0, tls=None, token=None):
        self.channel = grpc.insecure_channel(backend)
        self.lose, self.token = lose, token
        self.guard, self.calls = threading.Lock(), {}
        self.server = grpc.server(concurrent.futures.ThreadPoolExecutor(16), handlers=[self],
                                  options=[("grpc.so_reuseport", 0)])
        if tls:
            self.port = self.server.add_secure_port(f"localhost:{port}", grpc.ssl_server_credentials([tls]))
        else:
            self.port = self.server.add_insecure_port(f"localhost:{port}")
        self.address = f"localhost:{self.port}"
        self.server.start()

    def stop(self):
        self.server.stop(None).wait()
        self.channel.close()

    def service(self, details):
        if details.method == HEALTH:
            return grpc.unary_stream_rpc_method_handler(self.watch)
        if details.method in STREAMS:
            forward = self.channel.stream_unary(details.method)
            return grpc.stream_unary_rpc_method_handler(lambda request, context: self.answer(details, forward, request, context))
        forward = self.channel.unary_unary(details.method)
        return grpc.unary_unary_rpc_method_handler(lambda request, context: self.answer(details, forward, request, context))

    def watch(self, request, context):
        updates = self.channel.unary_stream(HEALTH)(request)
        context.add_callback(updates.cancel)
        try:
            yield from updates
        except grpc.RpcError:  # the watcher has gone
            return

    def answer(self, details, forward, request, context):
        if self.token and ("authorization", "Bearer " + self.token) not in details.invocation_metadata:
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "who are you?")
        try:
            reply = forward(request, timeout=context.time_remaining())
        except grpc.RpcError as error:
            context.set_trailing_metadata([pair for pair in error.trailing_metadata() or ()
                                           if pair.key == "grpc-status-details-bin"])
            context.abort(error.code(), error.details())
        with self.guard:
            self.calls[details.method] = self.calls.get(details.method, 0) + 1
            lost = self.calls[details.method] <= self.lose
        if lost:
            context.abort(grpc.StatusCode.UNAVAILABLE, "the reply is lost")
        return reply


def openssl(folder, *words, data=None):
    """What openssl prints, in `folder`."""
    return subprocess.run(["openssl", *words], cwd=folder, input=data, check=True, capture_output=True).stdout


def certificates(folder):
    """Writes ca.pem into `folder`, and other.pem, which signed nothing; gives (key, certificate) of localhost as PEM."""
    for name in ("ca", "other"):
        openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")
    certificate(folder, "server", "DNS:localhost")
    return (folder / "server.key").read_bytes(), (folder / "server.pem").read_bytes()


def certificate(folder, name, alternative):
    """Writes name.key and name.pem, signed by ca.pem; `alternative`: subjectAltName."""
    openssl(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
            "-keyout", f"{name}.key", "-out", f"{name}.csr")
    (folder / f"{name}.names").write_text(f"subjectAltName={alternative}\n")
    openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "2", "-extfile", f"{name}.names", "-out", f"{name}.pem")
