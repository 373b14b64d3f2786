// The payload codecs beside cbor-x, cborg, lwm2m-codec and JSON: node --expose-gc codecs.mjs [--json]
// Fixed iteration counts; all cases take turns, so that a slow phase of the machine meets all alike.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { loadavg } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { decodePayload, encodePayload, objectLookup } from '@motestack/codecs';
import { decodeCbor, encodeCbor } from '@motestack/codecs/cbor';
import { decodeSenmlCborRecords, encodeSenmlCborRecords } from '@motestack/codecs/senml-cbor';
import { decodeSenmlJsonRecords, encodeSenmlJsonRecords } from '@motestack/codecs/senml-json';
import { decodeTlv, encodeTlv } from '@motestack/codecs/tlv';
import { decode as cborgDecode, encode as cborgEncode } from 'cborg';
import { deviceLookup, deviceNodes, devicePath, mixedDocument, packOf, readNodes, readPath } from './codecs-data.mjs';

// Without the native part: what JavaScript does is compared with what JavaScript does.
process.env.CBOR_NATIVE_ACCELERATION_DISABLED = 'true';
const { Encoder } = await import('cbor-x');
const lwm2mCodec = createRequire(import.meta.url)('lwm2m-codec');

const ROUNDS = 15;
const WARM_UP = 0.3;
/** Rounds from one run of the program in C to the next. */
const LIBCOAP_EVERY = 3;
const LIBCOAP_CASE = 'libcoap parse + walk over options';
/** One sample takes some ten milliseconds. */
const SAMPLE_NANOSECONDS = 10e6;
const WARM_UP_NANOSECONDS = 200e6;
let sink = 0;

const maps = new Encoder({ mapsAsObjects: false, useRecords: false, int64AsNumber: true, tagUint8Array: false });
const measure = (value) => (value instanceof Uint8Array || Array.isArray(value) ? value.length : 1);

function packCases(count) {
  const records = packOf(count);
  const cbor = encodeSenmlCborRecords(records);
  const json = encodeSenmlJsonRecords(records);
  const asMaps = maps.decode(cbor);
  const asObjects = JSON.parse(Buffer.from(json).toString());
  assert.deepEqual(decodeSenmlCborRecords(cbor), records);
  assert.deepEqual(decodeSenmlJsonRecords(json), records);
  assert.equal(asMaps.length, count);
  return [
    [`senml-cbor decode ${count}`, 'motestack', () => decodeSenmlCborRecords(cbor)],
    [`senml-cbor decode ${count}`, 'cbor-x (Map)', () => maps.decode(cbor)],
    [`senml-cbor decode ${count}`, 'cborg (useMaps)', () => cborgDecode(cbor, { useMaps: true })],
    [`senml-cbor encode ${count}`, 'motestack', () => encodeSenmlCborRecords(records)],
    [`senml-cbor encode ${count}`, 'cbor-x (Map)', () => maps.encode(asMaps)],
    [`senml-cbor encode ${count}`, 'cborg', () => cborgEncode(asMaps)],
    [`senml-json decode ${count}`, 'motestack', () => decodeSenmlJsonRecords(json)],
    [
      `senml-json decode ${count}`,
      'JSON.parse',
      () => JSON.parse(Buffer.from(json.buffer, json.byteOffset, json.length).toString()),
    ],
    [`senml-json encode ${count}`, 'motestack', () => encodeSenmlJsonRecords(records)],
    [`senml-json encode ${count}`, 'JSON.stringify', () => Buffer.from(JSON.stringify(asObjects))],
  ];
}

function tlvCases() {
  const context = { path: devicePath, lookup: deviceLookup };
  const tlv = encodeTlv(deviceNodes, context);
  assert.deepEqual(decodeTlv(tlv, context), deviceNodes);
  const buffer = Buffer.from(tlv);
  const object = lwm2mCodec.decode('tlv', '/3/0', buffer);
  return [
    ['tlv decode /3/0', 'motestack', () => decodeTlv(tlv, context)],
    ['tlv decode /3/0', 'lwm2m-codec', () => lwm2mCodec.decode('tlv', '/3/0', buffer)],
    ['tlv encode /3/0', 'motestack', () => encodeTlv(deviceNodes, context)],
    ['tlv encode /3/0', 'lwm2m-codec', () => lwm2mCodec.encode('tlv', '/3/0', object)],
  ];
}

function genericCases() {
  const document = mixedDocument(2 ** 20);
  const bytes = encodeCbor(document);
  const theirs = maps.encode(document);
  assert.ok(isDeepStrictEqual(decodeCbor(theirs), document));
  assert.equal(maps.decode(bytes).length, document.length);
  return [
    ['cbor decode 1 MB', 'motestack', () => decodeCbor(bytes)],
    ['cbor decode 1 MB', 'cbor-x (Map)', () => maps.decode(bytes)],
    ['cbor decode 1 MB', 'cborg (useMaps)', () => cborgDecode(bytes, { useMaps: true })],
    ['cbor encode 1 MB', 'motestack', () => encodeCbor(document)],
    ['cbor encode 1 MB', 'cbor-x (Map)', () => maps.encode(document)],
    ['cbor decode 1 MB, floats of 64 bits', 'motestack', () => decodeCbor(theirs)],
    ['cbor decode 1 MB, floats of 64 bits', 'cbor-x (Map)', () => maps.decode(theirs)],
  ];
}

