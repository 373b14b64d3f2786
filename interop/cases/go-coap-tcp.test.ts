import type { CoapEndpoint } from '@motestack/coap/node';
import { openCoapEndpoint } from '@motestack/coap/node';
import { afterAll, beforeAll, describe } from 'vitest';
import { commonCases } from '../src/common-cases.ts';
import { startGoCoapClient, startGoCoapServer } from '../src/go-coap.ts';
import { ourCaller } from '../src/our-caller.ts';
import { type OurCoapServer, startOurCoapServer } from '../src/our-coap-server.ts';
import { peerCaller } from '../src/peer-caller.ts';
import type { PeerProcess } from '../src/peer-process.ts';
import { readinessOf } from '../src/readiness.ts';
import { testCases } from '../src/test-cases.ts';

const { ready, version } = readinessOf('go-coap');

describe.skipIf(!ready)(`go-coap ${version}, TCP / its client at our server`, () => {
  let server: OurCoapServer;
  let client: PeerProcess;
  beforeAll(async () => {
    server = await startOurCoapServer({ network: 'tcp' });
    client = await startGoCoapClient('tcp');
  });
  afterAll(async () => {
    await client?.quit();
    await server?.close();
  });
  testCases(commonCases, () => peerCaller(client, server.url));
});

describe.skipIf(!ready)(`go-coap ${version}, TCP / our client at its server`, () => {
  let peer: PeerProcess;
  let endpoint: CoapEndpoint;
  beforeAll(async () => {
    const started = await startGoCoapServer('tcp');
    peer = started.peer;
    endpoint = await openCoapEndpoint({ remote: started.url });
  });
  afterAll(async () => {
    await endpoint?.close();
    await peer?.quit();
  });
  testCases(commonCases, () => ourCaller(endpoint));
});
