// What every client of Kulanz needs: a channel, patience, and a look into errors. Copy it.
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import * as grpc from '@grpc/grpc-js';
import * as protoLoader from '@grpc/proto-loader';
import protobuf from 'protobufjs';

const repository = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const PROTO = repository('proto');
// Balancing over all servers, and up to three repetitions of what was UNAVAILABLE or CANCELLED, within gRPC.
const SERVICE_CONFIG = fs.readFileSync(repository('deploy/client/service-config.json'), 'utf8');

const { status } = grpc;
// After these a request had no effect and never will: correct it, or take them as the answer. After all others
// nobody knows whether it had one, so the identical request is repeated.
const FINAL = new Set([status.INVALID_ARGUMENT, status.NOT_FOUND, status.ALREADY_EXISTS, status.PERMISSION_DENIED,
  status.UNAUTHENTICATED, status.FAILED_PRECONDITION, status.OUT_OF_RANGE, status.UNIMPLEMENTED,
  // A stored record is damaged: an operator has to act, and repeating is no use.
  status.DATA_LOSS]);

// --- the channel -------------------------------------------------------------------------------------

const OPTIONS = {
  server: { type: 'string', default: process.env.KULANZ_SERVER ?? '127.0.0.1:50051' }, // in a cluster dns:///kulanz.kulanz:50051: all servers
  tls: { type: 'boolean' }, // speak TLS, and trust whom the system trusts
  'ca-file': { type: 'string' }, // speak TLS, and trust these authorities only
  'cert-file': { type: 'string' }, // this client's certificate, with --key-file
  'key-file': { type: 'string' },
  'token-file': { type: 'string' }, // a bearer token; read again for each call. Needs TLS
  patience: { type: 'string', default: '300' }, // seconds that one request is repeated
};

// The command line: {values, positionals}. Ends the process when it is wrong.
export function readArguments(usage, own, required) {
  try {
    const found = parseArgs({ options: { ...OPTIONS, ...own }, allowPositionals: true });
    const missing = required.filter((name) => found.values[name] === undefined);
    if (missing.length > 0) throw new Error(`--${missing.join(', --')} missing`);
    return found;
  } catch (error) {
    console.error(`${error.message}\nusage: ${usage}`);
    process.exit(2);
  }
}

// A client of a service; its channel lives as long as it, and connects by itself, again and again.
export function connect(service, values) {
  const definition = protoLoader.loadSync(`kulanz/v1/${service}_service.proto`,
    { includeDirs: [PROTO], keepCase: true, longs: String, enums: String, defaults: true });
  const name = `${service[0].toUpperCase()}${service.slice(1)}Service`;
  const Client = grpc.loadPackageDefinition(definition).kulanz.v1[name];
  return new Client(values.server, credentialsOf(values), {
    'grpc.service_config': SERVICE_CONFIG,
    // A server that was away is found again within seconds; by default it may take two minutes.
    'grpc.max_reconnect_backoff_ms': 5000,
  });
}

function credentialsOf(values) {
  const read = (path) => (path ? fs.readFileSync(path) : null);
  if (!values.tls && !values['ca-file']) {
    if (values['token-file']) throw new Error('--token-file needs --tls or --ca-file: a token must not travel in the clear');
    return grpc.credentials.createInsecure();
  }
  const tls = grpc.credentials.createSsl(read(values['ca-file']), read(values['key-file']), read(values['cert-file']));
  if (!values['token-file']) return tls;
  // Tokens are short-lived: the file is the one that a platform keeps fresh.
  return grpc.credentials.combineChannelCredentials(tls, grpc.credentials.createFromMetadataGenerator(
    (_, done) => fs.readFile(values['token-file'], 'utf8', (error, text) => {
      const metadata = new grpc.Metadata();
      if (!error) metadata.set('authorization', `Bearer ${text.trim()}`);
      done(error, metadata);
    })));
}

