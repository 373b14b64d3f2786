import type { Effects, Instant, RandomSource } from '../effects.ts';
import type { MessageEvent, OutgoingMessage } from '../messaging.ts';
import { defaultTransmissionParameters, derivedTimes } from '../parameters.ts';
import { decodeMessage, encodeMessage, type Message, MessageType } from '../wire/index.ts';
import { DuplicateTable } from './duplicate-table.ts';
import { MessageLayer } from './message-layer.ts';
import type { MessageLayerParameters } from './message-layer-parameters.ts';

/** What a test gives as context. */
export interface Sender {
  readonly name: string;
}

export const PEER = '192.0.2.1:5683';
export const OTHER_PEER = '192.0.2.2:5683';

/** Random bytes that are all 0: message IDs begin at 0, the first wait is ACK_TIMEOUT itself. */
export const zeros: RandomSource = { fill: (bytes) => bytes.fill(0) };

export const messageLayerParameters: MessageLayerParameters = {
  ...defaultTransmissionParameters,
  datagramBytesMax: 1152,
  tokenBytesMax: 8,
  optionCountMax: 32,
  queueMax: 3,
  queueWaitMaxMs: 93_000,
  probingBytesMax: 1152,
  duplicateBytesMax: 100_000,
  duplicateBytesPerPeerMax: Number.POSITIVE_INFINITY,
  peersMax: 3,
  nonRememberedMax: 2,
  workPerStepMax: 4,
};

/** A message layer with contexts of its own. */
export function messageLayer(parameters: Partial<MessageLayerParameters> = {}): MessageLayer<Sender> {
  return newMessageLayer({ ...messageLayerParameters, ...parameters }, zeros);
}

/** A message layer that remembers duplicates as a server does. */
export function newMessageLayer(parameters: MessageLayerParameters, random: RandomSource): MessageLayer<Sender> {
  const duplicates = new DuplicateTable({ ...parameters, ...derivedTimes(parameters) });
  return new MessageLayer<Sender>(parameters, random, duplicates);
}

/** Bytes of a message; what is not said is a Confirmable GET with message ID 1 and an empty token. */
export function bytesOf(message: Partial<Message>): Uint8Array {
  const { Confirmable } = MessageType;
  const [token, payload] = [new Uint8Array(0), new Uint8Array(0)];
  return encodeMessage({ type: Confirmable, code: 1, messageId: 1, token, options: [], payload, ...message });
}

/** A message to send; what is not said is a Confirmable GET. */
export function outgoing(message: Partial<OutgoingMessage> = {}): OutgoingMessage {
  const [token, payload] = [Uint8Array.of(7), new Uint8Array(0)];
  return { isConfirmable: true, code: 1, token, options: [], payload, ...message };
}

/** The datagrams of a step in words: type, code, message ID. */
export function sent(effects: Effects<unknown>): string[] {
  return effects.transmits.map(({ bytes }) => {
    const { type, code, messageId } = decodeMessage(bytes);
    return `${['CON', 'NON', 'ACK', 'RST'][type]} ${code >>> 5}.${String(code & 31).padStart(2, '0')} ${messageId}`;
  });
}

/** The events of a step in words: kind and context. */
export function told(effects: Effects<MessageEvent<Sender>>): string[] {
  return effects.events.map((event) => {
    const name = 'context' in event ? ` ${event.context?.name ?? '-'}` : '';
    const detail = event.kind === 'gave-up' ? ` ${event.reason}` : event.kind === 'refused' ? ` ${event.limit}` : '';
    return event.kind + name + detail;
  });
}

/** Lets time pass until nothing is due any more; what happened with when. */
export function play(layer: MessageLayer<Sender>, from: Effects<MessageEvent<Sender>>): string[] {
  const history: string[] = [];
  let { wakeAt } = from;
  let last: Instant = Number.NEGATIVE_INFINITY;
  while (wakeAt !== undefined) {
    const now = Math.max(wakeAt, last);
    const effects = layer.handleTimeout(now);
    for (const line of [...sent(effects), ...told(effects)]) history.push(`${now} ${line}`);
    last = now;
    wakeAt = effects.wakeAt;
  }
  return history;
}
