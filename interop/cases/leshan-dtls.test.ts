import { Device } from '@motestack/objects';
import { InMemorySecurityStore, LwM2mServer } from '@motestack/server/node';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { OpensslCertificates } from '../dtls/openssl-certificates.ts';
import { startSecureLeshanClient, startSecureLeshanServer } from '../src/leshan.ts';
import { allCredentials, type Credentials, SECURE_ENDPOINT } from '../src/leshan-credentials.ts';
import { startMovingRelay } from '../src/moving-relay.ts';
import { startOurDevice } from '../src/our-device.ts';
import { readinessOf } from '../src/readiness.ts';
import { nextEvent } from '../src/server-events.ts';

const { ready, version } = readinessOf('leshan');
const certificates = new OpensslCertificates();
afterAll(() => certificates.remove());
const credentials = allCredentials(certificates);
const [psk] = credentials;

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

async function listen({ ourStore, ourServer }: Credentials): Promise<{ server: LwM2mServer; url: string }> {
  const server = await LwM2mServer.listen({
    urls: ['coaps://127.0.0.1:0'],
    security: new InMemorySecurityStore([{ endpoint: SECURE_ENDPOINT, credentials: ourStore }]),
    credentials: ourServer,
  });
  ending.push(() => server.close());
  return { server, url: server.urls[0] ?? '' };
}

describe.skipIf(!ready)(`Leshan ${version} / DTLS`, () => {
  test.each(credentials)('our client with $kind at its server', async ({ kind, ourClient, theirServer }) => {
    const { peer, url } = await startSecureLeshanServer(kind, theirServer, SECURE_ENDPOINT);
    ending.push(() => peer.quit());
    const { client } = await startOurDevice(url, SECURE_ENDPOINT, 300, ourClient);
    ending.push(() => client.stop());
    await client.registered({ signal: AbortSignal.timeout(10_000) });
    expect(await peer.event('registered')).toMatchObject({ endpoint: SECURE_ENDPOINT });
    const answer = await peer.call('read', { endpoint: SECURE_ENDPOINT, path: '/3/0/0', format: 112 });
    expect(answer.content).toMatchObject({ value: 'Motestack' });
    await client.stop();
    expect(await peer.event('unregistered')).toMatchObject({ endpoint: SECURE_ENDPOINT, expired: false });
  });

  test.each(credentials)('its client with $kind at our server', async (each) => {
    const { server, url } = await listen(each);
    const registered = nextEvent(server, 'registered');
    const peer = startSecureLeshanClient(url, SECURE_ENDPOINT, { kind: each.kind, folder: each.theirClient });
    ending.push(() => peer.quit());
    const { device } = await registered;
    expect(device.registration.identity).toMatch(new RegExp(`^${each.kind}:`));
    expect(await device.read(Device.serialNumber)).toBe('0815');
    const ended = nextEvent(server, 'deregistered');
    await peer.call('stop');
    expect(await ended).toMatchObject({ reason: 'deregister' });
  });

  test('our client whose NAT gives it another port goes on at its server, by its connection ID', async () => {
    if (psk === undefined) throw new Error('no credentials');
    const { peer, url } = await startSecureLeshanServer('psk', psk.theirServer, SECURE_ENDPOINT);
    ending.push(() => peer.quit());
    const relay = await startMovingRelay(url);
    ending.push(() => relay.close());
    const { client } = await startOurDevice(relay.url, SECURE_ENDPOINT, 300, psk.ourClient);
    ending.push(() => client.stop());
    const { registrationId } = await peer.event('registered');
    // Else the answer goes to the port that is not there any more, and the Register comes once more.
    await client.registered({ signal: AbortSignal.timeout(10_000) });
    await relay.move();
    // The first word after the move is the client’s: objects that are other ones make it send an Update.
    const updated = new Promise<void>((resolve) => {
      client.on('updated', () => resolve());
    });
    client.remove('/3303/0');
    await updated;
    expect(await peer.event('updated')).toMatchObject({ endpoint: SECURE_ENDPOINT, registrationId });
    const answer = await peer.call('read', { endpoint: SECURE_ENDPOINT, path: '/3/0/0', format: 112 });
    expect(answer.content).toMatchObject({ value: 'Motestack' });
  });

  test('its client whose NAT gives it another port goes on at our server, by its connection ID', async () => {
    if (psk === undefined) throw new Error('no credentials');
    const { server, url } = await listen(psk);
    const relay = await startMovingRelay(url);
    ending.push(() => relay.close());
    const registered = nextEvent(server, 'registered');
    const peer = startSecureLeshanClient(relay.url, SECURE_ENDPOINT, { kind: 'psk', folder: psk.theirClient });
    ending.push(() => peer.quit());
    const { device } = await registered;
    await peer.event('registered');
    await relay.move();
    const updated = nextEvent(server, 'updated');
    await peer.call('update');
    const { device: same } = await updated;
    // The peer names the association: one, from the first to the last.
    expect([same, same.peer]).toEqual([device, device.peer]);
    expect(await same.read(Device.serialNumber)).toBe('0815');
  });
});
