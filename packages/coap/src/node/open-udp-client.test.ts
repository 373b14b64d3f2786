import { expect, test } from 'vitest';
import { blockWise, type ObserverRelation, openCoapEndpoint, openUdpClient } from './index.ts';

async function server() {
  const relations: ObserverRelation[] = [];
  const endpoint = await openCoapEndpoint({
    url: 'coap://127.0.0.1:0',
    handler: (request) => {
      if (request.observe === 0) relations.push(request.acceptObserver());
      return { code: 0x45, payload: new Uint8Array(Number(request.path[0] ?? 1)) };
    },
  });
  const { port } = new URL(endpoint.localUrl.replace('coap:', 'http:'));
  return { endpoint, relations, port: Number(port), peer: `127.0.0.1:${port}` };
}

test('it asks any peer, observes and pings, and nothing is left when it is closed', async () => {
  const { endpoint, relations, peer } = await server();
  const client = await openUdpClient();
  expect((await client.request(peer, { method: 'GET', path: ['20'] })).payload).toHaveLength(20);
  await client.ping(peer);
  const told = await new Promise<number>((resolve, reject) => {
    const callbacks = {
      onNotification: ({ payload }: { payload: Uint8Array }) => resolve(payload.length),
      onEnd: () => undefined,
    };
    client.observe(peer, { method: 'GET' }, callbacks).then(() => {
      relations[0]?.notify({ code: 0x45, payload: new Uint8Array(3) });
    }, reject);
  });
  expect(told).toBe(3);
  await client.close();
  await expect(client.request(peer, { method: 'GET' })).rejects.toMatchObject({ code: 'endpoint-closed' });
  await endpoint.close();
});

test('with blockWise bodies have any length, and with a remote it hears of nobody there', async () => {
  const { endpoint, port, peer } = await server();
  const client = await openUdpClient({ remote: { host: '127.0.0.1', port }, bodies: blockWise });
  expect(client.remote).toBe(peer);
  expect((await client.request(peer, { method: 'GET', path: ['5000'] })).payload).toHaveLength(5000);
  await endpoint.close();
  await expect(client.request(peer, { method: 'GET' })).rejects.toMatchObject({ code: 'peer-unreachable' });
  await client.close();
});

test('parameters that the RFC forbids are refused', async () => {
  await expect(openUdpClient({ parameters: { ackRandomFactor: 0.5 } })).rejects.toThrow('ackRandomFactor');
});
