#!/usr/bin/python3
"""Tells Kulanz who the customers are, over one stream: import_customers.py FILE.csv

The columns are those of deploy/sample/customers.csv. To import a customer again replaces what was known of them,
so the whole file may be sent again: each night, or because the connection broke in the middle.
"""

import argparse
import csv
import sys

import grpc

import kulanz_client as kulanz
from kulanz.v1 import customer_pb2, customer_service_pb2, customer_service_pb2_grpc

# All others are addressed by name.
SALUTATIONS = {"ms": customer_pb2.SALUTATION_MS, "mr": customer_pb2.SALUTATION_MR}


def customer_of(row):
    customer = customer_pb2.Customer(
        customer_id=row["customer_id"], given_name=row["given_name"], family_name=row["family_name"],
        email=row["email"], locale=row["locale"], time_zone=row["time_zone"], customer_since=row["customer_since"],
        orders_completed=int(row["orders_completed"] or 0), segment=row["segment"],
        tags=filter(None, row["tags"].split(";")), salutation=SALUTATIONS.get(row["salutation"]))
    if row["lifetime_value"]:
        customer.lifetime_value.CopyFrom(kulanz.money(f"{row['lifetime_value']} {row['currency']}"))
    return customer


def requests_of(path):
    """All of them before the first is sent: a row that cannot be read shall not break a stream."""
    with open(path, newline="", encoding="utf-8") as file:
        return [customer_service_pb2.ImportCustomersRequest(customer=customer_of(row)) for row in csv.DictReader(file)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    kulanz.add_options(parser)
    parser.add_argument("file", metavar="FILE.csv")
    options = parser.parse_args()

    requests = requests_of(options.file)
    with kulanz.connect(options) as channel:
        customers = customer_service_pb2_grpc.CustomerServiceStub(channel)
        try:
            answer = kulanz.until_answered(customers.ImportCustomers, lambda: iter(requests), options.patience, timeout_s=600)
        except grpc.RpcError as error:
            sys.exit(kulanz.explain(error))
    print(f"{answer.created} created, {answer.updated} updated, {answer.rejected} rejected")
    for one in answer.rejections:
        print(f"customer {one.index + 1} ({one.customer_id}): {one.error.message}"
              f"{kulanz.violations(kulanz.unpacked(one.error))}")
    sys.exit(1 if answer.rejected else 0)


if __name__ == "__main__":
    main()
