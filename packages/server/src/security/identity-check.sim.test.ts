import { encodeUtf8, fromHex } from '@motestack/bytes';
import type { DatagramTransport, PeerIdentity } from '@motestack/coap';
import { SimulatedNetwork } from '@motestack/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import type { LwM2mServer } from '../lwm2m-server.ts';
import { ScriptedDevice, SERVER_ADDRESS, serverIn } from '../scripted-device.fixture.ts';
import { InMemorySecurityStore } from './in-memory-security-store.ts';
import type { SecurityStore } from './security-store.ts';

const key = fromHex('000102030405060708090a0b0c0d0e0f');
const publicKey = fromHex('3059');
const psk = (identity: string): PeerIdentity => ({ kind: 'psk', identity: encodeUtf8(identity) });
const certificate = (commonName: string | undefined): PeerIdentity => ({
  kind: 'x509',
  commonName,
  publicKey,
  certificates: [publicKey],
});

/** What the handshake of each address proved. */
const proved = new Map<string, PeerIdentity>();
let network: SimulatedNetwork;
let server: LwM2mServer;
const store = new InMemorySecurityStore([
  { endpoint: 'by-psk', credentials: { kind: 'psk', identity: 'p', key } },
  { endpoint: 'by-key', credentials: { kind: 'rawPublicKey', publicKey } },
  { endpoint: 'by-certificate', credentials: { kind: 'x509' } },
  { endpoint: 'by-other-name', credentials: { kind: 'x509', commonName: 'other' } },
]);

async function listen(security: SecurityStore | undefined): Promise<void> {
  network = new SimulatedNetwork({ seed: 7 });
  const inner = network.transport(SERVER_ADDRESS);
  const transport: DatagramTransport = {
    localUrl: inner.localUrl,
    remote: undefined,
    open: (receiver) => inner.open(receiver),
    send: (peer, bytes) => inner.send(peer, bytes),
    close: () => inner.close(),
    identityOf: (peer) => proved.get(peer),
  };
  server = await serverIn(network, { transports: [transport], security });
}

let addresses = 1;
function deviceThat(proves: PeerIdentity | undefined): ScriptedDevice {
  addresses++;
  const address = `10.0.0.${addresses}:5683`;
  if (proves !== undefined) proved.set(address, proves);
  return new ScriptedDevice(network, address);
}

const register = (device: ScriptedDevice, endpoint: string): Promise<string> =>
  network.settle(device.register(`ep=${endpoint}&lt=60&lwm2m=1.1`));

describe('Register (LwM2M Transport 1.1 §5.2, Endpoint Client Name)', () => {
  beforeEach(() => listen(store));

  test.each<readonly [string, string, PeerIdentity | undefined, string]>([
    ['its pre-shared key', 'by-psk', psk('p'), '2.01'],
    ['its public key', 'by-key', { kind: 'rawPublicKey', publicKey }, '2.01'],
    ['its certificate', 'by-certificate', certificate('by-certificate'), '2.01'],
    ['a certificate of the name that the store says', 'by-other-name', certificate('other'), '2.01'],
    ['a certificate of the name, and nothing in the store', 'new', certificate('new'), '2.01'],
    ['nothing in the store and nothing proved', 'new', undefined, '2.01'],
    ['no proof where there are credentials', 'by-psk', undefined, '4.03'],
    ['no proof where there is a certificate', 'by-certificate', undefined, '4.03'],
    ['the pre-shared key of another', 'by-key', psk('p'), '4.00'],
    ['a pre-shared key for a name that has none', 'new', psk('p'), '4.00'],
    ['a certificate for a name with a pre-shared key', 'by-psk', certificate('by-psk'), '4.00'],
    ['a key in a certificate instead of the bare one', 'by-key', certificate('by-key'), '4.00'],
    ['another key', 'by-key', { kind: 'rawPublicKey', publicKey: key }, '4.00'],
    ['a certificate of another name', 'by-certificate', certificate('other'), '4.00'],
    [
      'a certificate of the endpoint name where the store says another',
      'by-other-name',
      certificate('by-other-name'),
      '4.00',
    ],
    ['a certificate without a name', 'new', certificate(undefined), '4.00'],
  ])('%s', async (_name, endpoint, identity, code) => {
    const device = deviceThat(identity);
    expect(await register(device, endpoint)).toBe(code);
    expect((await server.device(endpoint)) !== undefined).toBe(code === '2.01');
  });

  test('an authorizer is told who asks', async () => {
    const asked: unknown[] = [];
    await server.close();
    network = new SimulatedNetwork({ seed: 7 });
    const inner = network.transport(SERVER_ADDRESS);
    server = await serverIn(network, {
      transports: [Object.assign(inner, { identityOf: () => psk('p') })],
      security: store,
      authorize: ({ identity }) => {
        asked.push(identity);
        return false;
      },
    });
    expect(await register(deviceThat(undefined), 'by-psk')).toBe('4.03');
    expect(asked).toEqual([psk('p')]);
  });

  test('a store that fails is told, and the device is not let in', async () => {
    const failing: SecurityStore = {
      findByEndpoint: () => Promise.reject(new Error('the database is away')),
      findByPskIdentity: () => undefined,
      findByPublicKey: () => undefined,
    };
    await listen(failing);
    const told: unknown[] = [];
    server.on('error', (error) => void told.push(error.cause));
    expect(await register(deviceThat(psk('p')), 'by-psk')).toBe('5.00');
    expect(told).toEqual([new Error('the database is away')]);
  });
});

describe('Update and De-register', () => {
  beforeEach(() => listen(store));

  test.each<readonly [string, PeerIdentity | undefined]>([
    ['without proof', undefined],
    ['with another proof', certificate('by-certificate')],
  ])('from somebody else, %s, are answered as if there were nothing', async (_name, identity) => {
    const device = deviceThat(psk('p'));
    await register(device, 'by-psk');
    const other = deviceThat(identity);
    other.location = device.location;
    expect(await network.settle(other.update('lt=600'))).toBe('4.04');
    expect(await network.settle(other.deregister())).toBe('4.04');
    expect((await server.device('by-psk'))?.registration.lifetimeSeconds).toBe(60);
    expect(await network.settle(device.update('lt=600'))).toBe('2.04');
    expect(await network.settle(device.deregister())).toBe('2.02');
  });

  test('a registration without proof is not taken over by who has one', async () => {
    const device = deviceThat(undefined);
    await register(device, 'new');
    const other = deviceThat(psk('p'));
    other.location = device.location;
    expect(await network.settle(other.update())).toBe('4.04');
    expect(await network.settle(device.update())).toBe('2.04');
  });

  test('from the same device at another address go on, and requests go there', async () => {
    const device = deviceThat(psk('p'));
    await register(device, 'by-psk');
    const moved = deviceThat(psk('p'));
    moved.location = device.location;
    moved.answerText('Acme');
    expect(await network.settle(moved.update())).toBe('2.04');
    const registered = await server.device('by-psk');
    expect(await network.settle(registered?.read('/3/0/0') ?? Promise.resolve())).toBe('Acme');
  });
});
