import { toHex } from '@motestack/bytes';
import { ContentFormat, openCoapEndpoint, ResponseCode } from '@motestack/coap/node';
import { encodeCbor } from '@motestack/codecs/cbor';
import { decodeTlvEntries, encodeTlv, type TlvEntry } from '@motestack/codecs/tlv';
import { objectLookup, parsePath } from '@motestack/model';
import { Device } from '@motestack/objects';
import { describe, expect, test } from 'vitest';
import { freeUdpPort } from '../src/free-udp-port.ts';
import { readinessOf } from '../src/readiness.ts';
import { remoteOf } from '../src/remote-of.ts';
import { startCapture } from '../src/tshark.ts';

const { ready, version } = readinessOf('tshark');

/** Posts a payload to a server that takes anything, and gives what tshark says of the fields in it. */
async function dissected(
  { path, contentFormat, payload }: { path: string[]; contentFormat: number; payload: Uint8Array },
  fields: readonly string[],
): Promise<string[][]> {
  const port = await freeUdpPort();
  const capture = await startCapture(port);
  const server = await openCoapEndpoint({
    url: `coap://127.0.0.1:${port}`,
    handler: () => ({ code: ResponseCode.Changed }),
  });
  const client = await openCoapEndpoint({ remote: server.localUrl });
  await client.request(remoteOf(client), { method: 'POST', path, contentFormat, payload });
  await client.close();
  await server.close();
  const [request] = await capture.stop();
  expect(request?.faults).toEqual([]);
  return capture.fieldsOf(fields)[0] ?? [];
}

/** Every entry of a payload, a container before what it holds. */
function inOrder(entries: readonly TlvEntry[]): TlvEntry[] {
  return entries.flatMap((entry) => ('children' in entry ? [entry, ...inOrder(entry.children)] : [entry]));
}

describe.skipIf(!ready)(`tshark ${version} / payloads`, () => {
  test('TLV of a Device: identifiers and values are to tshark what they are to us', async () => {
    const nodes = [
      { path: parsePath('/3/0/0'), value: 'Open Mobile Alliance' },
      { path: parsePath('/3/0/2'), value: '345000123' },
      { path: parsePath('/3/0/6/0'), value: 1 },
      { path: parsePath('/3/0/6/1'), value: 5 },
      { path: parsePath('/3/0/7/0'), value: 3800 },
      { path: parsePath('/3/0/7/300'), value: -70_000 },
      { path: parsePath('/3/0/9'), value: 100 },
      { path: parsePath('/3/0/13'), value: new Date(1_367_491_215_000) },
      { path: parsePath('/3/0/14'), value: '+02:00' },
    ];
    const payload = encodeTlv(nodes, { path: parsePath('/3/0'), lookup: objectLookup([Device]) });
    const [identifiers, values] = await dissected({ path: ['3', '0'], contentFormat: ContentFormat.Tlv, payload }, [
      'lwm2mtlv.identifier',
      'lwm2mtlv.value',
    ]);
    const ours = inOrder(decodeTlvEntries(payload));
    const leaves = ours.flatMap((entry) => ('value' in entry ? [toHex(entry.value)] : []));
    expect(identifiers?.map(Number)).toEqual(ours.map(({ id }) => id));
    expect(values).toEqual(leaves);
  });

  test('CBOR: every kind of item has the value that was written', async () => {
    const document = {
      small: 5,
      large: 4_000_000_000,
      below: -500,
      text: 'v\u00e4rde',
      bytes: Uint8Array.of(1, 2, 3),
      flags: [true, false, null],
      time: new Date(1_367_491_215_000),
      half: 1.5,
      single: 3.4028234663852886e38,
      double: 1.1,
      nested: { list: [[], {}] },
    };
    const payload = encodeCbor(document);
    const [texts, byteStrings, integers, tags, doubles, malformed] = await dissected(
      { path: ['cbor'], contentFormat: ContentFormat.Cbor, payload },
      [
        'cbor.type.textstring',
        'cbor.type.bytestring',
        'cbor.type.uint',
        'cbor.type.tag',
        'cbor.type.float64',
        '_ws.malformed',
      ],
    );
    expect(texts).toEqual(expect.arrayContaining([...Object.keys(document), 'list', 'v\u00e4rde']));
    expect(byteStrings).toEqual(['010203']);
    expect(integers?.map(Number)).toEqual(expect.arrayContaining([5, 4_000_000_000, 1_367_491_215]));
    expect(tags?.map(Number)).toContain(1);
    expect(doubles?.map(Number)).toEqual([1.1]);
    expect(malformed).toEqual([]);
  });
});
