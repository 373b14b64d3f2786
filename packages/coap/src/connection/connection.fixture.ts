import { toHex } from '@motestack/bytes';
import type { Effects, PeerId } from '../effects.ts';
import { decodeFrame, decodeWebSocketMessage, encodeFrame, formatCode, type ReliableMessage } from '../wire/index.ts';
import { Connection, type Framing } from './connection.ts';
import { newConnectionCounters } from './connection-counters.ts';
import type { ConnectionStep } from './connection-event.ts';
import { ConnectionLayer } from './connection-layer.ts';
import { type ConnectionParameters, resolveConnectionParameters } from './connection-parameters.ts';

export const SERVER_PEER = '192.0.2.1:5683';
export const OTHER_PEER = '192.0.2.2:5683';

/** What a test gives as context. */
export interface Sender {
  readonly name: string;
}

/** A frame; what is not said is a GET with an empty token. */
export function frame(message: Partial<ReliableMessage> = {}): Uint8Array {
  const [token, payload] = [new Uint8Array(0), new Uint8Array(0)];
  return encodeFrame({ code: 1, token, options: [], payload, ...message });
}

export const CSM: Uint8Array = frame({ code: 0xe1 });
export const empty = (): Uint8Array => new Uint8Array(0);

/** Every message of a stream, in words: code, token, options, payload as text. */
export function inWords(bytes: Uint8Array): string[] {
  const words: string[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const read = decodeFrame(rest, { extendedTokens: true });
    if (read === undefined) return [...words, `… ${rest.length} bytes`];
    words.push(messageInWords(read.message));
    rest = rest.subarray(read.length);
  }
  return words;
}

function messageInWords({ code, token, options, payload }: ReliableMessage): string {
  const parts = [formatCode(code), toHex(token), ...options.map(({ number, value }) => `${number}=${toHex(value)}`)];
  if (payload.length > 0) parts.push(`"${String.fromCharCode(...payload)}"`);
  return parts.filter((part) => part !== '').join(' ');
}

/** One connection and what it did. */
export function connection(parameters: Partial<ConnectionParameters> = {}, framing: Framing = 'length') {
  const counters = newConnectionCounters();
  const core = new Connection(resolveConnectionParameters(parameters), counters, framing, 0);
  const run = (now: number, work: (step: ConnectionStep) => void) => {
    const step: ConnectionStep = { now, frames: [], events: [] };
    work(step);
    const words =
      framing === 'length' ? inWords : (bytes: Uint8Array) => [messageInWords(decodeWebSocketMessage(bytes))];
    return { sent: step.frames.flatMap(words), frames: step.frames, events: step.events };
  };
  return {
    core,
    counters,
    run,
    start: () => run(0, (step) => core.start(step)),
    take: (bytes: Uint8Array, now = 0) => run(now, (step) => core.handleBytes(bytes, step)),
    wake: (now: number) => run(now, (step) => core.handleTimeout(step)),
  };
}

/** A layer of connections whose one peer is `SERVER_PEER`, or that has none. */
export function layer(parameters: Partial<ConnectionParameters> = {}, remote: PeerId | undefined = SERVER_PEER) {
  return new ConnectionLayer<Sender>({
    parameters: resolveConnectionParameters(parameters),
    framing: 'length',
    remote,
  });
}

/** What a step sent, in words. */
export const sent = (effects: Effects<unknown>): string[] => effects.transmits.flatMap(({ bytes }) => inWords(bytes));

/** The events of a step in words: kind, and context or reason. */
export function told(effects: Effects<{ readonly kind: string }>): string[] {
  return effects.events.map((event) => {
    const words = [event.kind];
    if ('context' in event) words.push((event.context as Sender | undefined)?.name ?? '-');
    if ('reason' in event) words.push(String(event.reason));
    if ('limit' in event) words.push(String(event.limit));
    if ('loss' in event) words.push((event.loss as { reason: string }).reason);
    return words.join(' ');
  });
}

/** A request to send. */
export const get = (token = 7) => ({
  isConfirmable: true,
  code: 1,
  token: Uint8Array.of(token),
  options: [],
  payload: empty(),
});
