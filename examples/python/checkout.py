#!/usr/bin/python3
"""A voucher at checkout: held while its customer pays, then used, or given back.

    checkout.py CODE --customer C-10046 --order O-4712 --total '59.90 EUR'                    pays
    checkout.py CODE --customer C-10046 --order O-4712 --total '59.90 EUR' --then leave       leaves without paying
    checkout.py CODE --customer C-10046 --order O-4712 --total '59.90 EUR' --then cancel      pays, and cancels later
"""

import argparse
import sys

import grpc

import kulanz_client as kulanz
from kulanz.v1 import voucher_service_pb2 as api
from kulanz.v1 import voucher_service_pb2_grpc

# What the person at checkout is told, by the reason of the refusal.
TOLD = {
    "VOUCHER_NOT_REDEEMABLE": "This code is not valid for you. Is it typed as in the letter?",
    "VOUCHER_REDEEMED": "This voucher has been used.",
    "VOUCHER_EXPIRED": "This voucher has expired.",
    "VOUCHER_REVOKED": "This voucher was withdrawn.",
    "VOUCHER_REISSUED": "You have been sent another code for this voucher.",
    "VOUCHER_HELD": "This voucher is held for another order of yours. Try again when that is paid or abandoned.",
    "ORDER_BELOW_MINIMUM": "Your order is below what this voucher is for.",
    "CURRENCY_MISMATCH": "This voucher is in another currency.",
}


class Checkout:
    """One order and one voucher. All ids are made from the order's, so every step may be repeated."""

    def __init__(self, vouchers, options):
        self.vouchers, self.options = vouchers, options
        self.reservation_id = f"reservation-{options.order}"
        self.redemption_id = f"redemption-{options.order}"

    def ask(self, call, request):
        return kulanz.until_answered(call, request, self.options.patience)

    def reserve(self):
        """When the customer enters the code; for half an hour nobody else can use it."""
        return self.ask(self.vouchers.ReserveVoucher, api.ReserveVoucherRequest(
            code=self.options.code, customer_id=self.options.customer, order_id=self.options.order,
            order_total=kulanz.money(self.options.total), reservation_id=self.reservation_id)).reservation

    def redeem(self):
        """When the rest is paid."""
        return self.ask(self.vouchers.RedeemVoucher, api.RedeemVoucherRequest(
            code=self.options.code, customer_id=self.options.customer, order_id=self.options.order,
            order_total=kulanz.money(self.options.total), reservation_id=self.reservation_id,
            redemption_id=self.redemption_id)).redemption

    def release(self):
        """When the customer leaves; without it, the reservation ends by itself."""
        self.ask(self.vouchers.ReleaseReservation, api.ReleaseReservationRequest(
            voucher=api.VoucherReference(code=self.options.code), reservation_id=self.reservation_id))

    def reverse(self):
        """When the order is cancelled: right even if nobody knows whether it was redeemed."""
        return self.ask(self.vouchers.ReverseRedemption, api.ReverseRedemptionRequest(
            voucher=api.VoucherReference(code=self.options.code), redemption_id=self.redemption_id,
            order_id=self.options.order)).voucher


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    kulanz.add_options(parser)
    parser.add_argument("code")
    parser.add_argument("--customer", required=True)
    parser.add_argument("--order", required=True)
    parser.add_argument("--total", required=True, metavar="'59.90 EUR'", help="the order's sum before the voucher")
    parser.add_argument("--then", choices=("pay", "leave", "cancel"), default="pay")
    options = parser.parse_args()

    with kulanz.connect(options) as channel:
        checkout = Checkout(voucher_service_pb2_grpc.VoucherServiceStub(channel), options)
        try:
            held = checkout.reserve()
            print(f"held {kulanz.as_text(held.amount)} for order {held.order_id}")
            if options.then == "leave":
                checkout.release()
                print("released")
                return
            used = checkout.redeem()
            print(f"redeemed {kulanz.as_text(used.amount)}")
            if options.then == "cancel":
                print(f"reversed: {kulanz.as_text(checkout.reverse().available)} can be used again")
        except grpc.RpcError as error:
            print(kulanz.explain(error), file=sys.stderr)
            sys.exit(TOLD.get(kulanz.reason(error), "We cannot take this voucher at the moment."))


if __name__ == "__main__":
    main()
