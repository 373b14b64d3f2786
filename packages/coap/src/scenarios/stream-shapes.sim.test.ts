import { SimulatedNetwork, type SimulatedStreamTransport } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { NO_STATE, SERVER, stateLeft } from '../coap-endpoint.fixture.ts';
import { CoapStreamEndpoint } from '../coap-stream-endpoint.ts';
import { runShape, SHAPES, ShapeServer } from './exchange-shapes.fixture.ts';

const LOSSES = [0, 0.1, 0.3, 0.5];
const COUNT = 4;
const FORGOTTEN_MS = 900_000;

type Cut = 'every byte' | 'anywhere' | 'nowhere' | 'by messages';

/** Two endpoints over a connection that is cut so, and knows no end by itself. */
function streamPair(cut: Cut, loss: number) {
  const network = new SimulatedNetwork({ seed: 3 + 100 * loss, loss, delayMs: [5, 400] });
  const cuts = { 'every byte': 1, anywhere: 0, nowhere: Number.POSITIVE_INFINITY, 'by messages': 0 };
  const framing = cut === 'by messages' ? ('message' as const) : ('length' as const);
  const options = { framing, cut: (left: number) => cuts[cut] || 1 + network.random() * left };
  const log: string[] = [];
  const write = (fields: object, message: string) => log.push(`${message} ${'err' in fields ? fields.err : ''}`.trim());
  const server: ShapeServer = new ShapeServer(() => network);
  const endpoint = (transport: SimulatedStreamTransport, handler?: ShapeServer['handler']) => {
    const { clock, randomSource: random } = network;
    const connectionParameters = { idleTimeoutMs: 0, csmTimeoutMs: 300_000 };
    return new CoapStreamEndpoint({
      transport,
      clock,
      random,
      handler,
      connectionParameters,
      logger: { error: write, warn: write },
    });
  };
  const serverTransport = network.streamTransport(SERVER, options);
  const clientTransport = network.streamTransport('10.0.0.2:0', { ...options, remote: SERVER });
  return {
    network,
    log,
    shapes: server,
    clientTransport,
    serverTransport,
    server: endpoint(serverTransport, server.handler),
    client: endpoint(clientTransport),
  };
}

async function end({ network, client, server, log }: ReturnType<typeof streamPair>): Promise<void> {
  await network.run(network.clock.now() + FORGOTTEN_MS);
  for (const stats of [client.stats(), server.stats()]) {
    expect(stateLeft(stats)).toEqual(NO_STATE);
    expect([stats.connections, stats.partialBytes]).toEqual([network.connections, 0]);
  }
  await Promise.all([client.close(), server.close()]);
  await network.run(network.clock.now() + FORGOTTEN_MS);
  expect([network.connections, network.openTransports, network.pendingTimers]).toEqual([0, 0, 0]);
  expect(log).toEqual([]);
}

describe.each<Cut>(['every byte', 'anywhere', 'nowhere', 'by messages'])('over a connection cut %s', (cut) => {
  describe.each(Object.keys(SHAPES))('%s', (shape) => {
    test.each(LOSSES)('where %f of it comes later: right, once, and nothing is left', async (loss) => {
      const made = streamPair(cut, loss);
      expect(await runShape(made, shape, COUNT)).toBe(COUNT);
      for (const [name, count] of made.shapes.runs) expect([name, count]).toEqual([name, 1]);
      expect(made.server.stats().malformed).toBe(0);
      await end(made);
    });

    test.each([0, 0.3])(
      'that breaks at any time (loss %f): each ends, none runs twice, and nothing is left',
      async (loss) => {
        for (const breakAtMs of [0, 10, 100, 300, 700, 1200, 2500]) {
          const made = streamPair(cut, loss);
          const { network, clientTransport, serverTransport } = made;
          const broken = breakAtMs % 200 === 0 ? serverTransport : clientTransport;
          network.clock.schedule(breakAtMs, () => {
            for (const peer of broken.peers) broken.break(peer);
          });
          await runShape(made, shape, COUNT);
          for (const [name, count] of made.shapes.runs) expect([name, count]).toEqual([name, 1]);
          await end(made);
        }
      },
    );
  });
});
