import type { CoapEndpoint } from '@motestack/coap/node';
import { openCoapEndpoint } from '@motestack/coap/node';
import { afterAll, beforeAll, describe } from 'vitest';
import { commonCases, datagramCases } from '../src/common-cases.ts';
import { startNodeCoapClient, startNodeCoapServer } from '../src/node-coap.ts';
import { ourCaller } from '../src/our-caller.ts';
import { type OurCoapServer, startOurCoapServer } from '../src/our-coap-server.ts';
import { peerCaller } from '../src/peer-caller.ts';
import type { PeerProcess } from '../src/peer-process.ts';
import { readinessOf } from '../src/readiness.ts';
import { testCases } from '../src/test-cases.ts';

const { ready, version } = readinessOf('node-coap');

/** It fetches all blocks, whichever is asked for; it fetches those of a notification and tells nobody. */
const clientCannot = ['one block of 32 bytes, asked for by itself', 'notifications in blocks'];
/**
 * It puts a notification in one packet or none: 5.00, "Max packet size is 1152". After a first block with 2.04 it sends the
 * others with another code.
 */
const serverCannot = ['notifications in blocks', 'request and response in blocks'];

describe.skipIf(!ready)(`node-coap ${version} / its client at our server`, () => {
  let server: OurCoapServer;
  let client: PeerProcess;
  beforeAll(async () => {
    server = await startOurCoapServer();
    client = await startNodeCoapClient();
  });
  afterAll(async () => {
    await client?.quit();
    await server?.close();
  });
  testCases([...commonCases, ...datagramCases], () => peerCaller(client, server.url), clientCannot);
});

describe.skipIf(!ready)(`node-coap ${version} / our client at its server`, () => {
  let peer: PeerProcess;
  let endpoint: CoapEndpoint;
  beforeAll(async () => {
    const started = await startNodeCoapServer();
    peer = started.peer;
    endpoint = await openCoapEndpoint({ remote: started.url });
  });
  afterAll(async () => {
    await endpoint?.close();
    await peer?.quit();
  });
  testCases([...commonCases, ...datagramCases], () => ourCaller(endpoint), serverCannot);
});
