import type { CoapEndpoint } from '@motestack/coap/node';
import { openCoapClient, openCoapEndpoint } from '@motestack/coap/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCaliforniumClient, startCaliforniumServer } from '../src/californium.ts';
import { caseNamed } from '../src/case-named.ts';
import { startLossyRelay } from '../src/lossy-relay.ts';
import { startMovingRelay } from '../src/moving-relay.ts';
import { ourCaller } from '../src/our-caller.ts';
import { startOurPlugtestServer } from '../src/our-plugtest-server.ts';
import { peerCaller } from '../src/peer-caller.ts';
import type { PeerProcess } from '../src/peer-process.ts';
import { plugtestBlockCases } from '../src/plugtest-block-cases.ts';
import { plugtestCoreCases } from '../src/plugtest-core-cases.ts';
import { plugtestLinkCases } from '../src/plugtest-link-cases.ts';
import { plugtestObserveCases, untilForgotten } from '../src/plugtest-observe-cases.ts';
import { readinessOf } from '../src/readiness.ts';
import { testCases } from '../src/test-cases.ts';

const { ready, version } = readinessOf('californium');

/** A value that changes five times a second has gone on by so much, and more, when Max-Age (2 s) is over. */
const TICKS_OF_MAX_AGE = 10;
const AGAIN = { timeout: 30_000, interval: 1 };
const textOf = ({ payload }: { readonly payload: Uint8Array }): string => Buffer.from(payload).toString();

const plugtestCases = [...plugtestCoreCases, ...plugtestBlockCases, ...plugtestLinkCases, ...plugtestObserveCases];
const piggybacked = caseNamed(plugtestCoreCases, 'TD_COAP_CORE_01');
const separate = caseNamed(plugtestCoreCases, 'TD_COAP_CORE_09');
const observed = caseNamed(plugtestObserveCases, 'TD_COAP_OBS_01');

describe.skipIf(!ready)(`Californium ${version} / its client at our server`, () => {
  let server: Awaited<ReturnType<typeof startOurPlugtestServer>>;
  let client: PeerProcess;
  beforeAll(async () => {
    server = await startOurPlugtestServer();
    client = await startCaliforniumClient();
  });
  afterAll(async () => {
    await client?.quit();
    await server?.close();
  });
  const caller = (): ReturnType<typeof peerCaller> => peerCaller(client, server.url);

  testCases(plugtestCases, caller);
  test('TD_COAP_CORE_12: GET /test, without a token', async () => {
    const answer = await client.call('request', { method: 'GET', uri: `${server.url}/test`, token: '' });
    expect(answer).toMatchObject({ code: '2.05', token: '', payload: Buffer.from('test').toString('hex') });
  });
  test.each([
    ['TD_COAP_CORE_15: piggybacked response over a lossy network', piggybacked],
    ['TD_COAP_CORE_16: separate response over a lossy network', separate],
  ])('%s', async (_, { run }) => {
    const relay = await startLossyRelay(server.url);
    const requests = server.endpoint.stats().requestsIn;
    for (let round = 1; round <= 3; round += 1) {
      await run(peerCaller(client, relay.url));
      expect(server.endpoint.stats().requestsIn - requests).toBe(round);
    }
    expect(relay.lost()).toBeGreaterThan(1);
    relay.close();
  });
  test('TD_COAP_OBS_04: notifications do not come any more, it registers again when Max-Age is over', async () => {
    const relay = await startMovingRelay(server.url);
    const observation = await peerCaller(client, relay.url).observe({ method: 'GET', path: ['obs'] });
    const before = Number(textOf(await observation.next()));
    await relay.move();
    await expect
      .poll(async () => Number(textOf(await observation.next())), AGAIN)
      .toBeGreaterThan(before + TICKS_OF_MAX_AGE);
    await observation.cancel();
    relay.close();
    await untilForgotten(caller());
  }, 60_000);
  test('TD_COAP_OBS_05: the observer vanishes', async () => {
    const observer = await startCaliforniumClient();
    await peerCaller(observer, server.url).observe({ method: 'GET', path: ['obs'] });
    await observer.quit();
    await untilForgotten(caller());
  });
});

describe.skipIf(!ready)(`Californium ${version} / our client at its server`, () => {
  let peer: PeerProcess;
  let url: string;
  let endpoint: CoapEndpoint;
  const open = (remote: string): Promise<CoapEndpoint> =>
    openCoapEndpoint({ remote, parameters: { ackTimeoutMs: 150, piggybackWindowMs: 100 } });
  beforeAll(async () => {
    ({ peer, url } = await startCaliforniumServer());
    endpoint = await open(url);
  });
  afterAll(async () => {
    await endpoint?.close();
    await peer?.quit();
  });
  const caller = (): ReturnType<typeof ourCaller> => ourCaller(endpoint);

  testCases(plugtestCases, caller);
  test.each([
    ['TD_COAP_CORE_15: piggybacked response over a lossy network', piggybacked],
    ['TD_COAP_CORE_16: separate response over a lossy network', separate],
  ])('%s', async (_, { run }) => {
    const relay = await startLossyRelay(url);
    const across = await open(relay.url);
    for (let round = 1; round <= 3; round += 1) await run(ourCaller(across));
    expect(relay.lost()).toBeGreaterThan(1);
    await across.close();
    relay.close();
  });
  test('TD_COAP_OBS_04: notifications do not come any more, it registers again when Max-Age is over', async () => {
    const relay = await startMovingRelay(url);
    const client = await openCoapClient(relay.url);
    const seen: number[] = [];
    for await (const response of client.observe('/obs')) {
      const number = Number(response.text());
      if (seen.length === 2) await relay.move();
      // What was on its way when the relay moved, and then what it gets by its second registration.
      if (seen.length > 2 && number > (seen[2] ?? 0) + TICKS_OF_MAX_AGE) break;
      seen.push(number);
    }
    expect(seen.length).toBeLessThan(6);
    await client.close();
    relay.close();
    await untilForgotten(caller());
  }, 60_000);
  test('TD_COAP_OBS_05: the observer vanishes', async () => {
    const observer = await open(url);
    await ourCaller(observer).observe({ method: 'GET', path: ['obs'] });
    await observer.close();
    await untilForgotten(caller());
    await observed.run(caller());
  });
});
