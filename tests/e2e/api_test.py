#!/usr/bin/env python3
"""The API from Python, over the real kulanzd: every call, errors with their details, reflection.

    api_test.py STUBS KULANZD RULES      (run by ctest; exit 77: grpcio is not installed)
"""

import pathlib
import queue
import signal
import subprocess
import sys
import tempfile
import time
import unittest

STUBS, KULANZD, RULES = sys.argv[1:4]
try:
    import google
    import grpc
except ImportError:
    print("grpcio is not installed for Python; deploy/install-dependencies --tests installs it")
    sys.exit(77)
sys.path.insert(0, STUBS)
# Where google is a regular package it hides the folder of our stubs: show it.
google.__path__.append(STUBS + "/google")

from google.rpc import error_details_pb2, status_pb2  # noqa: E402
from kulanz.v1 import (  # noqa: E402
    customer_pb2, customer_service_pb2, customer_service_pb2_grpc, decision_pb2, incident_pb2,
    incident_service_pb2, incident_service_pb2_grpc, voucher_pb2, voucher_service_pb2,
    voucher_service_pb2_grpc)


class Server:
    """A kulanzd over a memory store, on free ports."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="kulanz-e2e-")
        ports = pathlib.Path(self.directory.name, "ports")
        self.log = open(pathlib.Path(self.directory.name, "log"), "w+")
        self.process = subprocess.Popen(
            [KULANZD, "--store", "memory", "--data", self.directory.name + "/data", "--rules", RULES,
             "--no-deliveries", "--listen", "127.0.0.1:0", "--metrics", "", "--port-file", ports],
            stdout=self.log, stderr=self.log)
        give_up = time.monotonic() + 20
        while not ports.exists():
            if self.process.poll() is not None or time.monotonic() > give_up:
                self.log.seek(0)
                raise RuntimeError("kulanzd did not start:\n" + self.log.read())
            time.sleep(0.02)
        port = dict(line.split("=") for line in ports.read_text().split())["grpc"]
        self.channel = grpc.insecure_channel("127.0.0.1:" + port)

    def stop(self):
        self.channel.close()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(20)
        self.log.close()
        self.directory.cleanup()
        return code


def late_delivery(incident_id, customer_id="C-1", days=1):
    incident = incident_pb2.Incident(
        incident_id=incident_id, customer_id=customer_id, type="late_delivery",
        order=incident_pb2.Order(order_id="O-" + incident_id))
    incident.occurred_at.GetCurrentTime()
    incident.attributes["delivered_at"].timestamp_value.CopyFrom(incident.occurred_at)
    incident.attributes["promised_at"].timestamp_value.FromSeconds(
        incident.occurred_at.seconds - 86400 * days - 3600)  # a day may have 25 hours
    return incident


def details(error):
    """ErrorInfo, BadRequest and RetryInfo of an RpcError, by name."""
    found = {}
    for key, value in error.trailing_metadata():
        if key == "grpc-status-details-bin":
            for any_detail in status_pb2.Status.FromString(value).details:
                for kind in (error_details_pb2.ErrorInfo, error_details_pb2.BadRequest,
                             error_details_pb2.RetryInfo):
                    detail = kind()
                    if any_detail.Unpack(detail):
                        found[kind.__name__] = detail
    return found


class ApiTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        channel = cls.server.channel
        cls.incidents = incident_service_pb2_grpc.IncidentServiceStub(channel)
        cls.customers = customer_service_pb2_grpc.CustomerServiceStub(channel)
        cls.vouchers = voucher_service_pb2_grpc.VoucherServiceStub(channel)
        for customer_id in ("C-1", "C-2", "C-3", "C-5", "C-6", "C-9", "C-10"):
            cls.customers.UpsertCustomer(customer_service_pb2.UpsertCustomerRequest(
                customer=customer_pb2.Customer(customer_id=customer_id, given_name="Zoë")))

    @classmethod
    def tearDownClass(cls):
        code = cls.server.stop()
        assert code == 0, f"kulanzd ended with {code}"

    def fails(self, code, reason, call, request):
        with self.assertRaises(grpc.RpcError) as caught:
            call(request, timeout=20)
        self.assertEqual(caught.exception.code(), code)
        found = details(caught.exception)
        self.assertEqual(found["ErrorInfo"].reason, reason)
        self.assertEqual(found["ErrorInfo"].domain, "kulanz.dev")
        return found

    def report(self, incident):
        return self.incidents.ReportIncident(
            incident_service_pb2.ReportIncidentRequest(incident=incident), timeout=20)

    def test_report_read_list_evaluate(self):
        incident = late_delivery("P-1", "C-2", days=3)
        first = self.report(incident)
        self.assertEqual(first.decision.outcome, decision_pb2.OUTCOME_GRANTED)
        self.assertEqual(first.decision.voucher.amount.units, 10)
        second = self.report(incident)
        self.assertTrue(second.replayed)
        self.assertEqual(second.decision, first.decision)
        read = self.incidents.GetDecision(
            incident_service_pb2.GetDecisionRequest(incident_id="P-1"), timeout=20)
        self.assertEqual(read.incident.incident_id, "P-1")
        page = self.incidents.ListDecisions(
            incident_service_pb2.ListDecisionsRequest(customer_id="C-2"), timeout=20)
        self.assertIn("P-1", [decision.incident_id for decision in page.decisions])
        evaluated = self.incidents.EvaluateIncident(
            incident_service_pb2.EvaluateIncidentRequest(incident=incident), timeout=20)
        self.assertTrue(evaluated.already_decided)
        self.assertEqual(evaluated.explanation[0].policy, "late-delivery")

    def test_redeem(self):
        code = self.report(late_delivery("P-2", "C-3")).decision.voucher.code
        request = voucher_service_pb2.RedeemVoucherRequest(
            code=code, customer_id="C-3", redemption_id="R-1", order_id="O-1")
        request.order_total.currency_code = "EUR"
        request.order_total.units = 50
        valid = self.vouchers.ValidateVoucher(voucher_service_pb2.ValidateVoucherRequest(
            code=code, customer_id="C-3", order_total=request.order_total), timeout=20)
        self.assertEqual(valid.voucher.state, voucher_pb2.VOUCHER_STATE_ISSUED)
        self.assertFalse(self.vouchers.RedeemVoucher(request, timeout=20).replayed)
        self.assertTrue(self.vouchers.RedeemVoucher(request, timeout=20).replayed)
        read = self.vouchers.GetVoucher(voucher_service_pb2.GetVoucherRequest(code=code), timeout=20)
        self.assertEqual(read.state, voucher_pb2.VOUCHER_STATE_REDEEMED)
        request.redemption_id = "R-2"
        self.fails(grpc.StatusCode.FAILED_PRECONDITION, "VOUCHER_REDEEMED",
                   self.vouchers.RedeemVoucher, request)
        self.fails(grpc.StatusCode.NOT_FOUND, "VOUCHER_NOT_REDEEMABLE", self.vouchers.GetVoucher,
                   voucher_service_pb2.GetVoucherRequest(code="guess"))

    def lost_parcel(self, incident_id, customer_id, seconds_ago=0):
        """Its voucher: 50 EUR, to be used in parts."""
        incident = incident_pb2.Incident(
            incident_id=incident_id, customer_id=customer_id, type="lost_parcel")
        incident.occurred_at.GetCurrentTime()
        incident.occurred_at.seconds -= seconds_ago
        return self.report(incident).decision.voucher

    def redeem(self, code, redemption_id, order_id, units, customer_id="C-9"):
        request = voucher_service_pb2.RedeemVoucherRequest(
            code=code, customer_id=customer_id, redemption_id=redemption_id, order_id=order_id)
        request.amount.currency_code = "EUR"
        request.amount.units = units
        return self.vouchers.RedeemVoucher, request

    def test_a_voucher_for_its_whole_life(self):
        voucher = self.lost_parcel("P-9", "C-9")
        code = voucher.code
        self.assertTrue(voucher.stored_value)
        by_code = voucher_service_pb2.VoucherReference(code=code)
        reserve = voucher_service_pb2.ReserveVoucherRequest(
            code=code, customer_id="C-9", reservation_id="H-1", order_id="O-1")
        reserve.hold_for.seconds = 600
        held = self.vouchers.ReserveVoucher(reserve, timeout=20)
        self.assertEqual(held.reservation.amount.units, 50)
        self.assertEqual(held.voucher.state, voucher_pb2.VOUCHER_STATE_RESERVED)
        self.assertTrue(self.vouchers.ReserveVoucher(reserve, timeout=20).replayed)
        found = self.fails(grpc.StatusCode.FAILED_PRECONDITION, "VOUCHER_HELD",
                           *self.redeem(code, "R-2", "O-2", 1))
        self.assertIn("heldUntil", found["ErrorInfo"].metadata)
        release = voucher_service_pb2.ReleaseReservationRequest(
            voucher=by_code, reservation_id="H-1")
        self.assertFalse(self.vouchers.ReleaseReservation(release, timeout=20).replayed)
        self.assertTrue(self.vouchers.ReleaseReservation(release, timeout=20).replayed)

        call, request = self.redeem(code, "R-1", "O-1", 20)
        self.assertEqual(call(request, timeout=20).voucher.remaining.units, 30)
        self.assertTrue(call(request, timeout=20).replayed)
        request.amount.units = 21
        self.fails(grpc.StatusCode.ALREADY_EXISTS, "REDEMPTION_CONFLICT", call, request)
        self.fails(grpc.StatusCode.FAILED_PRECONDITION, "BALANCE_INSUFFICIENT",
                   *self.redeem(code, "R-3", "O-3", 31))

        reissue = voucher_service_pb2.ReissueVoucherRequest(
            voucher=by_code, reissue_id="N-1", reason="the letter was lost")
        renewed = self.vouchers.ReissueVoucher(reissue, timeout=20).voucher
        self.assertEqual(self.vouchers.ReissueVoucher(reissue, timeout=20).voucher.code,
                         renewed.code)
        self.fails(grpc.StatusCode.FAILED_PRECONDITION, "VOUCHER_REISSUED",
                   *self.redeem(code, "R-4", "O-4", 1))
        by_id = voucher_service_pb2.VoucherReference(voucher_id=renewed.voucher_id)
        reverse = voucher_service_pb2.ReverseRedemptionRequest(
            voucher=by_id, redemption_id="R-1", order_id="O-1")
        back = self.vouchers.ReverseRedemption(reverse, timeout=20)
        self.assertTrue(back.redemption.HasField("reversed_at"))
        self.assertEqual(back.voucher.remaining.units, 50)
        self.assertTrue(self.vouchers.ReverseRedemption(reverse, timeout=20).replayed)
        self.fails(grpc.StatusCode.FAILED_PRECONDITION, "REDEMPTION_REVERSED",
                   *self.redeem(renewed.code, "R-1", "O-1", 20))

        revoke = voucher_service_pb2.RevokeVoucherRequest(
            voucher=by_id, revocation_id="V-1", reason="fraud")
        self.assertEqual(self.vouchers.RevokeVoucher(revoke, timeout=20).voucher.revocation_reason,
                         "fraud")
        self.assertTrue(self.vouchers.RevokeVoucher(revoke, timeout=20).replayed)
        ended = self.vouchers.GetVoucher(
            voucher_service_pb2.GetVoucherRequest(voucher_id=renewed.voucher_id), timeout=20)
        self.assertEqual(ended.code, "")
        self.assertEqual(
            [voucher_pb2.VoucherEventKind.Name(event.kind)[len("VOUCHER_EVENT_KIND_"):]
             for event in ended.events],
            ["ISSUED", "RESERVED", "RELEASED", "REDEEMED", "REISSUED", "REVERSED", "REVOKED"])

    def test_list_vouchers(self):
        for number in range(3):
            self.lost_parcel(f"P-list-{number}", "C-10", seconds_ago=10 - number)
        request = voucher_service_pb2.ListVouchersRequest(customer_id="C-10", page_size=2)
        seen = []
        while True:
            page = self.vouchers.ListVouchers(request, timeout=20)
            seen += [voucher.incident_id for voucher in page.vouchers]
            self.assertLessEqual(len(page.vouchers), 2)
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token
        self.assertEqual(seen, ["P-list-2", "P-list-1", "P-list-0"])
        request = voucher_service_pb2.ListVouchersRequest(
            customer_id="C-10", states=[voucher_pb2.VOUCHER_STATE_REDEEMED])
        self.assertEqual(len(self.vouchers.ListVouchers(request, timeout=20).vouchers), 0)
        request.page_token = "00"
        self.fails(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_PAGE_TOKEN",
                   self.vouchers.ListVouchers, request)

    def test_customers(self):
        def requests():
            for customer_id, email in (("C-7", "a@example.com"), ("C-8", "no address")):
                yield customer_service_pb2.ImportCustomersRequest(
                    customer=customer_pb2.Customer(customer_id=customer_id, email=email))

        summary = self.customers.ImportCustomers(requests(), timeout=20)
        self.assertEqual((summary.created, summary.rejected), (1, 1))
        self.assertEqual(summary.rejections[0].customer_id, "C-8")
        get = customer_service_pb2.GetCustomerRequest(customer_id="C-7")
        self.assertTrue(self.customers.GetCustomer(get, timeout=20).contact_consent)
        erase = customer_service_pb2.EraseCustomerRequest(customer_id="C-7")
        self.assertTrue(self.customers.EraseCustomer(erase, timeout=20).erased)
        self.fails(grpc.StatusCode.NOT_FOUND, "CUSTOMER_NOT_FOUND", self.customers.GetCustomer, get)

    def test_every_violation_is_named(self):
        incident = late_delivery("P-3")
        incident.customer_id = "a\nb"
        incident.occurred_at.nanos = -1
        incident.attributes["unheard_of"].bool_value = True
        found = self.fails(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST",
                           self.incidents.ReportIncident,
                           incident_service_pb2.ReportIncidentRequest(incident=incident))
        self.assertEqual(
            sorted(violation.field for violation in found["BadRequest"].field_violations),
            ['incident.attributes["unheard_of"]', "incident.customer_id", "incident.occurred_at"])

    def withdraw(self, incident_id, reason):
        return self.incidents.WithdrawIncident(incident_service_pb2.WithdrawIncidentRequest(
            incident_id=incident_id, reason=reason), timeout=20)

    def test_a_fault_that_grew_gets_the_difference(self):
        grown = late_delivery("P-5", "C-5", days=1)
        first = self.report(grown)
        grown.attributes["promised_at"].timestamp_value.seconds -= 2 * 86400
        grown.revision = 1
        second = self.report(grown)
        self.assertEqual(second.decision.outcome, decision_pb2.OUTCOME_GRANTED)
        self.assertEqual(second.decision.given_before, first.decision.voucher.amount)
        self.assertEqual(
            first.decision.voucher.amount.units + second.decision.voucher.amount.units, 10)
        self.assertNotEqual(first.decision.voucher.code, second.decision.voucher.code)
        again = self.report(grown)
        self.assertTrue(again.replayed)
        self.assertEqual(again.decision.voucher.code, second.decision.voucher.code)
        grown.revision = 2
        self.assertEqual(self.report(grown).decision.reason, "NOTHING_TO_ADD")
        read = self.incidents.GetDecision(incident_service_pb2.GetDecisionRequest(
            incident_id="P-5"), timeout=20)
        self.assertEqual(read.revision, 2)
        read = self.incidents.GetDecision(incident_service_pb2.GetDecisionRequest(
            incident_id="P-5", revision=0), timeout=20)
        self.assertEqual(read.voucher.code, first.decision.voucher.code)

    def test_withdraw(self):
        incident = late_delivery("P-6", "C-6", days=1)
        code = self.report(incident).decision.voucher.code
        withdrawn = self.withdraw("P-6", "the parcel was on time")
        self.assertFalse(withdrawn.replayed)
        self.assertEqual(withdrawn.decision.withdrawn.reason, "the parcel was on time")
        self.assertEqual(withdrawn.decision.voucher.state, voucher_pb2.VOUCHER_STATE_REVOKED)
        again = self.withdraw("P-6", "something else")
        self.assertTrue(again.replayed)
        self.assertEqual(again.decision.withdrawn.reason, "the parcel was on time")
        request = voucher_service_pb2.RedeemVoucherRequest(
            code=code, customer_id="C-6", redemption_id="R-6", order_id="O-6")
        request.order_total.currency_code = "EUR"
        request.order_total.units = 50
        self.fails(grpc.StatusCode.FAILED_PRECONDITION, "VOUCHER_REVOKED",
                   self.vouchers.RedeemVoucher, request)
        self.assertTrue(self.report(incident).decision.HasField("withdrawn"))
        incident.revision = 1
        self.fails(grpc.StatusCode.FAILED_PRECONDITION, "INCIDENT_WITHDRAWN",
                   self.incidents.ReportIncident,
                   incident_service_pb2.ReportIncidentRequest(incident=incident))
        self.fails(grpc.StatusCode.NOT_FOUND, "DECISION_NOT_FOUND", self.incidents.WithdrawIncident,
                   incident_service_pb2.WithdrawIncidentRequest(incident_id="P-unheard-of"))
        self.fails(grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST",
                   self.incidents.WithdrawIncident,
                   incident_service_pb2.WithdrawIncidentRequest(incident_id="P-6", reason="x" * 257))

    def test_conflicts_name_what_differs(self):
        self.report(late_delivery("P-4"))
        other = late_delivery("P-4", days=2)
        found = self.fails(grpc.StatusCode.ALREADY_EXISTS, "INCIDENT_CONFLICT",
                           self.incidents.ReportIncident,
                           incident_service_pb2.ReportIncidentRequest(incident=other))
        self.assertIn("promised_at", found["ErrorInfo"].metadata["fields"])

    def test_stream(self):
        to_send = queue.Queue()
        answers = self.incidents.StreamIncidents(iter(to_send.get, None), timeout=20)
        for number in range(300):
            to_send.put(incident_service_pb2.StreamIncidentsRequest(
                request_id=str(number), incident=late_delivery(f"P-stream-{number}")))
        seen = {next(answers).request_id for _ in range(300)}
        to_send.put(None)
        self.assertEqual(list(answers), [])
        self.assertEqual(seen, {str(number) for number in range(300)})

    def test_health(self):
        # HealthCheckRequest{service} and HealthCheckResponse{status}, by hand.
        check = self.server.channel.unary_unary("/grpc.health.v1.Health/Check")
        self.assertEqual(check(b"", timeout=20), b"\x08\x01")
        self.assertEqual(check(b"\x0a\x08liveness", timeout=20), b"\x08\x01")

    def test_reflection_describes_every_service(self):
        reflect = self.server.channel.stream_stream(
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")

        def ask(field, text):
            request = bytes([field << 3 | 2, len(text)]) + text.encode()
            return next(iter(reflect(iter([request]), timeout=20)))

        services = ask(7, "")  # list_services
        for name in ("kulanz.v1.IncidentService", "kulanz.v1.CustomerService",
                     "kulanz.v1.VoucherService", "grpc.health.v1.Health"):
            self.assertIn(name.encode(), services)
            described = ask(4, name)  # file_containing_symbol
            self.assertIn(name.rsplit(".", 1)[1].encode(), described)
            self.assertNotIn(b"not found", described)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], "-v"])
