#!/usr/bin/python3
"""Reports a late parcel, and stays at it until there is an answer.

    report_incident.py --parcel 4711 --customer C-10046 --order O-4711 --total '80.00 EUR' \\
        --promised 2026-11-16T18:00:00Z --delivered 2026-11-20T09:30:00Z

Run it twice: the second answer is the first one again, with the same voucher. Nobody has to remember what
was reported, as the incident's id is made from what the parcel is called anyway.
"""

import argparse
import sys

import grpc

import kulanz_client as kulanz
from kulanz.v1 import decision_pb2, incident_pb2, incident_service_pb2, incident_service_pb2_grpc


def late_delivery(options):
    incident = incident_pb2.Incident(
        # Names the failure for ever. Never a new id for each attempt: that would be another failure, and another voucher.
        incident_id=f"parcel-{options.parcel}-late",
        customer_id=options.customer,
        type="late_delivery",
        order=incident_pb2.Order(order_id=options.order, total=kulanz.money(options.total)))
    incident.occurred_at.FromJsonString(options.delivered)
    # The facts, as rules/incidents.yaml declares them for this type.
    incident.attributes["promised_at"].timestamp_value.FromJsonString(options.promised)
    incident.attributes["delivered_at"].timestamp_value.FromJsonString(options.delivered)
    incident.attributes["cause"].string_value = options.cause
    return incident


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    kulanz.add_options(parser)
    parser.add_argument("--parcel", required=True)
    parser.add_argument("--customer", required=True)
    parser.add_argument("--order", required=True)
    parser.add_argument("--total", required=True, metavar="'80.00 EUR'")
    parser.add_argument("--promised", required=True, metavar="RFC3339")
    parser.add_argument("--delivered", required=True, metavar="RFC3339")
    parser.add_argument("--cause", default="carrier")
    parser.add_argument("--show-code", action="store_true", help="print the voucher's code: only for trying out")
    options = parser.parse_args()

    with kulanz.connect(options) as channel:
        incidents = incident_service_pb2_grpc.IncidentServiceStub(channel)
        request = incident_service_pb2.ReportIncidentRequest(incident=late_delivery(options))
        try:
            answer = kulanz.until_answered(incidents.ReportIncident, request, options.patience)
        except grpc.RpcError as error:
            # UNKNOWN_CUSTOMER, say: import the customer, and report again.
            sys.exit(kulanz.explain(error))

    decision = answer.decision
    outcome = decision_pb2.Outcome.Name(decision.outcome).removeprefix("OUTCOME_").lower()
    again = ", as before" if answer.replayed else ""
    if decision.outcome == decision_pb2.OUTCOME_GRANTED:
        # Log the voucher's id. Its code is worth money to whoever reads it: it stands in the customer's letter.
        print(f"{outcome}{again}: voucher {decision.voucher.voucher_id} of {kulanz.as_text(decision.voucher.amount)}")
        if options.show_code:
            print(decision.voucher.code)
    else:
        print(f"{outcome}{again}: {decision.reason}")


if __name__ == "__main__":
    main()
