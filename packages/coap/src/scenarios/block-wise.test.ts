import { describe, expect, test } from 'vitest';
import { type BlockOptionNumber, blockOption } from '../block/block-option.ts';
import { pair, SERVER } from '../coap-endpoint.fixture.ts';
import { BodyTooLargeError } from '../errors.ts';
import { OptionNumber } from '../wire/index.ts';

const block = (option: BlockOptionNumber, blockNumber: number, more: boolean, szx = 0) =>
  blockOption(option, { blockNumber, more, szx });
const { Block1, Block2 } = OptionNumber;

describe('limits', () => {
  test.each([
    [2048, 0x44, 0],
    [2049, 0x8d, 1],
  ])('bodyBytesMax of 2048: a request of %i bytes', async (length, code, tooLarge) => {
    const { network, client, server } = pair(() => ({ code: 0x44 }), {}, { bodyBytesMax: 2048 });
    const response = await network.settle(client.request(SERVER, { method: 'PUT', payload: new Uint8Array(length) }));
    expect([response.code, server.stats().bodiesTooLarge]).toEqual([code, tooLarge]);
    expect([server.stats().requestsIn, server.stats().assemblies]).toEqual([1 - tooLarge, 0]);
  });

  test('bodyBytesMax of 2048: a response of so many bytes, and of one more', async () => {
    const handler = ({ path }: { path: readonly string[] }) => ({
      code: 0x45,
      payload: new Uint8Array(Number(path[0])),
    });
    const { network, client } = pair(handler, {}, { bodyBytesMax: 2048 });
    const ask = (length: number) => network.settle(client.request(SERVER, { method: 'GET', path: [String(length)] }));
    expect((await ask(2048)).payload.length).toBe(2048);
    await expect(ask(2049)).rejects.toSatisfy(BodyTooLargeError.is);
    expect([client.stats().bodiesTooLarge, client.stats().transfers]).toEqual([1, 0]);
  });

  test.each([
    [2, 1, 0x5f],
    [1, 0, 0x88],
  ])('assembliesPerPeerMax of %i: two bodies begun, the first goes on', async (assembliesPerPeerMax, more, code) => {
    const { network, client, server } = pair(() => ({ code: 0x44 }), {}, { assembliesPerPeerMax });
    const send = (path: string, blockNumber: number) =>
      network.settle(
        client.request(SERVER, {
          method: 'PUT',
          path: [path],
          options: [block(Block1, blockNumber, true)],
          payload: new Uint8Array(16),
        }),
      );
    expect([(await send('a', 0)).code, (await send('b', 0)).code]).toEqual([0x5f, 0x5f]);
    expect((await send('a', 1)).code).toBe(code);
    expect(server.stats()).toMatchObject({ assembliesEvicted: 1 - more, assemblies: 1 + more, requestsIn: 0 });
  });
});

test.each([
  ['SZX 7 in Block1', block(Block1, 0, true, 7), 0x80],
  ['SZX 7 in Block2', block(Block2, 0, false, 7), 0x80],
  ['a block that is shorter than it says', block(Block1, 0, true, 1), 0x80],
  ['a block without those before it', block(Block1, 1, true), 0x88],
  ['a later block of an answer that nobody has', block(Block2, 1, false), 0x88],
  ['number 0 and no more: a single request', block(Block1, 0, false), 0x44],
])('%s', async (_name, option, code) => {
  const { network, client } = pair(() => ({ code: 0x44 }));
  const init = { method: 'POST', options: [option], payload: new Uint8Array(16) } as const;
  expect((await network.settle(client.request(SERVER, init))).code).toBe(code);
});