// One call, as a promise.
export const call = (client, method, request) => new Promise((resolve, reject) => {
  client[method](request, { deadline: Date.now() + 10_000 },
    (error, answer) => (error ? reject(error) : resolve(answer)));
});

// --- patience ----------------------------------------------------------------------------------------

// What `attempt()` resolves to, however often it takes: repeated until there is a final answer.
//
// Right for every call of the API, as each bears an id that makes it safe to repeat. Rejects with a final code,
// or when patience is over: then put the request, with its ids, where it is tried again later.
export async function untilAnswered(attempt, values) {
  const giveUp = Date.now() + 1000 * Number(values.patience);
  for (let pause = 200; ; pause = Math.min(2 * pause, 15_000)) {
    try {
      return await attempt();
    } catch (error) {
      // At least as long as the server asks for, and never all clients at once.
      const wait = Math.max(retryDelayMs(error), pause * (0.5 + 0.5 * Math.random()));
      if (error.code === undefined || FINAL.has(error.code) || Date.now() + wait > giveUp) throw error;
      console.error(`${explain(error)}; again in ${(wait / 1000).toFixed(1)} s`);
      await sleep(wait);
    }
  }
}

// --- errors ------------------------------------------------------------------------------------------

const root = new protobuf.Root();
root.resolvePath = (_, target) => `${PROTO}/${target}`;
root.loadSync(['google/rpc/status.proto', 'google/rpc/error_details.proto'], { keepCase: true });
const decode = (type, bytes) => {
  const found = root.lookupType(type);
  return found.toObject(found.decode(bytes), { longs: Number, defaults: true });
};

// {type's name: message} of what an error carries: ErrorInfo always; BadRequest, RetryInfo where they help.
export function details(error) {
  const packed = error.metadata?.get('grpc-status-details-bin')[0];
  return packed ? unpacked(decode('google.rpc.Status', packed)) : {};
}

export function unpacked({ details: packed }) {
  return Object.fromEntries(packed.map(({ type_url: url, value }) => {
    const type = url.slice(url.lastIndexOf('/') + 1);
    return [type.slice(type.lastIndexOf('.') + 1), decode(type, value)];
  }));
}

// The stable token to branch on, e.g. "VOUCHER_EXPIRED"; empty where the error is not Kulanz' own.
export const reason = (error) => details(error).ErrorInfo?.reason ?? '';

function retryDelayMs(error) {
  const delay = details(error).RetryInfo?.retry_delay;
  return delay ? delay.seconds * 1000 + delay.nanos / 1e6 : 0;
}

// For a log: code, reason and message, and every field that is wrong. Never a voucher's code.
export function explain(error) {
  if (error.code === undefined) return error.message;
  const names = [status[error.code], reason(error)].filter(Boolean).join(' / ');
  return `${names}: ${error.details}${violations(details(error))}`;
}

export const violations = ({ BadRequest }) =>
  (BadRequest?.field_violations ?? []).map((one) => `\n  ${one.field}: ${one.description}`).join('');

// --- money and time ----------------------------------------------------------------------------------

// "59.90 EUR" as google.type.Money: exact, as money is never a float.
export function money(text) {
  const [, units, decimals, currency] = /^(\d+)(?:\.(\d{1,9}))? ([A-Z]{3})$/.exec(text) ?? [];
  if (!currency) throw new Error(`'${text}' is no amount such as '59.90 EUR'`);
  return { currency_code: currency, units, nanos: Number((decimals ?? '').padEnd(9, '0')) };
}

export const asText = ({ units, nanos, currency_code: currency }) =>
  `${units}.${String(nanos).padStart(9, '0').slice(0, 2)} ${currency}`;

export function timestamp(rfc3339) {
  const ms = Date.parse(rfc3339);
  if (Number.isNaN(ms)) throw new Error(`'${rfc3339}' is no instant such as 2026-11-20T09:30:00Z`);
  return { seconds: Math.floor(ms / 1000), nanos: (((ms % 1000) + 1000) % 1000) * 1e6 };
}
