// A mail server for tests: npm's smtp-server, with faults on demand and a book of what it accepted.
//
//   node mail_server.mjs '{"cert": FILE, "key": FILE, "out": FOLDER, ...}'
//
//   implicit      TLS from the first byte, else STARTTLS
//   starttls      false: offers none
//   tlsMax        "TLSv1.1": speaks nothing newer
//   user, password   asks for a login
//   keep          "parsed": each letter as the folder out/N with raw, from, to, subject, text, ...;
//                 otherwise only a line in out/index: TIME-MS MESSAGE-ID RECIPIENT whole|unconfirmed
//
// Says "port N" on its standard output. Each line of standard input is a command, answered with "ok":
//
//   always STEP ACTION     what happens to every answer of that step
//   next STEP ACTION       to the next one only
//   random PERCENT         to each answer, with that chance and any of the actions that are temporary
//   throttle N             at most N letters a second; the others are told to come later
//   unknown ADDRESS        no such recipient, now and ever
//   clear
//   password WORD          the one that counts from now on
//   connections            answered with "N", connections so far
//   goodbyes               answered with "N", how often QUIT was said
//
// STEP: greeting hello starttls login sender recipient data message; quit, which knows "always" and "silent" only.
// ACTION: "451 4.7.1 text" (any reply), "cut", "silent" (no answer at all), "slow MS", "unconfirmed" (of a message:
// accepted, and no answer).
import { createRequire } from 'node:module';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const require = createRequire(import.meta.url);
const { SMTPServer } = require('smtp-server');
const { SMTPConnection } = require('smtp-server/lib/smtp-connection.js');
const { simpleParser } = require('mailparser');

const options = JSON.parse(process.argv[2]);
const always = new Map();
const next = new Map();
const unknown = new Set();
let chance = 0;
let throttle = 0;
let connections = 0;
let goodbyes = 0;
let accepted = 0;
let second = { at: 0, letters: 0 };

const temporary = ['451 4.3.0 not now', '450 4.2.0 greylisted', '421 4.3.2 going down', 'cut', 'slow 150'];
// One in sixty of the failing answers to a message leaves the client in doubt, as rarely as in life.
const afterMessage = [...Array(12)].flatMap(() => temporary.slice(0, 5)).concat(['unconfirmed']);

function actionFor(step, session) {
  if (step === 'recipient' && unknown.has(session.said.recipient)) return '550 5.1.1 no such user';
  if (next.has(step)) {
    const action = next.get(step);
    next.delete(step);
    return action;
  }
  if (always.has(step)) return always.get(step);
  if (step === 'sender' && throttle > 0) {
    const now = Math.floor(Date.now() / 1000);
    if (second.at !== now) second = { at: now, letters: 0 };
    if (++second.letters > throttle) return '451 4.7.0 too many letters';
  }
  if (chance > 0 && Math.random() * 100 < chance) {
    const from = step === 'message' ? afterMessage : temporary;
    return from[Math.floor(Math.random() * from.length)];
  }
  return null;
}

// The steps, by the handler that answers. The end of DATA is answered when the 354 has been said.
const send = SMTPConnection.prototype.send;
const stepOf = { EHLO: 'hello', HELO: 'hello', STARTTLS: 'starttls', AUTH: 'login', MAIL: 'sender', RCPT: 'recipient', DATA: 'data' };
for (const [command, step] of Object.entries(stepOf)) {
  const handler = SMTPConnection.prototype[`handler_${command}`];
  SMTPConnection.prototype[`handler_${command}`] = function (...args) {
    this.step = step;
    if (step === 'sender' || step === 'recipient') {
      // As it was said: smtp-server itself decodes domains.
      this.session.said = { ...this.session.said, [step]: /<([^>]*)>/.exec(args[0].toString())?.[1] };
    }
    if (step === 'data') {
      // A refusal must come before the handler begins to read a message that nobody will send.
      this.planned = actionFor(step, this.session);
      if (/^[45]/.test(this.planned ?? '')) {
        send.call(this, Number(this.planned.slice(0, 3)), this.planned.slice(4));
        return args[1]();
      }
    }
    return handler.apply(this, args);
  };
}
const sayGoodbye = SMTPConnection.prototype.handler_QUIT;
SMTPConnection.prototype.handler_QUIT = function (...args) {
  goodbyes++;
  return always.get('quit') === 'silent' ? args[1]() : sayGoodbye.apply(this, args);
};

