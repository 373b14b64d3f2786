import { SimulatedNetwork } from '@motestack/testkit';
import { expect, test } from 'vitest';
import { bytes, CLIENT, content, NO_STATE, SERVER, stateLeft, text } from '../coap-endpoint.fixture.ts';
import { CoapEndpoint } from '../coap-endpoint.ts';
import { StatelessClient } from './index.ts';
import { aesSealer } from './stateless.fixture.ts';

test.each([0, 0.2, 0.5])('at a loss of %f every response that comes has the state of its request', async (loss) => {
  const network = new SimulatedNetwork({ seed: 3, loss, duplication: 0.2, reordering: 0.2, delayMs: [5, 400] });
  const { clock, randomSource: random } = network;
  const parameters = { tokenBytesMax: 64, probingBytesMax: 10_000 };
  const handler = ({ path: [name = ''] }: { readonly path: readonly string[] }) => content(`answer ${name}`);
  const server = new CoapEndpoint({ transport: network.transport(SERVER), clock, random, handler, parameters });
  const received: string[] = [];
  const client = new StatelessClient({
    transport: network.transport(CLIENT),
    clock,
    random,
    sealer: aesSealer(),
    onResponse: ({ payload }, state) => received.push(`${text(state)}: ${text(payload)}`),
    parameters,
  });
  const names = Array.from({ length: 50 }, (_, index) => `${index}`);
  for (const name of names) client.request(SERVER, { method: 'GET', path: [name] }, bytes(`asked ${name}`));
  await network.run(600_000);
  const expected = names.map((name) => `asked ${name}: answer ${name}`);
  expect(expected).toEqual(expect.arrayContaining(received));
  expect(new Set(received).size).toBe(received.length);
  expect(received.length).toBeGreaterThan(0);
  if (loss === 0) expect(received).toHaveLength(50);
  expect(stateLeft(server.stats())).toEqual(NO_STATE);
  expect(client.stats()).toMatchObject({ transmissions: 0, peersKnown: 0, silentPeers: 0, duplicatesRemembered: 0 });
  await client.close();
  await server.close();
  expect(network.pendingTimers).toBe(0);
});
