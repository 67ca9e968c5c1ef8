// Times expressions of the benchmark in JavaScript engines and prints them beside ours.
//
//   node compare.mjs OURS.json        OURS.json: the output of `kulanz-cel-bench --json`
//
// Each engine gets its best form: parsed or compiled once, where it can. An expression that an engine cannot
// say is left out. Amounts are plain numbers there, which favours them: theirs are not exact.
import { readFileSync } from 'node:fs';
import { evaluate as celEvaluate, parse as celParse } from 'cel-js';
import { Engine } from 'json-rules-engine';
import zen from '@gorules/zen-engine';

const context = {
  value_text: 'value', values: ['a', 'b', 'c', 'value'], letters: ['a', 'b', 'c', 'd'],
  triples: ['abc', 'bcd', 'cde', 'def'], c: 'c', e: 'e', ai: 2, ar: { foo: 'bar' },
  numbers: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  customer: { segment: 'standard', orders_completed: 3 },
  incident: { cause: 'carrier', paid_delivery: true, tags: ['fragile', 'gift'], id: 'i-1' },
  order: { total: 80 }, vars: { days_late: 8 },
};

const is = (fact, operator, value) => ({ fact, operator, value });
const at = (fact, path, operator, value) => ({ fact, path: `$.${path}`, operator, value });
// name -> what to say in each engine. `rules`: conditions of json-rules-engine, with what must come out.
const cases = {
  'string-equals': { cel: "value_text == 'value'", zen: "value_text == 'value'", rules: is('value_text', 'equal', 'value') },
  'string-differs': { cel: "value_text != 'value'", zen: "value_text != 'value'", rules: is('value_text', 'notEqual', 'value') },
  'constant-in-list': { cel: "'value' in values", zen: "'value' in values", rules: is('values', 'contains', 'value') },
  'in-four-constants': { cel: "c in ['a', 'b', 'c', 'd']", zen: "c in ['a', 'b', 'c', 'd']", rules: is('c', 'in', ['a', 'b', 'c', 'd']) },
  'not-in-four-constants': { cel: "!(e in ['a', 'b', 'c', 'd'])", zen: "e not in ['a', 'b', 'c', 'd']", rules: is('e', 'notIn', ['a', 'b', 'c', 'd']) },
  'in-list': { cel: 'c in letters', zen: 'c in letters' },
  'number-or-map': { cel: "ai == 20 || ar['foo'] == 'bar'", zen: "ai == 20 or ar['foo'] == 'bar'", rules: { any: [is('ai', 'equal', 20), at('ar', 'foo', 'equal', 'bar')] } },
  'exists-ten-items': { cel: 'numbers.exists(n, n > 9 && n < 11)', zen: 'some(numbers, # > 9 and # < 11)' },
  'exists-contains': { zen: "some(triples, contains(#, 'cd'))" },
  'segment-equals': { cel: "customer.segment == 'standard'", zen: "customer.segment == 'standard'", rules: at('customer', 'segment', 'equal', 'standard') },
  'cause-in-two': { cel: "incident.cause in ['customer', 'force_majeure']", zen: "incident.cause in ['customer', 'force_majeure']", rules: at('incident', 'cause', 'in', ['customer', 'force_majeure']) },
  eligible: { cel: "customer.orders_completed >= 1 && customer.segment != 'employee'", zen: "customer.orders_completed >= 1 and customer.segment != 'employee'", rules: { all: [at('customer', 'orders_completed', 'greaterThanInclusive', 1), at('customer', 'segment', 'notEqual', 'employee')] } },
  'five-predicates': {
    cel: "customer.segment == 'standard' && incident.cause != 'customer' && vars.days_late >= 3 && customer.orders_completed > 1 && incident.paid_delivery",
    zen: "customer.segment == 'standard' and incident.cause != 'customer' and vars.days_late >= 3 and customer.orders_completed > 1 and incident.paid_delivery",
    rules: { all: [at('customer', 'segment', 'equal', 'standard'), at('incident', 'cause', 'notEqual', 'customer'), at('vars', 'days_late', 'greaterThanInclusive', 3), at('customer', 'orders_completed', 'greaterThan', 1), at('incident', 'paid_delivery', 'equal', true)] },
  },
  rows: { cel: 'vars.days_late >= 7 ? 20.0 : vars.days_late >= 3 ? 10.0 : 5.0', zen: 'vars.days_late >= 7 ? 20 : vars.days_late >= 3 ? 10 : 5' },
  percent: { cel: 'order.total * 10 / 100', zen: 'order.total * 0.1' },
  tag: { cel: "incident.tags.exists(t, t == 'gift')", zen: "some(incident.tags, # == 'gift')" },
  'tag-in': { cel: "'gift' in incident.tags", zen: "'gift' in incident.tags" },
  'per-day': { cel: 'vars.days_late * 5 / 2 + 5', zen: '2.5 * vars.days_late + 5' },
};

function best(run, rounds = 15) {
  let batch = 1;
  for (;;) {
    const begin = process.hrtime.bigint();
    for (let i = 0; i < batch; i++) run();
    if (process.hrtime.bigint() - begin > 3_000_000n) break;
    batch *= 2;
  }
  let ns = Infinity;
  for (let round = 0; round < rounds; round++) {
    const begin = process.hrtime.bigint();
    for (let i = 0; i < batch; i++) run();
    ns = Math.min(ns, Number(process.hrtime.bigint() - begin) / batch);
  }
  return ns;
}

async function bestAsync(run, rounds = 10) {
  const batch = 200;
  let ns = Infinity;
  for (let round = 0; round < rounds; round++) {
    const begin = process.hrtime.bigint();
    for (let i = 0; i < batch; i++) await run();
    ns = Math.min(ns, Number(process.hrtime.bigint() - begin) / batch);
  }
  return ns;
}

function timeCel(text) {
  const parsed = celParse(text);
  if (!parsed.isSuccess) throw new Error(`cel-js cannot parse ${text}`);
  return best(() => celEvaluate(parsed.cst, context));
}

const timeZen = (text) => best(() => zen.evaluateExpressionSync(text, context));

async function timeRules(condition) {
  const engine = new Engine();
  const conditions = condition.all || condition.any ? condition : { all: [condition] };
  engine.addRule({ conditions, event: { type: 'yes' } });
  return bestAsync(() => engine.run(context));
}

const ours = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const show = (ns) => (ns === undefined ? '' : ns.toFixed(ns < 100 ? 1 : 0)).padStart(11);
console.log(`${'expression'.padEnd(24)}${'ours'.padStart(11)}${'cel-js'.padStart(11)}${'zen'.padStart(11)}${'rules'.padStart(11)}${'times'.padStart(9)}`);
let slow = 0;
for (const { name, ns } of ours) {
  const engines = cases[name];
  if (!engines) continue;
  const cel = engines.cel && timeCel(engines.cel);
  const zenNs = engines.zen && timeZen(engines.zen);
  const rules = engines.rules && (await timeRules(engines.rules));
  const fastest = Math.min(...[cel, zenNs, rules].filter((x) => x !== undefined));
  const times = fastest / ns;
  slow += times < 10 ? 1 : 0;
  console.log(`${name.padEnd(24)}${show(ns)}${show(cel)}${show(zenNs)}${show(rules)}${times.toFixed(1).padStart(9)}`);
}
console.log(slow === 0 ? 'at least ten times as fast everywhere' : `${slow} below ten times`);
process.exit(slow === 0 ? 0 : 1);
