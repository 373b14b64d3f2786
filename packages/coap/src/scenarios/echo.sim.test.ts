import { SimulatedNetwork } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { CLIENT, SERVER } from '../coap-endpoint.fixture.ts';
import { CoapEndpoint, type CoapEndpointOptions } from '../coap-endpoint.ts';
import { AmplificationLimit } from '../freshness/amplification-limit.ts';
import { EchoValues } from '../freshness/echo-values.ts';
import { weakMac } from '../freshness/mac.fixture.ts';
import { decodeMessage, encodeMessage, type Option, OptionNumber } from '../wire/index.ts';

/** IPv4 and UDP. */
const HEADER_BYTES = 28;

function network(
  options: Partial<CoapEndpointOptions>,
  faults: { readonly loss?: number; readonly duplication?: number } = {},
) {
  const net = new SimulatedNetwork({ seed: 9, ...faults });
  const shared = { clock: net.clock, random: net.randomSource };
  const server = new CoapEndpoint({ transport: net.transport(SERVER), ...shared, ...options });
  const client = new CoapEndpoint({ transport: net.transport(CLIENT), ...shared });
  return { net, server, client };
}

describe('a client answers Echo by itself (RFC 9175 §2.3)', () => {
  test.each(['GET', 'PUT', 'POST'] as const)(
    '%s is sent again with the value, once, and the handler runs once',
    async (method) => {
      const echo = new EchoValues({ mac: weakMac });
      let runs = 0;
      const { net, client } = network(
        {
          handler: (request) => {
            if (!echo.isFresh(request, net.clock.now())) return echo.challenge(request.peer, net.clock.now());
            runs++;
            return { code: 0x44, payload: request.payload };
          },
        },
        { loss: 0.2, duplication: 0.2 },
      );
      const payload = method === 'GET' ? new Uint8Array(0) : new Uint8Array(3000).fill(3);
      const response = await net.settle(client.request(SERVER, { method, payload }), 300_000);
      expect([response.code, response.payload.length]).toEqual([0x44, payload.length]);
      expect(runs).toBe(1);
      expect(client.stats().clientExchanges).toBe(0);
    },
  );

  test('a server that is never content gets it once, and the caller gets 4.01', async () => {
    const seen: (readonly Option[])[] = [];
    const { net, client } = network({
      handler: (request) => {
        seen.push(request.options);
        return { code: 0x81, options: [{ number: OptionNumber.Echo, value: Uint8Array.of(1, 2) }] };
      },
    });
    expect((await net.settle(client.request(SERVER, { method: 'GET' }))).code).toBe(0x81);
    expect(seen).toHaveLength(2);
    expect(client.stats()).toMatchObject({ echoesOut: 1, requestsOut: 2 });
  });

  test.each([0, 41])('a value of %i bytes is none', async (length) => {
    const options = [{ number: OptionNumber.Echo, value: new Uint8Array(length) }];
    const { net, client } = network({ handler: () => ({ code: 0x81, options }) });
    expect((await net.settle(client.request(SERVER, { method: 'GET' }))).code).toBe(0x81);
    expect(client.stats().echoesOut).toBe(0);
  });

  test('an observation is established with the value', async () => {
    const echo = new EchoValues({ mac: weakMac });
    const { net, client } = network({
      handler: (request) => {
        if (!echo.isFresh(request, net.clock.now())) return echo.challenge(request.peer, net.clock.now());
        if (request.observe === 0) request.acceptObserver();
        return { code: 0x45 };
      },
    });
    const callbacks = { onNotification: () => undefined, onEnd: () => undefined };
    const observation = await net.settle(client.observe(SERVER, { method: 'GET' }, callbacks));
    expect(observation.established).toBe(true);
    expect((await net.settle(observation.cancel())).code).toBe(0x45);
  });
});

