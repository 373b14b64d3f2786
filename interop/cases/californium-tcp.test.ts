import type { CoapEndpoint } from '@motestack/coap/node';
import { openCoapEndpoint } from '@motestack/coap/node';
import { afterAll, beforeAll, describe } from 'vitest';
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
import { testCases } from '../src/test-cases.ts';

const { ready, version } = readinessOf('californium');
const cases = [...plugtestCoreCases, ...plugtestBlockCases, ...plugtestLinkCases, ...plugtestObserveCases];

describe.skipIf(!ready)(`Californium ${version}, TCP / its client at our server`, () => {
  let server: Awaited<ReturnType<typeof startOurPlugtestServer>>;
  let client: PeerProcess;
  beforeAll(async () => {
    server = await startOurPlugtestServer('tcp');
    client = await startCaliforniumClient('tcp');
  });
  afterAll(async () => {
    await client?.quit();
    await server?.close();
  });
  testCases(cases, () => peerCaller(client, server.url));
});

describe.skipIf(!ready)(`Californium ${version}, TCP / our client at its server`, () => {
  let peer: PeerProcess;
  let endpoint: CoapEndpoint;
  beforeAll(async () => {
    const started = await startCaliforniumServer('tcp');
    peer = started.peer;
    endpoint = await openCoapEndpoint({ remote: started.url });
  });
  afterAll(async () => {
    await endpoint?.close();
    await peer?.quit();
  });
  testCases(cases, () => ourCaller(endpoint));
});
