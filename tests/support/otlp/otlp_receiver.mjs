// Receives traces by OTLP over HTTP in JSON, and holds each request to OpenTelemetry's own schema: what does not come
// back the same through its protobuf encoding has an unknown field, a wrong name or a wrong type, and is refused.
//
//   node otlp_receiver.mjs
//
// Says "port N". Each line of standard input is a command, answered with "ok":
//
//   answer STATUS [RETRY-AFTER]   to every request from now on that is right
//   partial N                     200, but N of the spans are rejected
//   silent                        no answer at all
//   received                      answered with "REQUESTS SPANS": that were right and got a 200
//   attempts                      answered with how many requests were right, whatever they were answered
//   refused                       answered with "N WHY": requests that were wrong, and what was with the last
//   spans                         answered with the spans that got a 200, as a JSON list
//   header NAME                   answered with that header of the last request; '-': it had none
//   resource                      answered with the attributes of the last resource, as a JSON object
import { createRequire } from 'node:module';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import { fileURLToPath } from 'node:url';

// The package does not export its schema, so by its place.
const schema = createRequire(import.meta.url)(join(dirname(fileURLToPath(import.meta.url)),
  'node_modules/@opentelemetry/otlp-transformer/build/src/generated/root.js'));
const Request = schema.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;

let answer = { how: 'answer', status: 200, retryAfter: undefined };
const spans = [];
let resource = {};
let headers = {};
let requests = 0;
let attempts = 0;
let refused = 0;
let why = '';

function must(condition, text) {
  if (!condition) throw new Error(text);
}

// Ids are hexadecimal in OTLP's JSON, and bytes in protobuf.
function idToBytes(span, name, digits) {
  must(new RegExp(`^[0-9a-f]{${digits}}$`).test(span[name]) && !/^0*$/.test(span[name]), `${name}: ${span[name]}`);
  return Buffer.from(span[name], 'hex');
}

function check(request, body) {
  must(request.method === 'POST' && request.url === '/v1/traces', `${request.method} ${request.url}`);
  must(request.headers['content-type'] === 'application/json', `content type ${request.headers['content-type']}`);
  const given = JSON.parse(body);
  const found = [];
  const asBytes = structuredClone(given);
  asBytes.resourceSpans.forEach((resourceSpans, r) => resourceSpans.scopeSpans.forEach((scopeSpans, s) => {
    scopeSpans.spans.forEach((span, n) => {
      const original = given.resourceSpans[r].scopeSpans[s].spans[n];
      span.traceId = idToBytes(original, 'traceId', 32);
      span.spanId = idToBytes(original, 'spanId', 16);
      if ('parentSpanId' in original) span.parentSpanId = idToBytes(original, 'parentSpanId', 16);
      must(/^\d+$/.test(original.startTimeUnixNano) && typeof original.startTimeUnixNano === 'string', 'start');
      must(BigInt(original.endTimeUnixNano) >= BigInt(original.startTimeUnixNano), 'it ends before it begins');
      found.push(original);
    });
  }));
  const decoded = Request.toObject(Request.decode(Request.encode(Request.fromObject(asBytes)).finish()),
    { longs: String, enums: Number, bytes: Buffer });
  // Plain objects and buffers on both sides.
  const plain = (value) => JSON.parse(JSON.stringify(value));
  must(isDeepStrictEqual(plain(decoded), plain(asBytes)), 'not the same through the schema');
  const attributes = given.resourceSpans[0].resource.attributes;
  resource = Object.fromEntries(attributes.map((one) => [one.key, one.value.stringValue]));
  return found;
}

function handle(request, response) {
  const chunks = [];
  headers = request.headers;
  request.on('error', () => {});
  response.on('error', () => {});
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    let found;
    try {
      found = check(request, Buffer.concat(chunks).toString());
    } catch (error) {
      refused++;
      why = error.message;
      response.writeHead(400);
      return response.end();
    }
    attempts++;
    if (answer.how === 'silent') return undefined;
    const ours = { 'Content-Type': 'application/json' };
    if (answer.retryAfter !== undefined) ours['Retry-After'] = answer.retryAfter;
    response.writeHead(answer.status, ours);
    if (answer.status === 200) {
      requests++;
      spans.push(...found);
    }
    return response.end(answer.how === 'partial'
      ? JSON.stringify({ partialSuccess: { rejectedSpans: String(answer.count), errorMessage: 'too many' } }) : '{}');
  });
}

const server = createServer(handle);
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));

createInterface({ input: process.stdin }).on('line', (line) => {
  const [command, first, second] = line.split(' ');
  if (command === 'received') return console.log(`${requests} ${spans.length}`);
  if (command === 'attempts') return console.log(`${attempts}`);
  if (command === 'refused') return console.log(`${refused} ${why}`);
  if (command === 'spans') return console.log(JSON.stringify(spans));
  if (command === 'header') return console.log(headers[first] ?? '-');
  if (command === 'resource') return console.log(JSON.stringify(resource));
  if (command === 'answer') answer = { how: command, status: Number(first), retryAfter: second };
  if (command === 'partial') answer = { how: command, status: 200, count: Number(first) };
  if (command === 'silent') answer = { how: command, status: 200 };
  return console.log('ok');
}).on('close', () => process.exit(0));
