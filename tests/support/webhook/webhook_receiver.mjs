// Verifies webhooks with the specification's own library, as a receiver would.
//
//   node webhook_receiver.mjs '{"secret": "whsec_...", "cert": FILE, "key": FILE}'     without cert: plain HTTP
//
// Says "port N". Each line of standard input is a command, answered with "ok":
//
//   answer STATUS [RETRY-AFTER]   to every request from now on; 302 points to the receiver itself
//   silent                        no answer at all
//   cut                           the connection, in place of an answer
//   noise                         an answer that is no HTTP
//   endless STATUS                an answer whose body does not end
//   slow MS STATUS                an answer, later
//   secret WHSEC                  what is verified with from now on
//   tamper PART                   as if somebody on the way changed it: body, id, timestamp, signature; none
//   received                      answered with "ACCEPTED REFUSED": requests that verified, and that did not
//   event N                       answered with "ID BODY" of the N-th that verified
//   header N                      answered with what standardwebhooks does not check: method and content type
import { readFileSync } from 'node:fs';
import { createServer as createPlainServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createInterface } from 'node:readline';
import { Webhook } from 'standardwebhooks';

const options = JSON.parse(process.argv[2]);
let webhook = new Webhook(options.secret);
let answer = { how: 'answer', status: 204, retryAfter: undefined };
const accepted = [];
let refused = 0;
let tamper = 'none';

// What arrives when somebody on the way has put his hand in.
function onTheWay(body, headers) {
  const last = (text) => text.slice(0, -1) + (text.endsWith('1') ? '2' : '1');
  const changed = { ...headers };
  if (tamper === 'id') changed['webhook-id'] = last(headers['webhook-id']);
  if (tamper === 'timestamp') changed['webhook-timestamp'] = String(Number(headers['webhook-timestamp']) - 1);
  if (tamper === 'signature') changed['webhook-signature'] = `v1,${'A'.repeat(43)}=`;
  return [tamper === 'body' ? Buffer.concat([body, Buffer.from(' ')]) : body, changed];
}

function reply(response, status, retryAfter) {
  const headers = status === 302 ? { Location: '/elsewhere' } : {};
  if (retryAfter !== undefined) headers['Retry-After'] = retryAfter;
  response.writeHead(status, headers);
  response.end(status === 204 ? undefined : '{"ignored":true}');
}

function pourInto(response, status) {
  response.writeHead(status);
  const more = () => {
    while (!response.destroyed && response.write('x'.repeat(16384)));
    if (!response.destroyed) response.once('drain', more);
  };
  more();
}

function handle(request, response) {
  const chunks = [];
  request.on('error', () => {});
  response.on('error', () => {});
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    let status = answer.status;
    const body = Buffer.concat(chunks);
    try {
      webhook.verify(...onTheWay(body, request.headers));
      const kind = `${request.method} ${request.headers['content-type']}`;
      accepted.push({ id: request.headers['webhook-id'], body: body.toString(), kind });
    } catch {
      refused++;
      status = 401;
    }
    if (answer.how === 'silent') return undefined;
    if (answer.how === 'cut') return request.socket.destroy();
    if (answer.how === 'noise') return request.socket.end('no HTTP at all\r\n\r\n');
    if (answer.how === 'endless') return pourInto(response, status);
    if (answer.how === 'slow') return setTimeout(() => reply(response, status), answer.ms);
    return reply(response, status, answer.retryAfter);
  });
}

const server = options.cert
  ? createTlsServer({ cert: readFileSync(options.cert), key: readFileSync(options.key) }, handle)
  : createPlainServer(handle);
server.on('tlsClientError', () => {});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));

createInterface({ input: process.stdin }).on('line', (line) => {
  const [command, first, second] = line.split(' ');
  if (command === 'received') return console.log(`${accepted.length} ${refused}`);
  if (command === 'event') return console.log(`${accepted[Number(first)].id} ${accepted[Number(first)].body}`);
  if (command === 'header') return console.log(accepted[Number(first)].kind);
  if (command === 'answer') answer = { how: command, status: Number(first), retryAfter: second };
  if (command === 'endless') answer = { how: command, status: Number(first) };
  if (command === 'slow') answer = { how: command, ms: Number(first), status: Number(second) };
  if (['silent', 'cut', 'noise'].includes(command)) answer = { how: command, status: 204 };
  if (command === 'tamper') tamper = first;
  if (command === 'secret') webhook = new Webhook(first);
  return console.log('ok');
}).on('close', () => process.exit(0));