describe('tell answers Echo', () => {
  const challenging = (clock: { now(): number }) => {
    const echo = new EchoValues({ mac: weakMac });
    const seen: boolean[] = [];
    const handler: CoapEndpointOptions['handler'] = (request) => {
      seen.push(echo.isFresh(request, clock.now()));
      return seen.at(-1) === true ? { code: 0x84 } : echo.challenge(request.peer, clock.now());
    };
    return { seen, handler };
  };

  test('where it wants errors, it is sent again with the value', async () => {
    const made = network({});
    const { seen, handler } = challenging(made.net.clock);
    made.server.setHandler(handler as NonNullable<typeof handler>);
    const response = await made.net.settle(made.client.tell(SERVER, { method: 'POST' }, { unwanted: [2] }));
    expect([response?.code, seen]).toEqual([0x84, [false, true]]);
  });

  test('after the endpoint was closed, it is not', async () => {
    const made = network({});
    const { seen, handler } = challenging(made.net.clock);
    made.server.setHandler(handler as NonNullable<typeof handler>);
    made.net.tap(
      ({ from }) =>
        void (from === SERVER && made.net.clock.schedule(made.net.clock.now() + 5, () => void made.client.close())),
    );
    const told = made.client.tell(SERVER, { method: 'POST' }, { unwanted: [2] });
    await expect(made.net.settle(told)).rejects.toMatchObject({ code: 'endpoint-closed' });
    expect(seen).toHaveLength(1);
  });
});

describe('amplificationLimit (RFC 9175 §2.6)', () => {
  const large = { code: 0x45, payload: new Uint8Array(1024) };

  test('an address that is forged gets at most three times what was sent in its name, and no handler runs', async () => {
    let runs = 0;
    const handler = () => {
      runs++;
      return large;
    };
    const { net, server } = network({ handler, amplificationLimit: new AmplificationLimit({ mac: weakMac }) });
    const [sent, got] = [[] as number[], [] as number[]];
    net.tap(({ to, bytes }) => (to === SERVER ? sent : got).push(bytes.length + HEADER_BYTES));
    const attacker = net.transport('10.9.9.9:1000');
    attacker.open({ datagram: () => undefined, unreachable: () => undefined, closed: () => undefined });
    for (const [messageId, type] of [0, 1, 0, 1].entries()) {
      for (const length of [0, 8]) {
        const token = new Uint8Array(length).fill(messageId);
        const part = { code: 1, messageId: messageId * 2 + length, options: [], payload: new Uint8Array(0) };
        attacker.send(SERVER, encodeMessage({ type: type as 0 | 1, token, ...part }));
      }
    }
    await net.run(net.clock.now() + 300_000);
    const sum = (lengths: number[]) => lengths.reduce((total, length) => total + length, 0);
    expect(sent).toHaveLength(8);
    expect(got).toHaveLength(8);
    expect(sum(got)).toBeLessThanOrEqual(3 * sum(sent));
    expect(runs).toBe(0);
    expect(server.stats()).toMatchObject({ echoChallenges: 8, requestsIn: 0 });
  });

  test('who is there pays one round trip, once; nothing is left of it later', async () => {
    const amplificationLimit = new AmplificationLimit({ mac: weakMac });
    const { net, server, client } = network({ handler: () => large, amplificationLimit });
    for (let count = 0; count < 3; count++) {
      expect((await net.settle(client.request(SERVER, { method: 'GET' }))).payload).toHaveLength(1024);
    }
    expect(server.stats()).toMatchObject({ echoChallenges: 1, requestsIn: 3 });
    await net.run(net.clock.now() + 900_000);
    expect(amplificationLimit.count).toBe(0);
    expect(net.pendingTimers).toBe(0);
  });

  test('a challenge is piggybacked or Non-confirmable: it is never sent again (RFC 9175 §2.4)', async () => {
    const { net, client } = network({
      handler: () => large,
      amplificationLimit: new AmplificationLimit({ mac: weakMac }),
    });
    const types: number[] = [];
    net.tap(({ from, bytes }) => {
      if (from === SERVER) types.push(decodeMessage(bytes).type);
    });
    await net.settle(client.request(SERVER, { method: 'GET', confirmable: false }));
    expect(types[0]).toBe(1);
  });

  test('it is off unless it is asked for', async () => {
    const { net, server, client } = network({ handler: () => large });
    await net.settle(client.request(SERVER, { method: 'GET' }));
    expect(server.stats().echoChallenges).toBe(0);
  });
});
