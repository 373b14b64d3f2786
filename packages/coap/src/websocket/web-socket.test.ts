import { encodeUtf8, fromHex, toHex } from '@motestack/bytes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeWebSocketFrame } from './frame-parser.ts';
import { join, masked, pair, side } from './web-socket.fixture.ts';

const message = (bytes: Uint8Array) => ({ kind: 'message', bytes });
const hex = (text: string) => fromHex(text.replaceAll(' ', ''));

test('a handshake opens both sides', () => {
  const { client, server, events } = pair();
  expect(events).toEqual([
    { kind: 'open', host: 'example.org' },
    { kind: 'open', host: undefined },
  ]);
  expect([client.core.phase, server.core.phase]).toEqual(['open', 'open']);
});

test('messages of every length class go both ways, cut at every byte', () => {
  for (const length of [0, 1, 125, 126, 127, 65_535, 65_536]) {
    const limits = { webSocketMessageBytesMax: 65_536 };
    const bytes = Uint8Array.from({ length }, (_, index) => index * 3);
    const { client, server } = pair(limits);
    const [up] = client.run((step) => client.core.send(bytes, step)).frames;
    const [down] = server.run((step) => server.core.send(bytes, step)).frames;
    expect(server.take(up as Uint8Array).events).toEqual([message(bytes)]);
    expect(client.take(down as Uint8Array).events).toEqual([message(bytes)]);
  }
  const { client, server } = pair();
  const frames = join(client.run((step) => client.core.send(hex('0102030405'), step)).frames);
  for (let at = 0; at <= frames.length; at++) {
    const events = [...server.take(frames.subarray(0, at)).events, ...server.take(frames.subarray(at)).events];
    expect(events).toEqual([message(hex('0102030405'))]);
  }
});

test('every frame of a client has a mask of its own (RFC 6455 §5.3)', () => {
  const { client } = pair();
  const masks = [1, 2].map(() => client.run((step) => client.core.send(hex('00'), step)).hex[0]?.slice(4, 12));
  expect(new Set(masks).size).toBe(2);
});

test('fragments are put together, with control frames between them (RFC 6455 §5.4)', () => {
  const { server } = pair();
  const frames = join([masked(0x02, [1, 2]), masked(0x89, [7]), masked(0x00, [3]), masked(0x00), masked(0x80, [4])]);
  expect(server.take(frames)).toMatchObject({ hex: ['8a0107'], events: [message(hex('01020304'))] });
});

describe('what breaks a rule ends the connection with its code (RFC 6455 §7.1.7, §7.4.1)', () => {
  const large = Array.from({ length: 126 }, () => 0);
  test.each([
    ['a frame that is not masked (§5.1)', hex('8200'), 1002],
    ['a reserved bit (§5.2)', masked(0xc2), 1002],
    ['a reserved opcode', masked(0x83), 1002],
    ['a reserved control opcode', masked(0x8b), 1002],
    ['a text message (RFC 8323 §4.2)', masked(0x81), 1003],
    ['a continuation of nothing (§5.4)', masked(0x80), 1002],
    ['a message within a message', join([masked(0x02, [1]), masked(0x82, [2])]), 1002],
    ['a control frame in fragments (§5.5)', masked(0x09), 1002],
    ['a control frame that is too long', masked(0x89, large), 1002],
    ['a length with more bytes than it needs (§5.2)', hex('82 fe 0001'), 1002],
    ['a long length with more bytes than it needs', hex('82 ff 0000000000000001 00000000 01'), 1002],
    ['a Close of one byte (§5.5.1)', masked(0x88, [3]), 1002],
    ['a Close with a code that nobody sends (§7.4)', masked(0x88, [0x03, 0xed]), 1002],
    ['a Close whose reason is no UTF-8', masked(0x88, [0x03, 0xe8, 0xff]), 1007],
  ])('%s', (_name, bytes, code) => {
    const { server } = pair();
    // A length is looked at when the header, its mask included, is there.
    const { events, frames } = server.take(join([bytes, hex('00000000')]));
    expect(events.at(-1)).toMatchObject({ kind: 'ended', code });
    expect(toHex(frames.at(-1) ?? hex('')).slice(4, 8)).toBe(code.toString(16).padStart(4, '0'));
    expect(server.core.phase).toBe('ended');
    expect(server.take(masked(0x82))).toMatchObject({ events: [], frames: [] });
  });

  test('a server that masks (§5.1)', () => {
    const { client } = pair();
    expect(client.take(masked(0x82)).events).toMatchObject([{ kind: 'ended', code: 1002 }]);
  });

  test('webSocketMessageBytesMax: a message of just so many bytes, and one more, also over its fragments', () => {
    const limits = { webSocketMessageBytesMax: 4 };
    expect(pair(limits).server.take(masked(0x82, [1, 2, 3, 4])).events).toMatchObject([{ kind: 'message' }]);
    expect(pair(limits).server.take(masked(0x82, [1, 2, 3, 4, 5])).events).toMatchObject([{ code: 1009 }]);
    const fragments = join([masked(0x02, [1, 2]), masked(0x80, [3, 4])]);
    expect(pair(limits).server.take(fragments).events).toMatchObject([{ kind: 'message' }]);
    const more = join([masked(0x02, [1, 2]), masked(0x80, [3, 4, 5])]);
    expect(pair(limits).server.take(more).events).toMatchObject([{ code: 1009 }]);
    const announced = hex('82 ff ffffffffffffffff 00000000');
    expect(pair(limits).server.take(announced).events).toMatchObject([{ code: 1009 }]);
  });

  test('headerBytesMax: a server says 431', () => {
    const server = side('server', { headerBytesMax: 20 });
    const { frames, events } = server.take(encodeUtf8('GET /.well-known/coap HTTP/1.1\r\n\r\n'));
    expect(String.fromCharCode(...join(frames))).toMatch(/^HTTP\/1\.1 431 /);
    expect(events).toMatchObject([{ kind: 'ended', code: 1006 }]);
  });
});