SMTPConnection.prototype.send = function (code, data) {
  const step = this.step ?? 'greeting';
  if (code === 334 || code === 221) return send.call(this, code, data);
  const action = step === 'data' ? this.planned : code < 400 ? actionFor(step, this.session) : null;
  if (step === 'data' && code === 354) this.step = 'message';
  const isAccepted = step === 'message' && code === 250;
  if (action === null || action.startsWith('slow ')) {
    if (isAccepted) keep(this.session, 'whole');
    // TLS begins right behind the answer to STARTTLS: a late one would come in the middle of it.
    if (action === null || step === 'starttls') return send.call(this, code, data);
    return setTimeout(() => send.call(this, code, data), Number(action.slice(5)));
  }
  if (action === 'silent') return undefined;
  if (action === 'unconfirmed') keep(this.session, 'unconfirmed');
  if (action === 'cut' || action === 'unconfirmed') return this._socket.destroy();
  return send.call(this, Number(action.slice(0, 3)), action.slice(4));
};

function keep(session, how) {
  const raw = session.raw;
  const id = /^Message-ID: <(.*)>\r$/m.exec(raw.toString('latin1'))?.[1] ?? 'none';
  const { recipient, sender } = session.said;
  const number = accepted++;
  if (options.keep !== 'parsed') {
    appendFileSync(`${options.out}/index`, `${Date.now()} ${id} ${recipient} ${how}\n`);
    return;
  }
  simpleParser(raw).then((letter) => {
    const folder = `${options.out}/${number}`;
    mkdirSync(folder);
    const fields = {
      raw, id, recipient, sender, how,
      user: session.user ?? '',
      hello: session.hostNameAppearsAs,
      tls: session.tlsOptions?.version ?? '',
      subject: letter.subject,
      from_name: letter.from.value[0].name,
      to_name: letter.to.value[0].name,
      reply_to: letter.replyTo.value[0].address,
      text: letter.text,
      html: letter.html || '',
      auto_submitted: String(letter.headers.get('auto-submitted')),
      list_unsubscribe: letter.headerLines.find((line) => line.key === 'list-unsubscribe')?.line ?? '',
      list_unsubscribe_post: String(letter.headers.get('list')?.['unsubscribe-post']?.name ?? ''),
    };
    for (const [name, value] of Object.entries(fields)) writeFileSync(`${folder}/${name}`, value ?? '');
    appendFileSync(`${options.out}/index`, `${Date.now()} ${id} ${recipient} ${how}\n`);
  });
}

const server = new SMTPServer({
  secure: options.implicit === true,
  hideSTARTTLS: options.starttls === false,
  cert: readFileSync(options.cert),
  key: readFileSync(options.key),
  ...(options.tlsMax ? { minVersion: 'TLSv1', maxVersion: options.tlsMax, ciphers: 'DEFAULT@SECLEVEL=0' } : {}),
  authOptional: options.user === undefined,
  disabledCommands: options.user === undefined ? ['AUTH'] : [],
  authMethods: ['PLAIN', 'LOGIN'],
  disableReverseLookup: true,
  logger: false,
  closeTimeout: 1000,
  onConnect(session, callback) {
    connections++;
    callback();
  },
  onAuth(auth, session, callback) {
    const right = auth.username === options.user && auth.password === options.password;
    if (right) return callback(null, { user: auth.username });
    const error = new Error('5.7.8 Authentication credentials invalid');
    error.responseCode = 535;
    return callback(error);
  },
  onData(stream, session, callback) {
    const chunks = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    stream.on('end', () => {
      session.raw = Buffer.concat(chunks);
      callback();
    });
  },
});
server.on('error', () => {});  // a client that was cut off, or refuses the certificate

server.listen(0, '127.0.0.1', () => console.log(`port ${server.server.address().port}`));

createInterface({ input: process.stdin }).on('line', (line) => {
  const [command, first, ...rest] = line.split(' ');
  if (command === 'connections') return console.log(String(connections));
  if (command === 'goodbyes') return console.log(String(goodbyes));
  if (command === 'always') always.set(first, rest.join(' '));
  if (command === 'next') next.set(first, rest.join(' '));
  if (command === 'random') chance = Number(first);
  if (command === 'unknown') unknown.add(first);
  if (command === 'throttle') throttle = Number(first);
  if (command === 'password') options.password = first;
  if (command === 'clear') {
    always.clear();
    next.clear();
    unknown.clear();
    chance = 0;
    throttle = 0;
  }
  return console.log('ok');
}).on('close', () => process.exit(0));
