import type { CoapEndpoint } from '@motestack/coap/node';
import { openCoapEndpoint } from '@motestack/coap/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAiocoapClient, startAiocoapServer } from '../src/aiocoap.ts';
import { caseNamed } from '../src/case-named.ts';
import { commonCases, datagramCases, fetchCases } from '../src/common-cases.ts';
import { ourCaller } from '../src/our-caller.ts';
import { type OurCoapServer, startOurCoapServer } from '../src/our-coap-server.ts';
import { peerCaller } from '../src/peer-caller.ts';
import type { PeerProcess } from '../src/peer-process.ts';
import { readinessOf } from '../src/readiness.ts';
import { testCases } from '../src/test-cases.ts';

const { ready, version } = readinessOf('aiocoap');
const notificationsInBlocks = 'notifications in blocks';
const cases = [...commonCases, ...datagramCases, ...fetchCases];

describe.skipIf(!ready)(`aiocoap ${version}, bodies in blocks / its client at our server`, () => {
  let server: OurCoapServer;
  let client: PeerProcess;
  beforeAll(async () => {
    server = await startOurCoapServer();
    client = await startAiocoapClient();
  });
  afterAll(async () => {
    await client?.quit();
    await server?.close();
  });
  // Its client joins blocks itself, and refuses a response that begins with another than the first.
  testCases(cases, () => peerCaller(client, server.url), ['one block of 32 bytes, asked for by itself']);
});

describe.skipIf(!ready)(`aiocoap ${version}, bodies in blocks / our client at its server`, () => {
  let peer: PeerProcess;
  let url: string;
  let endpoint: CoapEndpoint;
  beforeAll(async () => {
    ({ peer, url } = await startAiocoapServer());
    endpoint = await openCoapEndpoint({ remote: url });
  });
  afterAll(async () => {
    await endpoint?.close();
    await peer?.quit();
  });
  // Its server cuts no response to a request with Observe: 10,000 bytes come in one datagram.
  testCases(cases, () => ourCaller(endpoint), [notificationsInBlocks]);
  test('notifications of 10,000 bytes, each in one datagram: refused, and taken where datagramBytesMax allows', async () => {
    const notifications = caseNamed(commonCases, notificationsInBlocks);
    await expect(notifications.run(ourCaller(endpoint))).rejects.toThrow('longer than datagramBytesMax');
    const large = await openCoapEndpoint({ remote: url, parameters: { datagramBytesMax: 16_384 } });
    try {
      await notifications.run(ourCaller(large));
    } finally {
      await large.close();
    }
  });
});
