import { describe, expect, test } from 'vitest';
import { SERVER } from '../coap-endpoint.fixture.ts';
import { OptionNumber } from '../wire/index.ts';
import { body, mixedPair, type PlayedMessage, playedPeer, qBlockPair, uploadOptions } from './q-block.fixture.ts';
import { resolveQBlockParameters } from './q-block-parameters.ts';

const { QBlock1, QBlock2 } = OptionNumber;
const PUT = 0x03;

/** The first of two blocks of a body. */
const firstOfTwo = (tag: number, size = 30): PlayedMessage => ({
  code: PUT,
  token: [tag],
  qBlocks: [[QBlock1, 0, true, 0]],
  options: uploadOptions(tag, size),
  payload: body(0, 16),
});
const lastOfTwo = (tag: number): PlayedMessage => ({
  ...firstOfTwo(tag),
  qBlocks: [[QBlock1, 1, false, 0]],
  payload: body(0, 14),
});

describe('limits of what is received', () => {
  test('bodyBytesMax: a longer request body gets 4.13', async () => {
    const { network, send, seen, server } = playedPeer(() => ({ code: 0x44 }), { bodyBytesMax: 30 });
    send(firstOfTwo(1, 30));
    send(firstOfTwo(2, 31));
    await network.run(100);
    expect(seen).toEqual(['NON 4.13']);
    expect(server.qBlockStats().qBlockUploads).toBe(1);
  });

  test('bodyBytesMax: a longer response is a protocol error', async () => {
    const handler = ({ path }: { path: readonly string[] }) => ({ code: 0x45, payload: body(1, Number(path[0])) });
    const { network, client } = qBlockPair(handler, { qBlock: { bodyBytesMax: 2000 } });
    const ask = (path: string) => client.request(SERVER, { method: 'GET', path: [path], confirmable: false });
    expect((await network.settle(ask('2000'))).payload).toHaveLength(2000);
    await expect(network.settle(ask('2001'))).rejects.toMatchObject({ name: 'ProtocolError' });
    expect(client.qBlockStats().qBlockRequests).toBe(0);
  });

  test('uploadsPerPeerMax: one body more of a peer gets 5.03, those of others do not', async () => {
    const { network, send, open, seen, server } = playedPeer(() => ({ code: 0x44 }), { uploadsPerPeerMax: 2 });
    for (const tag of [1, 2, 3]) send(firstOfTwo(tag));
    open('10.0.0.3:40000')(firstOfTwo(4));
    await network.run(100);
    expect(seen).toEqual(['NON 5.03']);
    expect(server.qBlockStats()).toMatchObject({ qBlockUploads: 3, qBlockUploadsRefused: 1 });
    // What is answered does not count.
    send(lastOfTwo(1));
    await network.run(200);
    send(firstOfTwo(5));
    await network.run(300);
    expect(seen).toEqual(['NON 5.03', 'NON 2.04']);
  });

  test('uploadsMax: one body more of all gets 5.03, also while those before are only remembered', async () => {
    const { network, send, open, seen } = playedPeer(() => ({ code: 0x44 }), { uploadsMax: 2 });
    send(firstOfTwo(1));
    send(lastOfTwo(1));
    open('10.0.0.3:40000')(firstOfTwo(2));
    open('10.0.0.4:40000')(firstOfTwo(3));
    await network.run(100);
    expect(seen).toEqual(['NON 5.03', 'NON 2.04'].toSorted((left, right) => seen.indexOf(left) - seen.indexOf(right)));
  });

  test('uploadsMax: a peer has no more of it than it leaves to others, what is only remembered included', async () => {
    const { network, send, open, server } = playedPeer(() => ({ code: 0x44 }), { uploadsMax: 8 });
    for (let tag = 1; tag <= 8; tag++) {
      send(firstOfTwo(tag));
      send(lastOfTwo(tag));
      await network.run(100 * tag);
    }
    const { qBlockUploads, qBlockUploadsRefused } = server.qBlockStats();
    expect([qBlockUploads, qBlockUploadsRefused]).toEqual([4, 8]);
    // Everybody else finds room, as long as there is any.
    for (const [index, expected] of [5, 6, 7, 8, 8].entries()) {
      open(`10.0.1.${index}:40000`)(firstOfTwo(20 + index));
      await network.run(1000 + 100 * index);
      expect(server.qBlockStats().qBlockUploads).toBe(expected);
    }
    // Forgotten, they count no more.
    await network.run(600_000);
    expect(server.qBlockStats().qBlockUploads).toBe(0);
    for (let tag = 1; tag <= 4; tag++) send(firstOfTwo(tag));
    await network.run(600_100);
    expect(server.qBlockStats().qBlockUploads).toBe(4);
  });

  test('uploadBytesMax: a peer announces no more than it leaves to others', async () => {
    const { network, send, open, server } = playedPeer(() => ({ code: 0x44 }), { uploadBytesMax: 120 });
    for (let tag = 1; tag <= 4; tag++) send(firstOfTwo(tag));
    open('10.0.0.3:40000')(firstOfTwo(5));
    await network.run(100);
    expect(server.qBlockStats()).toMatchObject({ qBlockUploads: 3, qBlockUploadBytes: 90, qBlockUploadsRefused: 2 });
  });

  test('uploadBytesMax: bodies count with the size that they announce', async () => {
    const { network, send, open, seen, server } = playedPeer(() => ({ code: 0x44 }), { uploadBytesMax: 60 });
    send(firstOfTwo(1));
    open('10.0.0.3:40000')(firstOfTwo(2));
    await network.run(100);
    expect(seen).toEqual([]);
    open('10.0.0.4:40000')(firstOfTwo(3));
    await network.run(200);
    expect(seen).toEqual(['NON 5.03']);
    expect(server.qBlockStats().qBlockUploadBytes).toBe(60);
    send(lastOfTwo(1));
    await network.run(300);
    expect(server.qBlockStats().qBlockUploadBytes).toBe(30);
  });

  test('bodyRestartsMax: a response that changes with each block', async () => {
    for (const bodyRestartsMax of [0, 1]) {
      let version = 0;
      const { network, client } = qBlockPair(() => ({ code: 0x45, payload: body(version, 3000) }), {
        qBlock: { bodyRestartsMax },
        serverQBlock: { responsesMax: 1 },
      });
      const other = client.request(SERVER, { method: 'GET', path: ['other'], confirmable: false });
      await network.settle(other);
      network.drop(({ bytes, from }) => from === SERVER && bytes.length > 1000 && network.clock.now() < 1000);
      const asked = client.request(SERVER, { method: 'GET', path: ['changing'], confirmable: false });
      const outcome = asked.then(
        ({ payload }) => payload.length,
        (error: Error) => error.name,
      );
      await network.run(2000);
      // The last block of the first version came alone; the rest is of another one.
      version++;
      await network.settle(client.request(SERVER, { method: 'GET', path: ['other'], confirmable: false }));
      expect(await network.settle(outcome)).toBe(bodyRestartsMax === 0 ? 'ProtocolError' : 3000);
    }
  });
});

