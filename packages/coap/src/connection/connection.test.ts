import { encodeUtf8, fromHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { encodeUintOption } from '../wire/index.ts';
import { CSM, connection, empty, frame, inWords } from './connection.fixture.ts';

const PING = 0xe2;
const RELEASE = 0xe4;
const ABORT = 0xe5;
const custody = { number: 2, value: empty() };
const opened = (...parameters: Parameters<typeof connection>) => {
  const made = connection(...parameters);
  made.start();
  made.take(CSM);
  return made;
};
const text = (value: string) => encodeUtf8(value);

describe('Capabilities and Settings (RFC 8323 §5.3)', () => {
  test('the first message of either side is a CSM that says what is known here', () => {
    expect(connection().start().sent).toEqual(['7.01 2=fe00 4=']);
    expect(connection({ messageBytesMax: 1152, blockWiseTransfer: false }).start().sent).toEqual(['7.01 2=0480']);
    expect(connection({ tokenBytesMax: 16 }).start().sent).toEqual(['7.01 2=fe00 4= 6=10']);
  });

  test('another first message ends the connection (§3.3)', () => {
    const { take, core } = connection();
    const { sent, events } = take(frame());
    expect(sent).toEqual(['7.05 "the first message is no CSM"']);
    expect(events).toMatchObject([{ kind: 'ended', loss: { reason: 'protocol', section: 'RFC 8323 §3.3' } }]);
    expect(core.phase).toBe('ended');
    expect(take(CSM)).toMatchObject({ sent: [], events: [] });
  });

  test('requiresCsm false: a peer without one has the base values, and may bring it later', () => {
    const { start, take, wake, core } = connection({ requiresCsm: false, csmTimeoutMs: 1000, idleTimeoutMs: 0 });
    expect(start()).toMatchObject({ sent: ['7.01 2=fe00 4='], events: [{ kind: 'capabilities', isFirst: true }] });
    expect(take(frame()).events).toMatchObject([{ kind: 'message', message: { code: 1 } }]);
    expect(wake(1000)).toMatchObject({ sent: [], events: [] });
    expect(core).toMatchObject({ phase: 'open', deadline: Number.POSITIVE_INFINITY });
    expect(core.capabilities).toMatchObject({ messageSizeMax: 1152, blockWiseTransfer: false });
    expect(take(frame({ code: 0xe1, options: [encodeUintOption(2, 8192)] })).events).toMatchObject([
      { kind: 'capabilities', isFirst: false },
    ]);
    expect(core.capabilities).toMatchObject({ messageSizeMax: 8192 });
  });

  test('an empty message before it is ignored, an Abort is heard', () => {
    const { take } = connection();
    expect(take(frame({ code: 0 }))).toMatchObject({ sent: [], events: [] });
    expect(take(frame({ code: ABORT, payload: text('no') })).events).toMatchObject([
      { kind: 'ended', loss: { reason: 'aborted', detail: 'no' } },
    ]);
  });

  test('settings are cumulative: what a later CSM does not say stays', () => {
    const { take, core } = connection();
    expect(core.capabilities).toMatchObject({ messageSizeMax: 1152, blockWiseTransfer: false, bert: false });
    take(frame({ code: 0xe1, options: [{ number: 4, value: empty() }] }));
    expect(core.capabilities).toMatchObject({ messageSizeMax: 1152, blockWiseTransfer: true, bert: false });
    take(frame({ code: 0xe1, options: [encodeUintOption(2, 8192)] }));
    expect(core.capabilities).toMatchObject({ messageSizeMax: 8192, blockWiseTransfer: true, bert: true });
    take(frame({ code: 0xe1, options: [encodeUintOption(2, 1152)] }));
    expect(core.capabilities).toMatchObject({ messageSizeMax: 1152, blockWiseTransfer: true, bert: false });
  });

  test('a critical option that is not known is named in Bad-CSM-Option (§5.2, §5.6)', () => {
    const { take } = connection();
    const { sent, events } = take(frame({ code: 0xe1, options: [encodeUintOption(9, 1)] }));
    expect(sent).toEqual(['7.05 2=09 "option 9 is not understood"']);
    expect(events).toMatchObject([{ loss: { reason: 'protocol', section: 'RFC 8323 §5.2' } }]);
  });

  test('an elective one that is not known, and a value that is too long, are ignored', () => {
    const { take, core } = connection();
    take(frame({ code: 0xe1, options: [{ number: 2, value: fromHex('0000002000') }, encodeUintOption(8, 1)] }));
    expect(core).toMatchObject({ phase: 'open', capabilities: { messageSizeMax: 1152 } });
  });

  test('csmTimeoutMs: in time is in time, later ends the connection', () => {
    const { wake, core, counters } = connection({ csmTimeoutMs: 1000 });
    expect(core.deadline).toBe(Number.POSITIVE_INFINITY);
    const late = connection({ csmTimeoutMs: 1000 });
    late.start();
    expect(late.core.deadline).toBe(1000);
    expect(late.wake(999)).toMatchObject({ sent: [], events: [] });
    expect(late.wake(1000).sent).toEqual(['7.05 "no CSM in time"']);
    expect(late.counters.csmTimeouts).toBe(1);
    expect([wake(999).sent, counters.csmTimeouts]).toEqual([[], 0]);
  });
});

describe('sending', () => {
  test('up to the size that the peer takes, and no byte more (§5.3.1)', () => {
    const { run, core } = opened();
    const send = (length: number) =>
      run(0, (step) => core.send({ code: 1, token: empty(), options: [], payload: new Uint8Array(length) }, step));
    // One byte for token length and Length, two of its extension, the code, the marker.
    expect(send(1152 - 5).frames[0]).toHaveLength(1152);
    expect(() => send(1152 - 4)).toThrow(RangeError);
  });

  test('a token longer than the peer takes is refused (RFC 8974 §2.2.1)', () => {
    const { run, core, take } = opened();
    const message = { code: 1, token: new Uint8Array(9), options: [], payload: empty() };
    expect(() => run(0, (step) => core.send(message, step))).toThrow(RangeError);
    take(frame({ code: 0xe1, options: [encodeUintOption(6, 9)] }));
    expect(run(0, (step) => core.send(message, step)).sent).toEqual(['0.01 000000000000000000']);
  });
});

describe('what cannot be read ends the connection with an Abort (§5.6)', () => {
  test.each([
    ['a reserved token length', '09 01'],
    ['an option beyond the end', '10 01 b4'],
    ['a marker without payload', '10 01 ff'],
  ])('%s', (_name, hex) => {
    const { take, counters } = opened();
    const { sent, events } = take(fromHex(hex.replaceAll(' ', '')));
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatch(/^7\.05 "a message cannot be read: /);
    expect(events).toMatchObject([{ kind: 'ended', loss: { reason: 'protocol' } }]);
    expect(counters).toMatchObject({ malformed: 1, abortsOut: 1 });
  });

  test.each(['length', 'message'] as const)('messageBytesMax, framing by %s', (framing) => {
    const size = { messageBytesMax: 1152 };
    const csm = framing === 'length' ? CSM : fromHex('00e1');
    const get = (length: number) => {
      const payload = new Uint8Array(length).fill(1);
      return framing === 'length' ? frame({ payload }) : Uint8Array.of(0, 1, 0xff, ...payload);
    };
    const overhead = framing === 'length' ? 5 : 3;
    const { take, start } = connection(size, framing);
    start();
    take(csm);
    expect(take(get(1152 - overhead)).events).toMatchObject([{ kind: 'message' }]);
    expect(take(get(1153 - overhead)).events).toMatchObject([
      { kind: 'ended', loss: { detail: 'a message is longer than 1152 bytes' } },
    ]);
  });

  test('a message that only announces to be too long ends it at once', () => {
    const { take } = opened();
    expect(take(fromHex('f0ffffffff01')).events).toMatchObject([{ kind: 'ended' }]);
  });

  test('optionCountMax', () => {
    const options = (count: number) => Array.from({ length: count }, () => encodeUintOption(11, 1));
    const { take } = opened({ optionCountMax: 3 });
    expect(take(frame({ options: options(3) })).events).toMatchObject([{ kind: 'message' }]);
    expect(take(frame({ options: options(4) })).events).toMatchObject([{ kind: 'ended' }]);
  });

  test('tokenBytesMax', () => {
    const { take } = opened({ tokenBytesMax: 20 });
    const get = (length: number) => {
      const token = new Uint8Array(length);
      return Uint8Array.of(13, 1, length - 13, ...token);
    };
    expect(take(get(20)).events).toMatchObject([{ kind: 'message' }]);
    expect(take(get(21)).events).toMatchObject([{ kind: 'ended' }]);
  });

  test('over WebSocket, a Length other than 0 and less than two bytes (§4.2)', () => {
    for (const hex of ['10e1', '00']) {
      expect(connection({}, 'message').take(fromHex(hex)).events).toMatchObject([{ kind: 'ended' }]);
    }
  });

  test('an unknown critical option of a Ping, a Release and an Abort does too (§5.2)', () => {
    for (const code of [PING, 0xe3, RELEASE, ABORT]) {
      const { take } = opened();
      expect(take(frame({ code, options: [encodeUintOption(1, 1)] })).sent).toEqual([
        '7.05 "option 1 is not understood"',
      ]);
    }
  });
});

describe('Ping and Pong (RFC 8323 §5.4)', () => {
  test('a Ping is answered with a Pong of the same token', () => {
    expect(opened().take(frame({ code: PING, token: fromHex('42') })).sent).toEqual(['7.03 42']);
  });

  test('custody is had at once where nothing is under way', () => {
    expect(opened().take(frame({ code: PING, options: [custody] })).sent).toEqual(['7.03 2=']);
  });

  test('custody waits for the requests before it, and for no other', () => {
    const { take, run, core } = opened();
    const answer = (token: number) =>
      run(0, (step) => core.send({ code: 0x45, token: Uint8Array.of(token), options: [], payload: empty() }, step));
    take(frame({ token: Uint8Array.of(1) }));
    take(frame({ token: Uint8Array.of(2) }));
    expect(take(frame({ code: PING, token: Uint8Array.of(9), options: [custody] })).sent).toEqual([]);
    take(frame({ token: Uint8Array.of(3) }));
    expect(answer(2).sent).toEqual(['2.05 02']);
    expect(answer(1).sent).toEqual(['2.05 01', '7.03 09 2=']);
    expect(answer(3).sent).toEqual(['2.05 03']);
  });

  test('a Ping that waited for releaseTimeoutMs is answered without custody', () => {
    const { take, wake, core } = opened({ releaseTimeoutMs: 500 });
    take(frame({ token: Uint8Array.of(1) }));
    take(frame({ code: PING, token: Uint8Array.of(9), options: [custody] }));
    expect(core.deadline).toBe(500);
    expect(wake(499).sent).toEqual([]);
    expect(wake(500).sent).toEqual(['7.03 09']);
  });

  test('custodyPingsMax: the one that is too many is answered at once, without custody', () => {
    const { take } = opened({ custodyPingsMax: 1 });
    take(frame({ token: Uint8Array.of(1) }));
    expect(take(frame({ code: PING, options: [custody] })).sent).toEqual([]);
    expect(take(frame({ code: PING, token: Uint8Array.of(9), options: [custody] })).sent).toEqual(['7.03 09']);
  });

  test('requestsRememberedMax: the oldest counts as answered', () => {
    const { take, run, core } = opened({ requestsRememberedMax: 2 });
    for (const token of [1, 2, 3]) take(frame({ token: Uint8Array.of(token) }));
    take(frame({ code: PING, token: Uint8Array.of(9), options: [custody] }));
    const forget = (token: number) => run(0, (step) => core.forget(Uint8Array.of(token), step)).sent;
    expect([forget(1), forget(2), forget(3)]).toEqual([[], [], ['7.03 09 2=']]);
    expect(core.hasUnanswered).toBe(false);
  });

  test('idleTimeoutMs and pongTimeoutMs: silence is asked about, more silence ends the connection', () => {
    const { wake, take, core, counters } = opened({ idleTimeoutMs: 1000, pongTimeoutMs: 100 });
    expect(core.deadline).toBe(1000);
    expect(wake(999).sent).toEqual([]);
    expect(wake(1000).sent).toEqual(['7.02']);
    expect(wake(1099).sent).toEqual([]);
    take(frame({ code: 0xe3 }), 1099);
    expect(core.deadline).toBe(2099);
    expect(wake(2099).sent).toEqual(['7.02']);
    expect(wake(2199).events).toMatchObject([{ kind: 'ended', loss: { reason: 'timeout' } }]);
    expect(counters.idleTimeouts).toBe(1);
    expect(opened({ idleTimeoutMs: 0 }).core.deadline).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('Release and Abort (RFC 8323 §5.5, §5.6)', () => {
  test('what a Release asks for is told', () => {
    const options = [
      { number: 2, value: text('a.example:1') },
      { number: 2, value: text('b.example') },
      encodeUintOption(4, 30),
    ];
    const { take, core } = opened();
    expect(take(frame({ code: RELEASE, options, payload: text('moving') })).events).toEqual([
      {
        kind: 'release',
        advice: { alternativeAddresses: ['a.example:1', 'b.example'], holdOffSeconds: 30, diagnostic: 'moving' },
      },
    ]);
    expect(core).toMatchObject({ phase: 'releasing', isReleasedByPeer: true });
  });

  test('a Release that is sent has its options, once, and ends after releaseTimeoutMs', () => {
    const { run, core, wake } = opened({ releaseTimeoutMs: 700 });
    const advice = { alternativeAddresses: ['a.example'], holdOffSeconds: 300, diagnostic: 'bye' };
    expect(run(0, (step) => core.release(advice, step)).sent).toEqual(['7.04 2=612e6578616d706c65 4=012c "bye"']);
    expect(run(0, (step) => core.release(advice, step)).sent).toEqual([]);
    expect(wake(699).events).toEqual([]);
    expect(wake(700).events).toMatchObject([{ kind: 'ended', loss: { reason: 'released' } }]);
  });

  test('responses and requests go on after a Release', () => {
    const { take, run, core } = opened();
    take(frame({ code: RELEASE }));
    expect(take(frame({ token: Uint8Array.of(1) })).events).toMatchObject([{ kind: 'message' }]);
    const message = { code: 0x45, token: Uint8Array.of(1), options: [], payload: empty() };
    expect(run(0, (step) => core.send(message, step)).sent).toEqual(['2.05 01']);
  });

  test('an Abort that came ends everything, its words are told; those that are no text are not', () => {
    const { take, core, counters } = opened();
    expect(take(frame({ code: ABORT, payload: Uint8Array.of(0xff) }))).toMatchObject({
      sent: [],
      events: [{ kind: 'ended', loss: { reason: 'aborted', detail: 'no reason given' } }],
    });
    expect([core.phase, counters.abortsIn]).toEqual(['ended', 1]);
  });

  test('an unknown signaling code without critical options is ignored', () => {
    const { take, counters } = opened();
    expect(take(frame({ code: 0xe6 }))).toMatchObject({ sent: [], events: [] });
    expect(take(frame({ code: 0x21 }))).toMatchObject({ sent: [], events: [] });
    expect(counters.ignored).toBe(2);
  });
});

test('nothing behind an Abort in the same chunk is looked at', () => {
  const { take } = opened();
  const bytes = Uint8Array.of(...frame({ code: ABORT }), ...frame(), 0x09, 0x09);
  expect(take(bytes).events).toMatchObject([{ kind: 'ended', loss: { reason: 'aborted' } }]);
});

test('requests come as Confirmable with numbers of their own, responses as Non-confirmable', () => {
  const { take } = opened();
  const { events } = take(Uint8Array.of(...frame(), ...frame(), ...frame({ code: 0x45 })));
  const messages = events.map((event) => (event.kind === 'message' ? event.message : undefined));
  expect(messages.map((message) => [message?.type, message?.messageId])).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
  ]);
  expect(inWords(frame())).toEqual(['0.01']);
});
