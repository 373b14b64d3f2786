import { SimulatedNetwork } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { CLIENT, content, SERVER } from '../coap-endpoint.fixture.ts';
import { CoapEndpoint } from '../coap-endpoint.ts';
import type { DatagramTransport } from '../platform/transport.ts';
import { interceptDatagrams } from './intercept-datagrams.ts';
import type { Interceptor } from './interceptor.ts';
import { REPEATS_REMEMBERED_MAX, Repeats } from './repeats.ts';
import { tracePrinter } from './trace-printer.ts';

/** A server and a client whose messages the interceptors see. */
function intercepted(interceptors: readonly Interceptor[], faults: { loss?: number; seed?: number } = {}) {
  const network = new SimulatedNetwork({ seed: 1, ...faults });
  const { clock, randomSource: random } = network;
  const serverTransport = network.transport(SERVER);
  const server = new CoapEndpoint({ transport: serverTransport, clock, random, handler: () => content('x') });
  const clientTransport = network.transport(CLIENT, { remote: SERVER });
  const transport: DatagramTransport = interceptDatagrams(clientTransport, interceptors, clock);
  const client = new CoapEndpoint({ transport, clock, random });
  return { network, server, client, serverTransport };
}

describe('interceptDatagrams', () => {
  test('sees every message, and the line of each', async () => {
    const lines: string[] = [];
    const { network, client } = intercepted([tracePrinter((line) => lines.push(line))]);
    await network.settle(client.request(SERVER, { method: 'GET', path: ['a'] }));
    await network.settle(client.ping(SERVER));
    const words = lines.map((line) =>
      line.replace(/^ *[\d.]+ (.) \S+ +\d+ /, '$1 ').replace(/MID:\d+, |TKN:\w+, /g, ''),
    );
    expect(words).toEqual([
      '→ CON, GET, /a',
      '← ACK, 2.05 Content, 1 bytes',
      '→ CON, Empty Message',
      '← RST, Empty Message',
    ]);
  });

  test('marks what was sent, or came, before', async () => {
    const seen: boolean[] = [];
    const { network, client } = intercepted([{ outgoing: (_message, { isRepeated }) => seen.push(isRepeated) }], {
      loss: 0.5,
      seed: 3,
    });
    for (let count = 0; count < 10; count++) {
      await network.settle(
        client.request(SERVER, { method: 'GET' }).catch(() => undefined),
        200_000,
      );
    }
    const { retransmissions } = client.stats();
    expect(retransmissions).toBeGreaterThan(0);
    expect(seen.filter((isRepeated) => isRepeated)).toHaveLength(retransmissions);
  });

  test('what is no message is told as such', async () => {
    const errors: string[] = [];
    const { network, serverTransport, client } = intercepted([{ malformed: ({ code }) => errors.push(code) }]);
    serverTransport.send(CLIENT, Uint8Array.of(0x40));
    await network.run(100);
    expect(errors).toEqual(['truncated']);
    expect(client.stats().malformed).toBe(1);
  });

  test('one that throws changes nothing, for the others neither', async () => {
    let count = 0;
    const failing = () => {
      throw new Error('broken');
    };
    const { network, client } = intercepted([{ incoming: failing, outgoing: failing }, { outgoing: () => count++ }]);
    expect((await network.settle(client.request(SERVER, { method: 'GET' }))).code).toBe(0x45);
    expect(count).toBe(1);
  });

  test('without interceptors the transport is as it was', () => {
    const network = new SimulatedNetwork({ seed: 1 });
    const transport = network.transport(SERVER);
    expect(interceptDatagrams(transport, undefined, network.clock)).toBe(transport);
    expect(interceptDatagrams(transport, [], network.clock)).toBe(transport);
  });
});

describe('Repeats', () => {
  const message = (messageId: number) => ({ type: 0, messageId }) as never;

  test('REPEATS_REMEMBERED_MAX and one more: the oldest is forgotten', () => {
    const repeats = new Repeats();
    for (let id = 0; id < REPEATS_REMEMBERED_MAX; id++) expect(repeats.note('p', message(id), 0)).toBe(false);
    expect(repeats.note('p', message(0), 1)).toBe(true);
    expect(repeats.note('p', message(REPEATS_REMEMBERED_MAX), 1)).toBe(false);
    expect(repeats.note('p', message(0), 1)).toBe(false);
  });

  test('peers and types apart, and EXCHANGE_LIFETIME', () => {
    const repeats = new Repeats();
    expect(repeats.note('p', message(1), 0)).toBe(false);
    expect(repeats.note('q', message(1), 0)).toBe(false);
    expect(repeats.note('p', message(1), 246_999)).toBe(true);
    expect(repeats.note('p', message(1), 247_000)).toBe(false);
  });
});
