import type { CoapEndpoint } from '@motestack/coap/node';
import { openCoapEndpoint } from '@motestack/coap/node';
import { afterAll, beforeAll, describe } from 'vitest';
import { commonCases, datagramCases } from '../src/common-cases.ts';
import { startGoCoapClient, startGoCoapServer } from '../src/go-coap.ts';
import { ourCaller } from '../src/our-caller.ts';
import { type OurCoapServer, startOurCoapServer } from '../src/our-coap-server.ts';
import { peerCaller } from '../src/peer-caller.ts';
import type { PeerProcess } from '../src/peer-process.ts';
import { readinessOf } from '../src/readiness.ts';
import { testCases } from '../src/test-cases.ts';

const { ready, version } = readinessOf('go-coap');

/** It fetches all blocks, whichever is asked for. */
const clientCannot = ['one block of 32 bytes, asked for by itself'];
describe.skipIf(!ready)(`go-coap ${version} / its client at our server`, () => {
  let server: OurCoapServer;
  let client: PeerProcess;
  beforeAll(async () => {
    // It sends its GET for the next block of a Confirmable notification as an Acknowledgement, which RFC 7252 §4.2 forbids.
    server = await startOurCoapServer({ confirmable: false });
    client = await startGoCoapClient();
  });
  afterAll(async () => {
    await client?.quit();
    await server?.close();
  });
  testCases([...commonCases, ...datagramCases], () => peerCaller(client, server.url), clientCannot);
});

describe.skipIf(!ready)(`go-coap ${version} / our client at its server`, () => {
  let peer: PeerProcess;
  let endpoint: CoapEndpoint;
  beforeAll(async () => {
    const started = await startGoCoapServer();
    peer = started.peer;
    endpoint = await openCoapEndpoint({ remote: started.url });
  });
  afterAll(async () => {
    await endpoint?.close();
    await peer?.quit();
  });
  testCases([...commonCases, ...datagramCases], () => ourCaller(endpoint));
});
