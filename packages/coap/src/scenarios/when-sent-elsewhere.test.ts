import { SimulatedNetwork } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { content, SERVER } from '../coap-endpoint.fixture.ts';
import { CoapStreamEndpoint } from '../coap-stream-endpoint.ts';
import { qBlockPair } from '../q-block/q-block.fixture.ts';
import type { RequestHandler } from '../server/coap-request.ts';

const GET = { method: 'GET', path: ['x'] } as const;
const LONG = { method: 'PUT', path: ['x'], payload: new Uint8Array(100_000) } as const;

/** Two endpoints over a connection that is made with the first request, 10 ms each way. */
function streamPair(handler?: RequestHandler) {
  const network = new SimulatedNetwork({ seed: 1 });
  const { clock, randomSource: random } = network;
  const transport = network.streamTransport('10.0.0.2:0', { remote: SERVER });
  if (handler !== undefined)
    new CoapStreamEndpoint({ transport: network.streamTransport(SERVER), clock, random, handler });
  const client = new CoapStreamEndpoint({ transport, clock, random });
  const sentAt: number[] = [];
  return { network, client, sentAt, onSent: () => void sentAt.push(clock.now()) };
}

describe('over a connection', () => {
  test('onSent is called when the connection and its CSM are there, then at once', async () => {
    const { network, client, sentAt, onSent } = streamPair(() => content('x'));
    const asked = client.request(SERVER, GET, { onSent });
    expect(sentAt).toEqual([]);
    await network.settle(asked);
    // To the server, back, and the CSM that came with it.
    expect(sentAt).toEqual([20]);
    const second = client.request(SERVER, GET, { onSent });
    expect(sentAt).toEqual([20, 40]);
    await network.settle(second);
  });

  test('of a request in blocks, for the first', async () => {
    const { network, client, sentAt, onSent } = streamPair(() => ({ code: 0x44 }));
    await network.settle(client.request(SERVER, LONG, { onSent }));
    expect(sentAt).toEqual([20]);
  });

  test('never, where nobody listens', async () => {
    const { network, client, sentAt, onSent } = streamPair();
    await expect(network.settle(client.request(SERVER, GET, { onSent }))).rejects.toMatchObject({
      code: 'connection-lost',
    });
    expect(sentAt).toEqual([]);
  });
});

describe('with Q-Block', () => {
  test.each([true, false])(
    'onSent of a body in blocks is called once, for the first; Confirmable: %s',
    async (confirmable) => {
      const { network, client } = qBlockPair(() => ({ code: 0x44 }), { duplication: 0.2, seed: 3 });
      const sentAt: number[] = [];
      const onSent = () => void sentAt.push(network.clock.now());
      await network.settle(client.request(SERVER, { ...LONG, confirmable }, { onSent }));
      expect(sentAt).toEqual([0]);
    },
  );

  test('and of a request without a body', async () => {
    const { network, client } = qBlockPair(() => content('x'));
    const sentAt: number[] = [];
    await network.settle(client.request(SERVER, GET, { onSent: () => void sentAt.push(network.clock.now()) }));
    expect(sentAt).toEqual([0]);
  });
});
