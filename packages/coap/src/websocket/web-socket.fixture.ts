import { toHex } from '@motestack/bytes';
import type { RandomSource } from '../effects.ts';
import { defaultWebSocketLimits, WebSocketCore, type WebSocketLimits, type WebSocketStep } from './web-socket.ts';

/** Bytes that count up, so that masks differ. */
function counting(): RandomSource {
  let next = 0;
  return {
    fill: (bytes) => {
      for (const index of bytes.keys()) bytes[index] = next++;
    },
  };
}

/** One side, and what it did. */
export function side(kind: 'client' | 'server', limits: Partial<WebSocketLimits> = {}) {
  const role = kind === 'client' ? { kind, host: 'example.org' } : { kind };
  const core = new WebSocketCore(role, { ...defaultWebSocketLimits, ...limits }, counting());
  const run = (work: (step: WebSocketStep) => void) => {
    const step: WebSocketStep = { frames: [], events: [] };
    work(step);
    return { ...step, hex: step.frames.map((frame) => toHex(frame)) };
  };
  return { core, run, take: (bytes: Uint8Array) => run((step) => core.handleBytes(bytes, step)) };
}

/** Both sides after the handshake. */
export function pair(limits: Partial<WebSocketLimits> = {}) {
  const client = side('client', limits);
  const server = side('server', limits);
  const asked = client.run((step) => client.core.start(step));
  const answered = server.take(join(asked.frames));
  const opened = client.take(join(answered.frames));
  return { client, server, events: [...answered.events, ...opened.events] };
}

export const join = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

/** A frame as a client sends it, its mask all zeros, so that tests can be read. */
export function masked(first: number, payload: readonly number[] = []): Uint8Array {
  const { length } = payload;
  const extension = length < 126 ? [] : [length >>> 8, length & 0xff];
  return Uint8Array.of(first, 0x80 | Math.min(length, 126), ...extension, 0, 0, 0, 0, ...payload);
}
