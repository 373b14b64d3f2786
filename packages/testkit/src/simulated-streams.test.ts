import type { StreamReceiver } from '@motestack/coap';
import { describe, expect, test } from 'vitest';
import { type NetworkFaults, SimulatedNetwork } from './simulated-network.ts';
import type { StreamTransportOptions } from './simulated-stream-transport.ts';

const SERVER = '10.0.0.1:5683';
const CLIENT = '10.0.0.2:0';

function recorder(network: SimulatedNetwork): StreamReceiver & { readonly log: string[] } {
  const log: string[] = [];
  const note = (line: string) => void log.push(`${network.clock.now()} ${line}`);
  return {
    log,
    connected: (peer) => note(`connected ${peer}`),
    bytes: (peer, chunk) => note(`${peer} ${chunk.join(' ')}`),
    disconnected: (peer, cause) => note(`disconnected ${peer} ${cause?.message ?? 'quietly'}`),
    closed: (cause) => note(`closed ${cause?.message ?? 'quietly'}`),
  };
}

async function connected(faults: NetworkFaults = {}, options: StreamTransportOptions = {}) {
  const network = new SimulatedNetwork({ seed: 1, ...faults });
  const server = network.streamTransport(SERVER, options);
  const client = network.streamTransport(CLIENT, { ...options, remote: SERVER });
  const [serverSide, clientSide] = [recorder(network), recorder(network)];
  server.open(serverSide);
  client.open(clientSide);
  client.connect();
  await network.run(60_000);
  const [peer = ''] = server.peers;
  return { network, server, client, peer, serverSide, clientSide };
}

describe('a connection', () => {
  test('is told to both ends, and bytes go both ways', async () => {
    const { network, server, client, peer, serverSide, clientSide } = await connected();
    expect([serverSide.log, clientSide.log]).toEqual([[`10 connected ${peer}`], [`20 connected ${SERVER}`]]);
    client.send(SERVER, Uint8Array.of(1, 2));
    server.send(peer, Uint8Array.of(3));
    await network.run(70_000);
    expect([serverSide.log[1], clientSide.log[1]]).toEqual([`60010 ${peer} 1 2`, `60010 ${SERVER} 3`]);
    expect(network.connections).toBe(1);
  });

  test('of a server that speaks at once: what it says comes when the client knows', async () => {
    const network = new SimulatedNetwork({ seed: 1 });
    const server = network.streamTransport(SERVER);
    const client = network.streamTransport(CLIENT, { remote: SERVER });
    const side = recorder(network);
    server.open({ ...recorder(network), connected: (peer) => server.send(peer, Uint8Array.of(9)) });
    client.open(side);
    client.connect();
    await network.run(1000);
    expect(side.log).toEqual([`20 connected ${SERVER}`, `20 ${SERVER} 9`]);
  });

  test('to nobody is refused', async () => {
    const network = new SimulatedNetwork({ seed: 1 });
    const client = network.streamTransport(CLIENT, { remote: SERVER });
    const side = recorder(network);
    client.open(side);
    client.connect();
    client.connect();
    await network.run(1000);
    expect(side.log).toEqual([`10 disconnected ${SERVER} connection refused by ${SERVER}`]);
  });

  test('has another port each time', async () => {
    const { network, server, client, peer, serverSide } = await connected();
    client.disconnect(SERVER);
    await network.run(70_000);
    client.connect();
    await network.run(80_000);
    expect(serverSide.log[1]).toBe(`60010 disconnected ${peer} quietly`);
    expect(server.peers).not.toContain(peer);
    expect([server.peers.length, network.connections]).toEqual([1, 1]);
  });
});

describe('bytes', () => {
  test.each([1, 2, 3])('are cut into pieces of %i, in order, whatever the link does', async (size) => {
    const { network, client, peer, serverSide } = await connected(
      { loss: 0.4, delayMs: [1, 500], reordering: 1, duplication: 1 },
      { cut: () => size },
    );
    serverSide.log.length = 0;
    const sent = Array.from({ length: 20 }, (_, index) => index);
    for (let index = 0; index < 20; index += 5) client.send(SERVER, Uint8Array.from(sent.slice(index, index + 5)));
    await network.run(3_600_000);
    const lines = serverSide.log.map((line) =>
      line
        .slice(line.indexOf(peer) + peer.length + 1)
        .split(' ')
        .map(Number),
    );
    expect(lines.flat()).toEqual(sent);
    expect(Math.max(...lines.map((line) => line.length))).toBe(size);
  });

  test('framed by message are never cut', async () => {
    const { network, client, serverSide, peer } = await connected({}, { framing: 'message', cut: () => 1 });
    client.send(SERVER, Uint8Array.of(1, 2, 3));
    await network.run(70_000);
    expect(serverSide.log[1]).toBe(`60010 ${peer} 1 2 3`);
  });

  test('that were sent before the connection ends come before its end', async () => {
    const { network, client, serverSide, peer } = await connected();
    client.send(SERVER, Uint8Array.of(1));
    client.disconnect(SERVER);
    client.send(SERVER, Uint8Array.of(2));
    await network.run(70_000);
    expect(serverSide.log.slice(1)).toEqual([`60010 ${peer} 1`, `60010 disconnected ${peer} quietly`]);
    expect(network.connections).toBe(0);
  });

  test('on their way to an end that is gone are lost', async () => {
    const { network, server, client, peer, serverSide } = await connected();
    client.send(SERVER, Uint8Array.of(1));
    server.disconnect(peer);
    await network.run(70_000);
    expect(serverSide.log).toHaveLength(1);
  });
});

test('a connection that breaks is told to both ends', async () => {
  const { network, client, peer, serverSide, clientSide } = await connected();
  client.break(SERVER);
  await network.run(70_000);
  expect([clientSide.log[1], serverSide.log[1]]).toEqual([
    `60000 disconnected ${SERVER} the connection broke`,
    `60010 disconnected ${peer} the connection broke`,
  ]);
});

test('what is closed tells so once, and leaves nothing', async () => {
  const { network, server, client, peer, serverSide, clientSide } = await connected();
  expect(network.openTransports).toBe(2);
  await client.close();
  await client.close();
  await network.run(70_000);
  await server.close();
  expect(clientSide.log.slice(1)).toEqual(['60000 closed quietly']);
  expect(serverSide.log.slice(1)).toEqual([`60010 disconnected ${peer} quietly`, '70000 closed quietly']);
  expect([network.openTransports, network.connections]).toEqual([0, 0]);
});
