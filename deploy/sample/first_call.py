#!/usr/bin/python3
"""A first call: reports one late parcel twice, and shows that the second answer is the first again.

    deploy/sample/first_call.py [HOST:PORT]

For a running deploy/quickstart. Needs python3-grpcio and python3-protobuf of the distribution, which
deploy/install-dependencies installs; the client is generated from proto/ into var/python.
"""

import datetime
import pathlib
import shutil
import subprocess
import sys

import grpc

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
CLIENT = REPOSITORY / "var" / "python"


def generate_client():
    proto = REPOSITORY / "proto"
    files = [file.relative_to(proto) for folder in ("kulanz/v1", "google/rpc", "google/type")
             for file in sorted((proto / folder).glob("*.proto"))]
    CLIENT.mkdir(parents=True, exist_ok=True)
    subprocess.run(["protoc", f"--plugin=protoc-gen-grpc={shutil.which('grpc_python_plugin')}", f"-I{proto}",
                    f"--python_out={CLIENT}", f"--grpc_out={CLIENT}", *files], check=True)
    sys.path.insert(0, str(CLIENT))


def main():
    address = sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:50051"
    generate_client()
    from kulanz.v1 import incident_pb2, incident_service_pb2, incident_service_pb2_grpc

    # Promised for six in the evening five days ago, delivered yesterday at half past nine.
    today = datetime.datetime.now(datetime.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    promised = today - datetime.timedelta(days=5) + datetime.timedelta(hours=18)
    delivered = today - datetime.timedelta(days=1) + datetime.timedelta(hours=9, minutes=30)

    incident = incident_pb2.Incident(
        # The id makes reporting safe to repeat: the same incident keeps the same id, whoever retries.
        incident_id=f"first-call-{delivered:%Y-%m-%d}", customer_id="C-10046", type="late_delivery")
    incident.occurred_at.FromDatetime(delivered)
    incident.order.order_id = f"first-order-{delivered:%Y-%m-%d}"
    incident.order.total.currency_code = "EUR"
    incident.order.total.units = 80
    incident.attributes["promised_at"].timestamp_value.FromDatetime(promised)
    incident.attributes["delivered_at"].timestamp_value.FromDatetime(delivered)
    incident.attributes["cause"].string_value = "carrier"

    with grpc.insecure_channel(address) as channel:
        incidents = incident_service_pb2_grpc.IncidentServiceStub(channel)
        for _ in range(2):
            answer = incidents.ReportIncident(
                incident_service_pb2.ReportIncidentRequest(incident=incident), timeout=5)
            print(answer)


if __name__ == "__main__":
    try:
        main()
    except grpc.RpcError as error:
        sys.exit(f"{error.code().name}: {error.details()}")
