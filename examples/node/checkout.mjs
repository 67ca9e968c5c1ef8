// A voucher at checkout: held while its customer pays, then used, or given back (--then leave, --then cancel).
import * as kulanz from './kulanz.mjs';

const { values, positionals: [code] } = kulanz.readArguments(
  "checkout.mjs CODE --customer C-10046 --order O-4712 --total '59.90 EUR' [--then pay|leave|cancel]",
  {
    customer: { type: 'string' },
    order: { type: 'string' },
    total: { type: 'string' }, // the order's sum before the voucher
    then: { type: 'string', default: 'pay' },
  },
  ['customer', 'order', 'total']);

// What the person at checkout is told, by the reason of the refusal.
const TOLD = {
  VOUCHER_NOT_REDEEMABLE: 'This code is not valid for you. Is it typed as in the letter?',
  VOUCHER_REDEEMED: 'This voucher has been used.',
  VOUCHER_EXPIRED: 'This voucher has expired.',
  VOUCHER_REVOKED: 'This voucher was withdrawn.',
  VOUCHER_REISSUED: 'You have been sent another code for this voucher.',
  VOUCHER_HELD: 'This voucher is held for another order of yours. Try again when that is paid or abandoned.',
  ORDER_BELOW_MINIMUM: 'Your order is below what this voucher is for.',
  CURRENCY_MISMATCH: 'This voucher is in another currency.',
};

// All ids are made from the order's, so every step may be repeated.
const reservation_id = `reservation-${values.order}`;
const redemption_id = `redemption-${values.order}`;
const order = () => ({ order_id: values.order, customer_id: values.customer, order_total: kulanz.money(values.total) });

try {
  const vouchers = kulanz.connect('voucher', values);
  const ask = (method, request) => kulanz.untilAnswered(() => kulanz.call(vouchers, method, request), values);

  // When the customer enters the code; for half an hour nobody else can use it.
  const { reservation } = await ask('ReserveVoucher', { code, ...order(), reservation_id });
  console.log(`held ${kulanz.asText(reservation.amount)} for order ${reservation.order_id}`);

  if (values.then === 'leave') {
    // When the customer leaves; without it, the reservation ends by itself.
    await ask('ReleaseReservation', { voucher: { code }, reservation_id });
    console.log('released');
  } else {
    // When the rest is paid.
    const { redemption } = await ask('RedeemVoucher', { code, ...order(), reservation_id, redemption_id });
    console.log(`redeemed ${kulanz.asText(redemption.amount)}`);
  }
  if (values.then === 'cancel') {
    // When the order is cancelled: right even if nobody knows whether it was redeemed.
    const { voucher } = await ask('ReverseRedemption', { voucher: { code }, redemption_id, order_id: values.order });
    console.log(`reversed: ${kulanz.asText(voucher.available)} can be used again`);
  }
  vouchers.close();
} catch (error) {
  console.error(kulanz.explain(error));
  console.error(TOLD[kulanz.reason(error)] ?? 'We cannot take this voucher at the moment.');
  process.exitCode = 1;
}
