// Reports a late parcel, and stays at it until there is an answer.
//
// Run it twice: the second answer is the first one again, with the same voucher. Nobody has to remember what was
// reported, as the incident's id is made from what the parcel is called anyway.
import * as kulanz from './kulanz.mjs';

const { values } = kulanz.readArguments(
  "report_incident.mjs --parcel 4711 --customer C-10046 --order O-4711 --total '80.00 EUR' " +
    '--promised 2026-11-16T18:00:00Z --delivered 2026-11-20T09:30:00Z',
  {
    parcel: { type: 'string' },
    customer: { type: 'string' },
    order: { type: 'string' },
    total: { type: 'string' },
    promised: { type: 'string' },
    delivered: { type: 'string' },
    cause: { type: 'string', default: 'carrier' },
    'show-code': { type: 'boolean' }, // print the voucher's code: only for trying out
  },
  ['parcel', 'customer', 'order', 'total', 'promised', 'delivered']);

const lateDelivery = () => ({
  // Names the failure for ever. Never a new id for each attempt: that would be another failure, and another voucher.
  incident_id: `parcel-${values.parcel}-late`,
  customer_id: values.customer,
  type: 'late_delivery',
  occurred_at: kulanz.timestamp(values.delivered),
  order: { order_id: values.order, total: kulanz.money(values.total) },
  // The facts, as rules/incidents.yaml declares them for this type.
  attributes: {
    promised_at: { timestamp_value: kulanz.timestamp(values.promised) },
    delivered_at: { timestamp_value: kulanz.timestamp(values.delivered) },
    cause: { string_value: values.cause },
  },
});

try {
  const request = { incident: lateDelivery() };
  const incidents = kulanz.connect('incident', values);
  const { decision, replayed } = await kulanz.untilAnswered(
    () => kulanz.call(incidents, 'ReportIncident', request), values);
  const outcome = decision.outcome.replace('OUTCOME_', '').toLowerCase() + (replayed ? ', as before' : '');
  if (decision.outcome === 'OUTCOME_GRANTED') {
    // Log the voucher's id. Its code is worth money to whoever reads it: it stands in the customer's letter.
    console.log(`${outcome}: voucher ${decision.voucher.voucher_id} of ${kulanz.asText(decision.voucher.amount)}`);
    if (values['show-code']) console.log(decision.voucher.code);
  } else {
    console.log(`${outcome}: ${decision.reason}`);
  }
  incidents.close();
} catch (error) {
  // UNKNOWN_CUSTOMER, say: import the customer, and report again.
  console.error(kulanz.explain(error));
  process.exitCode = 1;
}
