import { SimulatedNetwork } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { CLIENT, content, pair, SERVER, text } from './coap-endpoint.fixture.ts';
import { CoapEndpoint } from './coap-endpoint.ts';
import { EndpointClosedError } from './errors.ts';
import type { CoapAnswer } from './server/coap-answer.ts';
import type { CoapRequest } from './server/coap-request.ts';

const GET = { method: 'GET' } as const;
const never = (): Promise<CoapAnswer> => new Promise(() => {});

describe('close', () => {
  test('ends everything by name, and nothing is left', async () => {
    let request: CoapRequest | undefined;
    const { network, client, server } = pair((incoming) => {
      request = incoming;
      return never();
    });
    const waiting = client.request(SERVER, GET).catch((error: unknown) => error);
    await network.run(1000);
    await network.settle(Promise.all([client.close(), server.close(), server.close()]));
    expect(await waiting).toBeInstanceOf(EndpointClosedError);
    expect(((await waiting) as Error).stack).toContain('coap-endpoint-close.test.ts');
    expect(request?.signal.reason).toBeInstanceOf(EndpointClosedError);
    await expect(client.request(SERVER, GET)).rejects.toSatisfy(EndpointClosedError.is);
    await expect(client.observe(SERVER, GET, { onEnd() {}, onNotification() {} })).rejects.toThrow('closed');
    await expect(client.ping(SERVER)).rejects.toThrow('closed');
    expect([network.pendingTimers, network.openTransports]).toEqual([0, 0]);
  });

  test('with timeoutMs lets what is in flight come to its end', async () => {
    const later = (ms: number) =>
      new Promise<CoapAnswer>((resolve) => {
        network.clock.schedule(network.clock.now() + ms, () => resolve(content('x')));
      });
    const { network, client } = pair(({ path }) => later(Number(path[0])));
    const inTime = client.request(SERVER, { ...GET, path: ['900'] });
    const tooLate = client.request(SERVER, { ...GET, path: ['50000'] }).catch((error: unknown) => error);
    await network.run(10);
    const closed = client.close({ timeoutMs: 5000 });
    await expect(client.request(SERVER, GET)).rejects.toSatisfy(EndpointClosedError.is);
    await network.settle(closed);
    expect(text((await inTime).payload)).toBe('x');
    expect(await tooLate).toBeInstanceOf(EndpointClosedError);
    expect(network.clock.now()).toBe(5010);
  });

  test('with timeoutMs and nothing in flight it is at once', async () => {
    const { network, client } = pair(never);
    await network.settle(client.close({ timeoutMs: 5000 }));
    expect([network.clock.now(), network.pendingTimers]).toEqual([0, 0]);
  });

  test('a transport that fails ends everything with its cause', async () => {
    const { network, client, clientTransport, log } = pair(never);
    const waiting = client.request(SERVER, GET).catch((error: unknown) => error);
    await network.run(100);
    clientTransport.fail(new Error('socket gone'));
    expect(await waiting).toMatchObject({ code: 'endpoint-closed', cause: { message: 'socket gone' } });
    expect(log).toEqual(['the transport failed Error: socket gone']);
    await client.close();
  });

  test('Symbol.asyncDispose closes', async () => {
    const { client, clientTransport } = pair(never);
    await client[Symbol.asyncDispose]();
    expect(clientTransport.isClosed).toBe(true);
  });
});

describe('a clock whose timers come late, as after a suspension', () => {
  test('what is due is done when a datagram comes', async () => {
    const network = new SimulatedNetwork({ seed: 1 });
    // No timer ever fires.
    const stopped = { ...network.clock, now: () => network.clock.now(), schedule: () => () => {} };
    const transport = network.transport('10.0.0.9:5683');
    const late = new CoapEndpoint({ transport, clock: stopped, random: network.randomSource, handler: never });
    const ask = (messageId: number) => Uint8Array.of(0x40, 1, 0, messageId);
    const client = network.transport('10.0.0.8:1');
    const answers: string[] = [];
    client.open({
      datagram: (_peer, [first = 0, code = 0, , id = 0]) => answers.push(`${first} ${code} ${id}`),
      unreachable() {},
      closed() {},
    });
    client.send('10.0.0.9:5683', ask(1));
    await network.run(5000);
    expect(answers).toEqual([]);
    client.send('10.0.0.9:5683', ask(2));
    await network.run(6000);
    expect(answers).toEqual(['96 0 1']);
    await late.close();
  });
});

test('junk is for the log, if at all', async () => {
  const network = new SimulatedNetwork({ seed: 1 });
  const lines: object[] = [];
  const logger = { debug: (fields: object) => lines.push(fields) };
  const transport = network.transport(SERVER);
  const endpoint = new CoapEndpoint({ transport, clock: network.clock, random: network.randomSource, logger });
  const stranger = network.transport(CLIENT);
  stranger.open({ datagram() {}, unreachable() {}, closed() {} });
  stranger.send(SERVER, Uint8Array.of(0x40, 1, 0, 1, 0xff));
  await network.run(100);
  expect(lines).toEqual([{ peer: CLIENT, code: 'empty-payload-after-marker', offset: 4 }]);
  await endpoint.close();
});
