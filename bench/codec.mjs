// The CoAP message codec beside npm's coap-packet: node --expose-gc codec.mjs [--json]
// Fixed iteration counts; all cases take turns, so that a slow phase of the machine meets all alike.
import assert from 'node:assert/strict';
import { loadavg } from 'node:os';
import {
  decodeMessage,
  encodeMessage,
  encodeMessageInto,
  OptionNumber,
  stringOptions,
  uintOption,
} from '@motestack/coap/wire';
import coapPacket from 'coap-packet';
import { messages } from './messages.mjs';

const ROUNDS = 15;
/** One sample takes some ten milliseconds. */
const ITERATIONS = { fast: 100_000, slow: 10_000 };
/** So many untimed calls for a timed one, behind each collection: it throws away optimized code whose objects all died. */
const WARM_UP = 0.3;
/** Some that live on, as they do in a server that is never without a message. */
const alive = messages.map(({ bytes }) => decodeMessage(bytes));

const output = new Uint8Array(2048);
/** Results go here, so that no engine may leave the work out. */
let sink = 0;

const STRINGS = new Set(['Uri-Path', 'Uri-Query', 'Location-Path']);
const UINTS = new Set(['Content-Format', 'Accept', 'Observe', 'Block2']);

function coapPacketStrings(bytes) {
  const packet = coapPacket.parse(bytes);
  const path = [];
  const query = [];
  let sum = 0;
  for (const { name, value } of packet.options) {
    if (STRINGS.has(name)) (name === 'Uri-Query' ? query : path).push(value.toString());
    else if (UINTS.has(String(name)) || typeof name === 'number') {
      let uint = 0;
      for (const byte of value) uint = uint * 256 + byte;
      sum += uint;
    }
  }
  return path.length + query.length + sum + packet.payload.length;
}

function motestackStrings(bytes) {
  const message = decodeMessage(bytes);
  const path = stringOptions(message, OptionNumber.UriPath);
  const query = stringOptions(message, OptionNumber.UriQuery);
  const contentFormat = uintOption(message, OptionNumber.ContentFormat) ?? 0;
  const accept = uintOption(message, OptionNumber.Accept) ?? 0;
  const observe = uintOption(message, OptionNumber.Observe) ?? 0;
  const block2 = uintOption(message, OptionNumber.Block2) ?? 0;
  return path.length + query.length + contentFormat + accept + observe + block2 + message.payload.length;
}

function motestackParts(bytes) {
  const message = decodeMessage(bytes);
  return message.token.length + message.options.length + message.payload.length;
}

/** name, what one call does, whether it takes microseconds. */
function casesOf({ name, bytes }) {
  const buffer = Buffer.from(bytes);
  const packet = coapPacket.parse(buffer);
  const { type, code, messageId, token, options, payload } = decodeMessage(bytes);
  const message = { type, code, messageId, token, options, payload };
  assert.deepEqual(Buffer.from(encodeMessage(message)), buffer);
  assert.deepEqual(coapPacket.generate(packet), buffer);
  assert.equal(coapPacketStrings(buffer), motestackStrings(bytes));
  return [
    [name, 'coap-packet parse', () => coapPacket.parse(buffer).options.length, 'slow'],
    [name, 'coap-packet parse + strings', () => coapPacketStrings(buffer), 'slow'],
    [name, 'motestack decode, checked', () => decodeMessage(buffer).messageId, 'fast'],
    [name, 'motestack decode + all parts as objects', () => motestackParts(buffer), 'fast'],
    [name, 'motestack decode + strings', () => motestackStrings(buffer), 'fast'],
    [name, 'coap-packet generate', () => coapPacket.generate(packet).length, 'slow'],
    [name, 'motestack encode', () => encodeMessage(message).length, 'fast'],
    [name, 'motestack encode into a buffer', () => encodeMessageInto(output, 0, message), 'fast'],
  ];
}

function sample(run, iterations) {
  globalThis.gc?.();
  for (let index = 0; index < WARM_UP * iterations; index++) sink += run();
  const start = process.hrtime.bigint();
  let sum = 0;
  for (let index = 0; index < iterations; index++) sum += run();
  const nanoseconds = Number(process.hrtime.bigint() - start) / iterations;
  sink += sum;
  return nanoseconds;
}

const median = (values) => values.toSorted((left, right) => left - right)[values.length >>> 1];

assert.ok(globalThis.gc, 'run it with --expose-gc');
const loadBefore = loadavg()[0];
const cases = messages.flatMap(casesOf);
const samples = cases.map(() => []);
for (const [, , run] of cases) sample(run, ITERATIONS.slow);
for (let round = 0; round < ROUNDS; round++) {
  for (const [index, [, , run, speed]] of cases.entries()) samples[index].push(sample(run, ITERATIONS[speed]));
}
const rows = cases.map(([message, name], index) => {
  const values = samples[index];
  return { message, name, median: median(values), best: Math.min(...values) };
});
const load = { before: loadBefore, after: loadavg()[0] };
assert.ok(alive.every(({ bytes }) => bytes.length > 0) && sink > 0);
if (process.argv.includes('--json')) {
  process.stdout.write(JSON.stringify({ rows, load }));
} else {
  for (const { message, name, median: middle, best } of rows) {
    console.log(`${message}  ${name.padEnd(42)} ${middle.toFixed(0).padStart(6)} ns (best ${best.toFixed(0)})`);
  }
  console.log(`load average ${load.before.toFixed(2)} before, ${load.after.toFixed(2)} after`);
}
