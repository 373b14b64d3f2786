// What bench/codecs.mjs compares: for each group what is ours, first, and what it is held against.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import { decodePayload, encodePayload } from '@motestack/codecs';
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
const maps = new Encoder({ mapsAsObjects: false, useRecords: false, int64AsNumber: true, tagUint8Array: false });

/** The groups by name: each makes its cases, checks that they do the same work, and gives `[name, run]` of each. */
export const groups = {
  'senml-cbor decode 10': () => senmlCborDecode(10),
  'senml-cbor decode 100': () => senmlCborDecode(100),
  'senml-cbor encode 10': () => senmlCborEncode(10),
  'senml-cbor encode 100': () => senmlCborEncode(100),
  'senml-json decode 10': () => senmlJsonDecode(10),
  'senml-json decode 100': () => senmlJsonDecode(100),
  'senml-json encode 10': () => senmlJsonEncode(10),
  'senml-json encode 100': () => senmlJsonEncode(100),
  'tlv decode /3/0': tlvDecode,
  'tlv encode /3/0': tlvEncode,
  'cbor decode 1 MB': cborDecode,
  'cbor decode 1 MB, floats of 64 bits': cborDecodeWide,
  'cbor encode 1 MB': cborEncode,
  'read response, SenML-CBOR of 100': readSenml,
  'read response, TLV of /3/0': readTlv,
};

function senmlCborDecode(count) {
  const records = packOf(count);
  const cbor = encodeSenmlCborRecords(records);
  assert.deepEqual(decodeSenmlCborRecords(cbor), records);
  assert.equal(maps.decode(cbor).length, count);
  return [
    ['motestack', () => decodeSenmlCborRecords(cbor)],
    ['cbor-x (Map)', () => maps.decode(cbor)],
    ['cborg (useMaps)', () => cborgDecode(cbor, { useMaps: true })],
  ];
}

function senmlCborEncode(count) {
  const records = packOf(count);
  const asMaps = maps.decode(encodeSenmlCborRecords(records));
  assert.deepEqual(decodeSenmlCborRecords(maps.encode(asMaps)), records);
  return [
    ['motestack', () => encodeSenmlCborRecords(records)],
    ['cbor-x (Map)', () => maps.encode(asMaps)],
    ['cborg', () => cborgEncode(asMaps)],
  ];
}

function senmlJsonDecode(count) {
  const records = packOf(count);
  const json = encodeSenmlJsonRecords(records);
  assert.deepEqual(decodeSenmlJsonRecords(json), records);
  const parse = () => JSON.parse(Buffer.from(json.buffer, json.byteOffset, json.length).toString());
  assert.equal(parse().length, count);
  return [
    ['motestack', () => decodeSenmlJsonRecords(json)],
    ['JSON.parse', parse],
  ];
}

function senmlJsonEncode(count) {
  const records = packOf(count);
  const json = encodeSenmlJsonRecords(records);
  const asObjects = JSON.parse(Buffer.from(json).toString());
  assert.equal(Buffer.from(JSON.stringify(asObjects)).length, json.length);
  return [
    ['motestack', () => encodeSenmlJsonRecords(records)],
    ['JSON.stringify', () => Buffer.from(JSON.stringify(asObjects))],
  ];
}

function tlvDecode() {
  const context = { path: devicePath, lookup: deviceLookup };
  const tlv = encodeTlv(deviceNodes, context);
  assert.deepEqual(decodeTlv(tlv, context), deviceNodes);
  const buffer = Buffer.from(tlv);
  return [
    ['motestack', () => decodeTlv(tlv, context)],
    ['lwm2m-codec', () => lwm2mCodec.decode('tlv', '/3/0', buffer)],
  ];
}

function tlvEncode() {
  const context = { path: devicePath, lookup: deviceLookup };
  const object = lwm2mCodec.decode('tlv', '/3/0', Buffer.from(encodeTlv(deviceNodes, context)));
  return [
    ['motestack', () => encodeTlv(deviceNodes, context)],
    ['lwm2m-codec', () => lwm2mCodec.encode('tlv', '/3/0', object)],
  ];
}

function cborDecode() {
  const document = mixedDocument(2 ** 20);
  const bytes = encodeCbor(document);
  assert.equal(maps.decode(bytes).length, document.length);
  return [
    ['motestack', () => decodeCbor(bytes)],
    ['cbor-x (Map)', () => maps.decode(bytes)],
    ['cborg (useMaps)', () => cborgDecode(bytes, { useMaps: true })],
  ];
}

function cborDecodeWide() {
  const document = mixedDocument(2 ** 20);
  const theirs = maps.encode(document);
  assert.ok(isDeepStrictEqual(decodeCbor(theirs), document));
  return [
    ['motestack', () => decodeCbor(theirs)],
    ['cbor-x (Map)', () => maps.decode(theirs)],
  ];
}

function cborEncode() {
  const document = mixedDocument(2 ** 20);
  return [
    ['motestack', () => encodeCbor(document)],
    ['cbor-x (Map)', () => maps.encode(document)],
  ];
}

function readSenml() {
  const context = { path: readPath, lookup: deviceLookup };
  const cbor = encodePayload(112, readNodes, context);
  return [
    ['decodePayload', () => decodePayload(112, cbor, context)],
    ['records alone', () => decodeSenmlCborRecords(cbor)],
  ];
}

function readTlv() {
  const context = { path: devicePath, lookup: deviceLookup };
  const tlv = encodePayload(11542, deviceNodes, context);
  return [
    ['decodePayload', () => decodePayload(11542, tlv, context)],
    ['decodeTlv', () => decodeTlv(tlv, context)],
  ];
}

/** Bytes that stay alive after a decode of 100 records, and after a copy of them as plain objects. */
export function retained() {
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
