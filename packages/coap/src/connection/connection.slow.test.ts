import { seededRandom } from '@motestack/testkit';
import { expect, test } from 'vitest';
import { masked, pair } from '../websocket/web-socket.fixture.ts';
import { CSM, connection, frame } from './connection.fixture.ts';

/** Repeat a run: its seed is in the message of the failure. */
const SEED = 20_261_122;
const STREAMS = 400_000;
const CHUNKS_PER_STREAM = 5;

const seeds = (token: number) => [
  frame({ token: Uint8Array.of(token), payload: new Uint8Array(40) }),
  frame({ code: 0x45, payload: new Uint8Array(300) }),
  frame({ code: 0xe1, options: [{ number: 2, value: Uint8Array.of(8, 0) }] }),
  frame({ code: 0xe2, token: Uint8Array.of(token), options: [{ number: 2, value: new Uint8Array(0) }] }),
  frame({ code: 0xe4 }),
];

test(`mutated chunks are taken or end their connection once (seed ${SEED})`, () => {
  const random = seededRandom(SEED, 0);
  const below = (limit: number) => Math.floor(random() * limit);
  let ended = 0;
  for (let stream = 0; stream < STREAMS; stream++) {
    const { take, core } = connection({ messageBytesMax: 1152 });
    if (random() < 0.9) take(CSM);
    let ends = 0;
    for (let index = 0; index < CHUNKS_PER_STREAM; index++) {
      const chunk = (seeds(index)[below(5)] as Uint8Array).slice(0, 1 + below(80));
      for (let flips = below(4); flips > 0; flips--) chunk[below(chunk.length)] = below(256);
      ends += take(chunk, index).events.filter(({ kind }) => kind === 'ended').length;
    }
    if (ends > 1 || core.heldBytes > 4096) throw new Error(`stream ${stream} ended ${ends} times`);
    ended += ends;
  }
  // Both happen often: a fuzz of streams that all end at once would prove nothing.
  expect(ended).toBeGreaterThan(STREAMS / 10);
  expect(ended).toBeLessThan(STREAMS);
});

test(`mutated WebSocket frames are taken or end their connection once (seed ${SEED})`, () => {
  const random = seededRandom(SEED, 1);
  const below = (limit: number) => Math.floor(random() * limit);
  for (let stream = 0; stream < STREAMS / 10; stream++) {
    const { server } = pair({ webSocketMessageBytesMax: 200 });
    let ends = 0;
    for (let index = 0; index < 10; index++) {
      const chunk = masked([0x82, 0x02, 0x80, 0x89, 0x88][below(5)] as number, [3, 232, 1, 2]);
      if (random() < 0.5) chunk[below(chunk.length)] = below(256);
      ends += server.take(chunk.subarray(0, 1 + below(20))).events.filter(({ kind }) => kind === 'ended').length;
    }
    if (ends > 1) throw new Error(`stream ${stream} ended ${ends} times`);
  }
});
