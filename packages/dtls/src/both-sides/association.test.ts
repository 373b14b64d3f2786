import { ByteReader, fromHex, toHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { Association } from '../association/association.ts';
import type { AssociationEvent } from '../association/association-event.ts';
import type { HandshakeRole } from '../handshake/handshake-role.ts';
import { nodeCryptoProvider } from '../node/node-crypto-provider.ts';
import { resolveParameters } from '../parameters.ts';
import { AeadProtection } from '../record/aead-protection.ts';
import { CipherSuiteId, cipherSuiteOf } from '../record/cipher-suite.ts';
import { RecordLayer } from '../record/record-layer.ts';
import { type ContentType, decodeRecord, encodeHandshakeFragment, HandshakeType } from '../wire/index.ts';

const key = (fill: number): AeadProtection =>
  new AeadProtection(nodeCryptoProvider.createAead('aes-128-ccm-8', new Uint8Array(16).fill(fill)), new Uint8Array(4));

function cipherSuite(): NonNullable<ReturnType<typeof cipherSuiteOf>> {
  const suite = cipherSuiteOf(CipherSuiteId.PskAes128Ccm8);
  if (suite === undefined) throw new Error('there is no such suite');
  return suite;
}

/** An association whose handshake is over at once, and the peer's side of its records. */
function established(): {
  association: Association;
  events: AssociationEvent[];
  hear: (contentType: ContentType, content: Uint8Array, epoch?: 0 | 1) => void;
  answers: () => string[];
} {
  const role: HandshakeRole = {
    start: () => ({
      keys: { read: key(1), write: key(2) },
      flight: [{ kind: 'changeCipherSpec', epoch: 0 }],
      established: {
        cipherSuite: cipherSuite(),
        extendedMasterSecret: true,
        peerCertificate: undefined,
        identity: fromHex(''),
        serverName: '',
        isResumed: false,
      },
    }),
    handleMessage: () => {
      throw new Error('the handshake is over');
    },
    provide: () => ({}),
    destroy: () => {},
  };
  const events: AssociationEvent[] = [];
  const sent: Uint8Array[] = [];
  const output = {
    send: (bytes: Uint8Array) => void sent.push(bytes),
    tell: (event: AssociationEvent) => void events.push(event),
  };
  const association = new Association({
    role,
    layer: new RecordLayer(),
    parameters: resolveParameters(),
    firstMessageSequence: 0,
  });
  association.start(0, output);
  sent.length = 0;
  const peer = new RecordLayer();
  peer.protectWrites(key(1));
  peer.protectReads(key(2));
  const parse = (bytes: Uint8Array): ReturnType<typeof decodeRecord> => decodeRecord(new ByteReader(bytes, 'test'), 0);
  return {
    association,
    events,
    hear: (contentType, content, epoch = 1) => {
      const record = peer.seal(epoch, contentType, content);
      if (record !== undefined) association.handleRecord(parse(record), 1000, output);
    },
    answers: () =>
      sent.map((bytes) => {
        const opened = peer.open(parse(bytes));
        return typeof opened === 'string' ? opened : `${opened.contentType} ${toHex(opened.content)}`;
      }),
  };
}

const message = (type: number): Uint8Array =>
  encodeHandshakeFragment({ type, length: 0, messageSequence: 7, fragmentOffset: 0, body: new Uint8Array(0) });

describe('an association that stands', () => {
  test.each([HandshakeType.HelloRequest, HandshakeType.ClientHello])(
    'another handshake (message %i) is refused with no_renegotiation, and it goes on',
    (type) => {
      const { hear, answers, events } = established();
      hear(22, message(type));
      expect(answers()).toEqual(['21 0164']);
      hear(23, fromHex('01'));
      expect(events.map(({ kind }) => kind)).toEqual(['connected', 'datagram']);
    },
  );
  test('in the clear the same means nothing', () => {
    const { hear, answers, events } = established();
    for (const type of [HandshakeType.HelloRequest, HandshakeType.ServerHello, HandshakeType.Finished])
      hear(22, message(type), 0);
    hear(21, fromHex('0228'), 0);
    expect(answers()).toEqual([]);
    expect(events.map(({ kind }) => kind)).toEqual(['connected']);
  });
  test('a fatal alert ends it without an answer', () => {
    const { hear, answers, events, association } = established();
    hear(21, fromHex('0214'));
    expect(events.at(-1)).toEqual({ kind: 'ended', reason: 'alert-received', alert: 20 });
    expect([answers(), association.hasEnded, association.wakeAt]).toEqual([[], true, undefined]);
  });
  test('other warnings, and alerts that are none, are passed over', () => {
    const { hear, events } = established();
    for (const hex of ['0164', '015a', '0300', '01', '010000']) hear(21, fromHex(hex));
    expect(events.map(({ kind }) => kind)).toEqual(['connected']);
  });
});
