// Tells Kulanz who the customers are, over one stream: import_customers.mjs FILE.csv
//
// The columns are those of deploy/sample/customers.csv. To import a customer again replaces what was known of them,
// so the whole file may be sent again: each night, or because the connection broke in the middle.
import fs from 'node:fs';
import { Readable } from 'node:stream';

import * as kulanz from './kulanz.mjs';

const { values, positionals: [file] } = kulanz.readArguments('import_customers.mjs FILE.csv', {}, []);

// For files without quotes; take a library for others.
function rowsOf(path) {
  const [header, ...lines] = fs.readFileSync(path, 'utf8').trimEnd().split(/\r?\n/).map((line) => line.split(','));
  return lines.map((cells) => Object.fromEntries(header.map((name, i) => [name, cells[i]])));
}

const SALUTATIONS = { ms: 'SALUTATION_MS', mr: 'SALUTATION_MR' }; // all others are addressed by name

const customerOf = (row) => ({
  customer_id: row.customer_id,
  given_name: row.given_name,
  family_name: row.family_name,
  salutation: SALUTATIONS[row.salutation] ?? 'SALUTATION_UNSPECIFIED',
  email: row.email,
  locale: row.locale,
  time_zone: row.time_zone,
  customer_since: row.customer_since,
  orders_completed: row.orders_completed || 0,
  lifetime_value: row.lifetime_value ? kulanz.money(`${row.lifetime_value} ${row.currency}`) : undefined,
  segment: row.segment,
  tags: row.tags.split(';').filter(Boolean),
});

try {
  const requests = rowsOf(file).map((row) => ({ customer: customerOf(row) }));
  const customers = kulanz.connect('customer', values);
  const answer = await kulanz.untilAnswered(() => new Promise((resolve, reject) => {
    const stream = customers.ImportCustomers({ deadline: Date.now() + 600_000 },
      (error, imported) => (error ? reject(error) : resolve(imported)));
    Readable.from(requests).pipe(stream); // no faster than the server takes them
  }), values);
  console.log(`${answer.created} created, ${answer.updated} updated, ${answer.rejected} rejected`);
  for (const { index, customer_id: id, error } of answer.rejections) {
    console.log(`customer ${Number(index) + 1} (${id}): ${error.message}${kulanz.violations(kulanz.unpacked(error))}`);
  }
  process.exitCode = Number(answer.rejected) > 0 ? 1 : 0;
  customers.close();
} catch (error) {
  console.error(kulanz.explain(error));
  process.exitCode = 1;
}
