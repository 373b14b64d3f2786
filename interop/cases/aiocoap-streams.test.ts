import type { CoapEndpoint } from '@motestack/coap/node';
import { openCoapEndpoint } from '@motestack/coap/node';
import { afterAll, beforeAll, describe } from 'vitest';
import { startAiocoapClient, startAiocoapServer } from '../src/aiocoap.ts';
import { commonCases, fetchCases } from '../src/common-cases.ts';
import { ourCaller } from '../src/our-caller.ts';
import { type OurCoapServer, startOurCoapServer } from '../src/our-coap-server.ts';
import { peerCaller } from '../src/peer-caller.ts';
import type { PeerProcess } from '../src/peer-process.ts';
import { readinessOf } from '../src/readiness.ts';
import { testCases } from '../src/test-cases.ts';

const { ready, version } = readinessOf('aiocoap');
const cases = [...commonCases, ...fetchCases];

describe.skipIf(!ready).each(['tcp', 'ws'] as const)(`aiocoap ${version}, %s / its client at our server`, (network) => {
  let server: OurCoapServer;
  let client: PeerProcess;
  beforeAll(async () => {
    server = await startOurCoapServer({ network });
    client = await startAiocoapClient();
  });
  afterAll(async () => {
    await client?.quit();
    await server?.close();
  });
  testCases(cases, () => peerCaller(client, server.url));
});

describe.skipIf(!ready).each(['tcp', 'ws'] as const)(`aiocoap ${version}, %s / our client at its server`, (network) => {
  let peer: PeerProcess;
  let endpoint: CoapEndpoint;
  beforeAll(async () => {
    const started = await startAiocoapServer(network);
    peer = started.peer;
    endpoint = await openCoapEndpoint({ remote: started.url });
  });
  afterAll(async () => {
    await endpoint?.close();
    await peer?.quit();
  });
  testCases(cases, () => ourCaller(endpoint));
});