describe('limits of what is kept', () => {
  const get = (path: string): PlayedMessage => ({
    code: 0x01,
    token: [path.length],
    qBlocks: [[QBlock2, 0, true, 0]],
    options: [{ number: OptionNumber.UriPath, value: new Uint8Array(path.length) }],
  });

  test.each([
    ['responsesMax', { responsesMax: 2 }],
    ['responseBytesMax', { responseBytesMax: 80 }],
  ])('%s: the oldest gives way', async (_, limits) => {
    const { network, send, server } = playedPeer(() => ({ code: 0x45, payload: body(1, 40) }), limits);
    send(get('a'));
    send(get('ab'));
    await network.run(100);
    expect(server.qBlockStats()).toMatchObject({ qBlockResponses: 2, qBlockResponsesEvicted: 0 });
    send(get('abc'));
    await network.run(200);
    const held = { qBlockResponses: 2, qBlockResponseBytes: 80, qBlockResponsesEvicted: 1 };
    expect(server.qBlockStats()).toMatchObject(held);
  });

  test('servedMax: requests that are rejected in silence are not remembered without end', async () => {
    const handler = () => ({ code: 0x45, payload: body(1, 40) });
    const { network, send, server, messages } = playedPeer(handler, { servedMax: 2 });
    const unknown = { number: 2049, value: new Uint8Array(0) };
    for (const token of [1, 2, 3]) {
      send({ ...get('a'), token: [token], options: [unknown] });
      await network.run(100 * token);
      expect(server.qBlockStats().qBlockServed).toBe(Math.min(token, 2));
    }
    send(get('a'));
    await network.run(400);
    expect(messages.map(({ payload }) => payload.length)).toEqual([16, 16, 8]);
    expect(server.qBlockStats().qBlockServed).toBe(1);
  });

  test('peersMax: who refused Q-Block longest ago is asked again', async () => {
    for (const peersMax of [0, 1]) {
      const { network, client, seen } = mixedPair(() => ({ code: 0x45 }), { peersMax });
      for (let count = 0; count < 2; count++) {
        await network.settle(client.request(SERVER, { method: 'GET', path: ['path'] }));
      }
      expect(seen.filter((line) => line.includes('QB2'))).toHaveLength(peersMax === 0 ? 2 : 1);
    }
  });

  test('refusalRememberedMs: then the peer is asked again', async () => {
    const { network, client, seen } = mixedPair(() => ({ code: 0x45 }), { refusalRememberedMs: 60_000 });
    const ask = () => network.settle(client.request(SERVER, { method: 'GET', path: ['path'] }));
    await ask();
    await network.run(59_000);
    await ask();
    expect(seen.filter((line) => line.includes('QB2'))).toHaveLength(1);
    await network.run(61_000);
    await ask();
    expect(seen.filter((line) => line.includes('QB2'))).toHaveLength(2);
  });
});

test.each([
  [{ maxPayloads: 0 }],
  [{ nonTimeoutMs: 0 }],
  [{ blockSzx: 7 }],
  [{ ackRandomFactor: 0.9 }],
  [{ probingRateBytesPerSecond: 0 }],
  [{ nonReceiveTimeoutMs: 3999 }],
  [{ bodyBytesMax: -1 }],
  [{ uploadsMax: Number.NaN }],
])('%j is refused', (parameters) => {
  expect(() => resolveQBlockParameters(parameters)).toThrow(RangeError);
});
