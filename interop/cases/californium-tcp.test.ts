import type { CoapEndpoint } from '@motestack/coap/node';
import { openCoapEndpoint } from '@motestack/coap/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCaliforniumClient, startCaliforniumServer } from '../src/californium.ts';
import { ourCaller } from '../src/our-caller.ts';
import { startOurPlugtestServer } from '../src/our-plugtest-server.ts';
import { peerCaller } from '../src/peer-caller.ts';
import type { PeerProcess } from '../src/peer-process.ts';
import { plugtestBlockCases } from '../src/plugtest-block-cases.ts';
import { plugtestCoreCases } from '../src/plugtest-core-cases.ts';
import { plugtestLinkCases } from '../src/plugtest-link-cases.ts';
import { plugtestObserveCases } from '../src/plugtest-observe-cases.ts';
import { readinessOf } from '../src/readiness.ts';
import { remoteOf } from '../src/remote-of.ts';
import { testCases } from '../src/test-cases.ts';

const { ready, version } = readinessOf('californium');
// Californium 3 sends no CSM and reads none, which RFC 8323 §3.3 forbids: it is taken where `requiresCsm` is false.
const connectionParameters = { requiresCsm: false };
const ended = 'TD_COAP_OBS_06: ended by a Reset';
const cases = [...plugtestCoreCases, ...plugtestBlockCases, ...plugtestLinkCases, ...plugtestObserveCases];

describe.skipIf(!ready)(`Californium ${version}, TCP / its client at our server`, () => {
  let server: Awaited<ReturnType<typeof startOurPlugtestServer>>;
  let client: PeerProcess;
  beforeAll(async () => {
    server = await startOurPlugtestServer('tcp', connectionParameters);
    client = await startCaliforniumClient('tcp');
  });
  afterAll(async () => {
    await client?.quit();
    await server?.close();
  });
  // Over TCP there are no Resets, and its client does nothing in their place.
  testCases(cases, () => peerCaller(client, server.url), [ended]);
});

describe.skipIf(!ready)(`Californium ${version}, TCP / our client at its server`, () => {
  let peer: PeerProcess;
  let url: string;
  let endpoint: CoapEndpoint;
  beforeAll(async () => {
    const started = await startCaliforniumServer('tcp');
    ({ peer, url } = started);
    endpoint = await openCoapEndpoint({ remote: started.url, connectionParameters });
  });
  afterAll(async () => {
    await endpoint?.close();
    await peer?.quit();
  });
  testCases(cases, () => ourCaller(endpoint));
  test('without `requiresCsm: false` it is waited for a CSM that does not come', async () => {
    const strict = await openCoapEndpoint({ remote: url, connectionParameters: { csmTimeoutMs: 300 } });
    await expect(strict.ping(remoteOf(strict))).rejects.toThrow('no CSM in time');
    await strict.close();
  });
});