describe('closing (RFC 6455 §7)', () => {
  test('one side asks, the other answers with the same code, both are done', () => {
    const { client, server } = pair();
    const asked = client.run((step) => client.core.close(1000, 'bye', step));
    expect([asked.events, client.core.phase]).toEqual([[], 'closing']);
    const answered = server.take(join(asked.frames));
    expect(answered).toMatchObject({ hex: ['880203e8'], events: [{ kind: 'ended', code: 1000, reason: 'bye' }] });
    expect(client.take(join(answered.frames)).events).toEqual([{ kind: 'ended', code: 1000, reason: '' }]);
  });

  test('a Close without a code is answered without one, and told as 1005', () => {
    const { server } = pair();
    expect(server.take(masked(0x88))).toMatchObject({ hex: ['8800'], events: [{ code: 1005 }] });
  });

  test('a reason that does not fit a control frame is left out', () => {
    const { server } = pair();
    const fits = server.run((step) => server.core.close(1001, 'x'.repeat(123), step));
    expect(fits.frames[0]).toHaveLength(127);
    const other = pair().server;
    expect(other.run((step) => other.core.close(1001, 'x'.repeat(124), step)).hex).toEqual(['880203e9']);
  });

  test('what comes behind our Close is not told, nothing more is sent', () => {
    const { server } = pair();
    server.run((step) => server.core.close(1000, '', step));
    expect(server.take(join([masked(0x82, [1]), masked(0x89, [1])]))).toMatchObject({ frames: [], events: [] });
    expect(server.run((step) => server.core.send(hex('01'), step)).frames).toEqual([]);
  });

  test('a stream that ends without a Close is told as 1006, once', () => {
    const { client } = pair();
    expect(client.run((step) => client.core.handleEnd(step)).events).toMatchObject([{ kind: 'ended', code: 1006 }]);
    expect(client.run((step) => client.core.handleEnd(step)).events).toEqual([]);
  });

  test('a close before the handshake is done ends at once', () => {
    const { core, run } = side('server');
    expect(run((step) => core.close(1000, '', step))).toMatchObject({ frames: [], events: [{ code: 1006 }] });
  });

  test('a handshake that is refused ends', () => {
    const { take } = side('server');
    expect(take(encodeUtf8('GET / HTTP/1.1\r\n\r\n')).events).toMatchObject([
      { kind: 'ended', reason: 'another path' },
    ]);
    const client = side('client');
    client.run((step) => client.core.start(step));
    const { events } = client.take(encodeUtf8('HTTP/1.1 403 Forbidden\r\n\r\n'));
    expect(events).toMatchObject([{ kind: 'ended', reason: 'the server answered 403' }]);
    const garbled = side('client');
    expect(garbled.take(encodeUtf8('\0\r\n\r\n'))).toMatchObject({ frames: [], events: [{ kind: 'ended' }] });
  });
});

test('any bytes are taken or end the connection once', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), fc.boolean(), (chunks, isServer) => {
      const { client, server } = pair({ webSocketMessageBytesMax: 64 });
      const { take, core } = isServer ? server : client;
      const ends = chunks.flatMap((chunk) => take(chunk).events.filter(({ kind }) => kind === 'ended'));
      expect(ends).toHaveLength(core.phase === 'ended' ? 1 : 0);
    }),
  );
});

test('what is encoded is taken apart again, however it is cut', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 });
  fc.assert(
    fc.property(messages, fc.array(fc.nat(), { maxLength: 8 }), (payloads, cuts) => {
      const { server } = pair();
      const stream = join(payloads.map((payload) => encodeWebSocketFrame(2, payload, hex('a1b2c3d4'))));
      const ends = [...cuts.map((at) => at % (stream.length + 1)), stream.length].toSorted((a, b) => a - b);
      const events = ends.flatMap((end, index) => server.take(stream.slice(ends[index - 1] ?? 0, end)).events);
      expect(events).toEqual(payloads.map(message));
    }),
  );
});
