// Keeps requests outstanding at one CoAP server, over UDP or over DTLS. Each line on standard input is a run, so many
// seconds or at least so many requests, whichever is longer; each line of the output says how many were answered:
// node coaps-load.mjs udp|dtls PORT [OUTSTANDING]   and then lines such as {"seconds":3,"requests":20000}
import { createSocket } from 'node:dgram';
import { createInterface } from 'node:readline';
import { CipherSuiteId, openDtls } from '@motestack/dtls/node';

const [, , kind, port, outstanding = '64'] = process.argv;
const remote = { host: '127.0.0.1', port: Number(port) };
const psk = { identity: 'device-1', key: new TextEncoder().encode('sixteen-byte-key') };
/** Message ids are not used twice from one place (RFC 7252 §4.4): then another takes its turn. */
const REQUESTS_EACH = 60_000;
const RESEND_AFTER_MS = 500;
const HELLO = Buffer.from('b568656c6c6f', 'hex');
const ANSWER = Buffer.from('hello');

async function openUdp(heard) {
  const socket = createSocket('udp4');
  socket.on('message', heard);
  await new Promise((resolve) => socket.connect(remote.port, remote.host, resolve));
  return { send: (bytes) => socket.send(bytes), close: () => socket.close() };
}

async function openSecure(heard) {
  const client = await openDtls({ remote, psk, cipherSuites: [CipherSuiteId.PskAes128Ccm8] });
  client.open({ datagram: (_peer, bytes) => heard(bytes), unreachable: () => {}, closed: () => {} });
  return { send: (bytes) => client.send(client.remote, bytes), close: () => client.close() };
}

let answered = 0;
let wanted = 0;
let endsAt = 0;

const isOver = () => performance.now() >= endsAt && answered >= wanted;

/** Asks from one place until its message ids, or the time, are used up. */
async function askFromOnePlace() {
  const waiting = new Map();
  let used = 0;
  let done;
  const over = new Promise((resolve) => {
    done = resolve;
  });
  const ask = () => {
    if (used >= REQUESTS_EACH || isOver()) {
      if (waiting.size === 0) done();
      return;
    }
    used++;
    // Confirmable GET /hello with a token of 2 bytes, which is the message id.
    const message = Buffer.concat([Buffer.from([0x42, 1, used >>> 8, used & 255, used >>> 8, used & 255]), HELLO]);
    waiting.set(used, message);
    link.send(message);
  };
  const link = await (kind === 'dtls' ? openSecure : openUdp)((bytes) => {
    const id = (bytes[2] << 8) | bytes[3];
    const isRight = bytes[0] === 0x62 && bytes[1] === 0x45 && ANSWER.compare(bytes, bytes.length - 5) === 0;
    if (!isRight) throw new Error(`that is no answer: ${Buffer.from(bytes).toString('hex')}`);
    if (!waiting.delete(id)) return;
    answered++;
    ask();
  });
  const timer = setInterval(() => {
    for (const message of waiting.values()) link.send(message);
    if (waiting.size === 0) done();
  }, RESEND_AFTER_MS);
  for (let index = 0; index < Number(outstanding); index++) ask();
  await over;
  clearInterval(timer);
  await link.close();
}

for await (const line of createInterface({ input: process.stdin })) {
  const { seconds, requests } = JSON.parse(line);
  const begun = performance.now();
  answered = 0;
  wanted = requests;
  endsAt = begun + seconds * 1000;
  while (!isOver()) await askFromOnePlace();
  console.log(JSON.stringify({ answered, seconds: (performance.now() - begun) / 1000 }));
}
