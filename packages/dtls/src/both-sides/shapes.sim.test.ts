import { toHex } from '@motestack/bytes';
import { type NetworkFaults, SimulatedNetwork } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { DtlsClientTransport } from '../client/dtls-client-transport.ts';
import type { AnswerSources } from '../credentials/answer-wanted.ts';
import { nodeCryptoProvider } from '../node/node-crypto-provider.ts';
import { DtlsServerTransport } from '../server/dtls-server-transport.ts';
import { attackedShapes } from './attacked-shapes.fixture.ts';
import { type PairOptions, psk } from './dtls-pair.fixture.ts';

const serverAddress = '10.0.0.1:5684';
const HOUR_MS = 3_600_000;

/** The same, with answers that come later. */
function later({ certificate, verifier }: AnswerSources): AnswerSources {
  return {
    certificate: certificate && {
      ...certificate,
      sign: (algorithm, data) => Promise.resolve(certificate.sign(algorithm, data)),
    },
    verifier: verifier && { ...verifier, verify: (shown, address) => Promise.resolve(verifier.verify(shown, address)) },
  };
}

interface Side {
  readonly network: SimulatedNetwork;
  readonly client: DtlsClientTransport;
  readonly server: DtlsServerTransport;
  readonly heard: string[];
}

function open(seed: number, faults: NetworkFaults, options: PairOptions, datagramBytesMax: number): Side {
  const network = new SimulatedNetwork({ seed, ...faults });
  const common = { clock: network.clock, provider: nodeCryptoProvider, random: network.randomSource };
  const parameters = { handshakeTimeoutMs: HOUR_MS, retransmitMsMax: 8000, datagramBytesMax, messagesAheadMax: 16 };
  const { clientSources = {}, serverSources = {} } = options;
  const server = new DtlsServerTransport({
    ...common,
    ...later(serverSources),
    transport: network.transport(serverAddress),
    pskOf: () => Promise.resolve(psk.key),
    parameters,
  });
  server.open({ datagram: (peer, bytes) => server.send(peer, bytes), unreachable: () => {}, closed: () => {} });
  const { groups, cipherSuites } = options.client ?? {};
  const client = new DtlsClientTransport({
    ...common,
    ...later(clientSources),
    transport: network.transport('10.0.0.2:40000', { remote: serverAddress }),
    psk: clientSources.verifier === undefined ? psk : undefined,
    groups,
    cipherSuites,
    parameters,
  });
  const heard: string[] = [];
  client.open({ datagram: (_peer, bytes) => heard.push(toHex(bytes)), unreachable: () => {}, closed: () => {} });
  return { network, client, server, heard };
}

describe.each(attackedShapes)('%s over a bad link: both agree on keys', (_name, options) => {
  test.each([
    ['10 % lost', { loss: 0.1 }],
    ['30 % lost', { loss: 0.3 }],
    ['50 % lost', { loss: 0.5 }],
    ['all doubled', { duplication: 1 }],
    ['half of it out of order', { reordering: 0.5, delayMs: [10, 400] }],
    ['all of that', { loss: 0.3, duplication: 0.3, reordering: 0.3, delayMs: [10, 1500] }],
  ] as const)('%s', async (_link, faults) => {
    for (const [seed, datagramBytesMax] of [1232, 512, 200, 128].entries()) {
      const { network, client, server, heard } = open(seed + 1, { ...faults }, options, datagramBytesMax);
      await network.settle(client.connect(), HOUR_MS);
      for (let index = 0; index < 30 && heard.length === 0; index++) {
        client.send(serverAddress, Uint8Array.of(index));
        await network.run(network.clock.now() + 1000);
      }
      expect(heard.length, `fragments of ${datagramBytesMax} bytes`).toBeGreaterThan(0);
      await client.close();
      await server.close();
      expect(network.pendingTimers).toBe(0);
    }
  });
});
