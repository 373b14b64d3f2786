import { fromHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { ContentType } from '../wire/index.ts';
import { clientAddress, DtlsPair, kindsOf } from './dtls-pair.fixture.ts';

const elsewhere = '198.51.100.7:61000';
const lastType = ({ sent }: DtlsPair): number | undefined => sent.at(-1)?.bytes[0];
const said = (pair: DtlsPair, hex: string): Uint8Array => {
  pair.byClient(pair.client.send(fromHex(hex), pair.now));
  return pair.sent.at(-1)?.bytes ?? new Uint8Array(0);
};

describe('connection IDs (RFC 9146)', () => {
  test.each([
    [
      'by default the client puts an ID of 8 bytes',
      undefined,
      undefined,
      ContentType.Tls12Cid,
      ContentType.ApplicationData,
    ],
    ['both', 4, 6, ContentType.Tls12Cid, ContentType.Tls12Cid],
    ['only the server', 4, 0, ContentType.ApplicationData, ContentType.Tls12Cid],
    ['a client that does not know them', false, 8, ContentType.ApplicationData, ContentType.ApplicationData],
    ['a server that does not know them', 4, false, ContentType.ApplicationData, ContentType.ApplicationData],
    ['the longest', 32, 32, ContentType.Tls12Cid, ContentType.Tls12Cid],
  ] as const)('%s', (_name, clientBytes, serverBytes, toServer, toClient) => {
    const pair = new DtlsPair({
      client: { connectionIdBytes: clientBytes },
      server: { connectionIdBytes: serverBytes },
    });
    pair.connect().say('01');
    expect(pair.heard()).toEqual(['01']);
    expect(lastType(pair)).toBe(toServer);
    pair.byServer(pair.server.send(pair.peer(), fromHex('02'))).pump();
    expect(kindsOf(pair.clientEvents)).toEqual(['connected', 'datagram']);
    expect(lastType(pair)).toBe(toClient);
  });
  test('33 bytes are refused', () => {
    expect(() => new DtlsPair({ client: { connectionIdBytes: 33 } })).toThrow(RangeError);
    expect(() => new DtlsPair({ server: { connectionIdBytes: 33 } })).toThrow(RangeError);
  });
  test('a client that changed its address keeps its association, and is answered there', () => {
    const pair = new DtlsPair().connect().say('01');
    const peer = pair.peer();
    pair.address = elsewhere;
    pair.say('02');
    expect(pair.serverEvents.slice(-2)).toEqual([
      { kind: 'moved', peer, address: elsewhere, previousAddress: clientAddress },
      { kind: 'datagram', peer, bytes: expect.anything() },
    ]);
    pair.byServer(pair.server.send(peer, fromHex('03'))).pump();
    expect(pair.clientEvents.at(-1)).toMatchObject({ kind: 'datagram' });
    expect(pair.server.stats()).toMatchObject({ associations: 1, moves: 1 });
  });
  test('without an ID a new address is nobody', () => {
    const pair = new DtlsPair({ server: { connectionIdBytes: false } }).connect();
    pair.address = elsewhere;
    expect(pair.say('02').heard()).toEqual([]);
  });
  test('only an authentic record that is newer than all before moves an association', () => {
    const pair = new DtlsPair().connect();
    const [first, second] = [said(pair, '01'), said(pair, '02')];
    const forged = second.map((byte, index) => (index === second.length - 1 ? byte ^ 1 : byte));
    const from = (address: string, bytes: Uint8Array): unknown => pair.deliver({ to: 'server', address, bytes });
    from(elsewhere, forged);
    from(clientAddress, second);
    from(elsewhere, first); // authentic and new, but older than `second`
    from(elsewhere, second); // replayed
    expect(pair.heard()).toEqual(['02', '01']);
    expect(pair.server.addressOf(pair.peer())).toBe(clientAddress);
  });
  test('an address that only received gets three times what it sent', () => {
    const pair = new DtlsPair({ client: { answersPathChecks: false } }).connect();
    const peer = pair.peer();
    pair.address = elsewhere;
    pair.say('02');
    const before = pair.sent.length;
    const record = new Uint8Array(40);
    for (let index = 0; index < 10; index++) pair.byServer(pair.server.send(peer, record));
    const got = pair.sent.slice(before).reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(got).toBeLessThanOrEqual(3 * (pair.sent[before - 1]?.bytes.length ?? 0));
    expect(pair.server.stats().withheld).toBeGreaterThan(5);
    // It goes on after it was sent something: whatever is due.
    pair.say('03');
    const { withheld } = pair.server.stats();
    for (let index = 0; index < 10; index++) pair.byServer(pair.server.send(peer, record));
    expect(pair.server.stats().withheld).toBe(withheld);
  });
  test('a new client at the old address and the one that moved both go on', () => {
    const pair = new DtlsPair().connect();
    const moved = pair.peer();
    pair.address = elsewhere;
    pair.say('01');
    const other = new DtlsPair({ seed: 3 });
    other.byClient(other.client.connect(0));
    for (let index = 0; index < other.sent.length; index++) {
      const passing = other.sent[index];
      if (passing?.to !== 'server') continue;
      const effects = pair.server.handleDatagram(clientAddress, passing.bytes, 0);
      pair.byServer({ ...effects, transmits: [] });
      for (const event of effects.events) if (event.kind === 'connected') expect(event.peer).not.toBe(moved);
      for (const { bytes } of effects.transmits) other.byClient(other.client.handleDatagram(bytes, 0));
    }
    expect(pair.server.stats().associations).toBe(2);
    expect(pair.say('02').heard()).toEqual(['01', '02']);
  });
});
