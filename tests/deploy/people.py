"""What people do by the API: vouchers are revoked and reissued, customers erased. For after stubs.missing()."""

import grpc
from kulanz.v1 import (
    customer_service_pb2, customer_service_pb2_grpc, incident_service_pb2, incident_service_pb2_grpc, voucher_pb2,
    voucher_service_pb2, voucher_service_pb2_grpc)

import running


class People:
    """Changes bear ids that follow from what they change, so that doing them again repeats them."""

    def __init__(self, server):
        self.channel = grpc.insecure_channel(server.grpc)
        self.incidents = incident_service_pb2_grpc.IncidentServiceStub(self.channel)
        self.vouchers = voucher_service_pb2_grpc.VoucherServiceStub(self.channel)
        self.customers = customer_service_pb2_grpc.CustomerServiceStub(self.channel)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.channel.close()

    def voucher(self, incident):
        """That of an incident's decision."""
        request = incident_service_pb2.GetDecisionRequest(incident_id=incident)
        return self.incidents.GetDecision(request, timeout=running.PATIENCE_S).voucher

    def revoke(self, voucher):
        self.vouchers.RevokeVoucher(voucher_service_pb2.RevokeVoucherRequest(
            voucher={"voucher_id": voucher.voucher_id}, revocation_id="revoke-" + voucher.incident_id, reason="a test"),
            timeout=running.PATIENCE_S)

    def reissue(self, voucher):
        """The new one."""
        return self.vouchers.ReissueVoucher(voucher_service_pb2.ReissueVoucherRequest(
            voucher={"voucher_id": voucher.voucher_id}, reissue_id="reissue-" + voucher.incident_id, reason="a test"),
            timeout=running.PATIENCE_S).voucher

    def erase(self, customer):
        request = customer_service_pb2.EraseCustomerRequest(customer_id=customer)
        self.customers.EraseCustomer(request, timeout=running.PATIENCE_S)

    def state(self, voucher):
        """By its code, as a shop asks."""
        request = voucher_service_pb2.GetVoucherRequest(code=voucher.code)
        state = self.vouchers.GetVoucher(request, timeout=running.PATIENCE_S).state
        return voucher_pb2.VoucherState.Name(state).removeprefix("VOUCHER_STATE_")

    def knows(self, customer):
        try:
            request = customer_service_pb2.GetCustomerRequest(customer_id=customer)
            self.customers.GetCustomer(request, timeout=running.PATIENCE_S)
            return True
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.NOT_FOUND:
                raise
            return False