function surfaceCases() {
  const context = { path: readPath, lookup: deviceLookup };
  const cbor = encodePayload(112, readNodes, context);
  const tlv = encodePayload(11542, deviceNodes, { path: devicePath, lookup: deviceLookup });
  return [
    ['read response, SenML-CBOR of 100', 'decodePayload', () => decodePayload(112, cbor, context)],
    ['read response, SenML-CBOR of 100', 'records', () => decodeSenmlCborRecords(cbor)],
    [
      'read response, TLV of /3/0',
      'decodePayload',
      () => decodePayload(11542, tlv, { path: devicePath, lookup: deviceLookup }),
    ],
    ['read response, TLV of /3/0', 'decodeTlv', () => decodeTlv(tlv, { path: devicePath, lookup: deviceLookup })],
  ];
}

/** Bytes that stay alive after a decode of 100 records, and after a copy of them as plain objects. */
function retained() {
  const context = { path: readPath, lookup: deviceLookup };
  const cbor = encodePayload(112, readNodes, context);
  const heapAfter = (make) => {
    const kept = [];
    for (let index = 0; index < 20; index++) make();
    globalThis.gc();
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    for (let index = 0; index < 200; index++) kept.push(make());
    globalThis.gc();
    globalThis.gc();
    const bytes = (process.memoryUsage().heapUsed - before) / kept.length;
    assert.equal(kept.length, 200);
    return bytes;
  };
  const plain = () => decodePayload(112, cbor, context).map(({ path: { ...path }, value }) => ({ path, value }));
  return { decoded: heapAfter(() => decodePayload(112, cbor, context)), plain: heapAfter(plain) };
}

function sample({ run, iterations }) {
  globalThis.gc();
  for (let index = 0; index < WARM_UP * iterations; index++) sink += measure(run());
  const start = process.hrtime.bigint();
  for (let index = 0; index < iterations; index++) sink += measure(run());
  return Number(process.hrtime.bigint() - start) / iterations;
}

/** How many calls one sample takes: some are done untimed first, since a cold function would say too few. */
function iterationsOf(run) {
  let iterations = 1;
  for (let spent = 0; spent < WARM_UP_NANOSECONDS; ) {
    const start = process.hrtime.bigint();
    for (let index = 0; index < iterations; index++) sink += measure(run());
    const took = Number(process.hrtime.bigint() - start);
    spent += took;
    iterations = Math.max(1, Math.round((iterations * SAMPLE_NANOSECONDS) / took));
  }
  return iterations;
}

/** What libcoap takes to parse and walk over message (b) of the codec's benchmark, in ns; nothing if it is not built. */
function libcoapSample() {
  const program = new URL('tools/build/bench_libcoap', import.meta.url).pathname;
  if (!existsSync(program)) return [];
  const lines = execFileSync(program, { encoding: 'utf8' }).split('\n');
  const cells = lines
    .map((line) => line.split('\t'))
    .find(([message, name]) => message === 'b' && name === LIBCOAP_CASE);
  assert.ok(cells !== undefined, `no line for ${LIBCOAP_CASE}`);
  return [{ median: Number(cells[2]), best: Number(cells[3]) }];
}

const median = (values) => values.toSorted((left, right) => left - right)[values.length >>> 1];

assert.ok(globalThis.gc, 'run it with --expose-gc');
assert.ok(objectLookup([]) !== undefined);
const loadBefore = loadavg()[0];
const libcoapSamples = [];
const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice(7) ?? '';
const all = [...packCases(10), ...packCases(100), ...tlvCases(), ...genericCases(), ...surfaceCases()];
const cases = all
  .filter(([group]) => group.includes(only))
  .map(([group, name, run]) => ({ group, name, run, iterations: iterationsOf(run), samples: [], kept: run() }));
for (let round = 0; round < ROUNDS; round++) {
  for (const one of cases) one.samples.push(sample(one));
  // A yardstick in C for the machine as it is in this run.
  if (round % LIBCOAP_EVERY === 0) libcoapSamples.push(...libcoapSample());
}
const rows = cases.map(({ group, name, samples }) => ({
  group,
  name,
  median: median(samples),
  best: Math.min(...samples),
}));
const heap = retained();
const libcoap =
  libcoapSamples.length === 0
    ? undefined
    : {
        median: median(libcoapSamples.map((row) => row.median)),
        best: Math.min(...libcoapSamples.map((row) => row.best)),
      };
const load = { before: loadBefore, after: loadavg()[0] };
// Results that live on, as they do in a server: a collection throws away optimized code whose objects all died.
assert.ok(cases.every(({ kept }) => kept !== undefined) && sink > 0);
if (process.argv.includes('--json')) process.stdout.write(JSON.stringify({ rows, heap, libcoap, load }));
else {
  for (const { group, name, median: middle, best } of rows) {
    const ours = rows.find((row) => row.group === group)?.median ?? middle;
    const ratio = ours === middle ? '' : `  ours is ${(ours / middle).toFixed(2)} of it`;
    console.log(
      `${group.padEnd(38)} ${name.padEnd(16)} ${(middle / 1000).toFixed(2).padStart(10)} us (best ${(best / 1000).toFixed(2)})${ratio}`,
    );
  }
  if (libcoap === undefined) console.error('SKIPPED: libcoap (tools/build/bench_libcoap is not built, see README.md)');
  for (const { group, name, median: middle, best } of libcoap === undefined ? [] : rows) {
    if (!group.startsWith('tlv ') || name !== 'motestack') continue;
    const ratios = `${(middle / libcoap.median).toFixed(1)} (best ${(best / libcoap.best).toFixed(1)})`;
    console.log(`${group}: ${ratios} of ${LIBCOAP_CASE}, message (b), ${libcoap.median} ns (best ${libcoap.best})`);
  }
  console.log(
    `heap kept by 100 decoded values: ${heap.decoded.toFixed(0)} B, by a plain copy: ${heap.plain.toFixed(0)} B, ${(heap.decoded / heap.plain).toFixed(2)} of it`,
  );
  console.log(`load average ${load.before.toFixed(2)} before, ${load.after.toFixed(2)} after`);
}
