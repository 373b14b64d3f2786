import { blockOf } from '../block/block-option.ts';
import type { Effects, PeerId } from '../effects.ts';
import { bytesOf, PEER } from '../endpoint/endpoint.fixture.ts';
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { EndpointEvent } from '../endpoint/endpoint-event.ts';
import {
  blockUnitBytes,
  type DecodedMessage,
  decodeMessage,
  encodeBlock,
  type Message,
  MessageType,
  type Option,
  OptionNumber,
} from '../wire/index.ts';

const { Block1, Block2 } = OptionNumber;

/** Block options out of the words of the test vectors: `1:0/1/128 2:0/0/64`. */
export function blockOptions(words: string): Option[] {
  return words.split(' ').map((word) => {
    const [option, blockNumber = '', more, size = ''] = word.split(/[:/]/);
    const szx = Math.log2(Number(size)) - 4;
    const value = encodeBlock({ blockNumber: Number(blockNumber), more: more === '1', szx });
    return { number: option === '1' ? Block1 : Block2, value };
  });
}

/** The block options of a message in the same words, Block1 first; empty where there is none. */
export function blocksIn({ options }: Pick<Message, 'options'>): string {
  const words = [Block1, Block2].map((number) => {
    const block = blockOf(options, number);
    if (block === undefined) return '';
    const size = blockUnitBytes(block.szx);
    return `${number === Block1 ? 1 : 2}:${block.blockNumber}/${block.more ? 1 : 0}/${size}`;
  });
  return words.filter((word) => word !== '').join(' ');
}

/** The last message of a step. */
export function lastSent({ transmits }: Effects<unknown>): DecodedMessage {
  const last = transmits.at(-1);
  if (last === undefined) throw new Error('nothing was sent');
  return decodeMessage(last.bytes);
}

/** Answers the request that a step sent, in its Acknowledgement. */
export function answerTo(
  core: Endpoint,
  effects: Effects<unknown>,
  response: Partial<Message>,
  now = 0,
): Effects<EndpointEvent> {
  const { messageId, token } = lastSent(effects);
  const bytes = bytesOf({ type: MessageType.Acknowledgement, code: 0x45, messageId, token, ...response });
  return core.handleDatagram(PEER, bytes, now);
}

/** A peer that asks an endpoint one request after the other, and gets what `answer` makes of those for the handler. */
export function asker(core: Endpoint, answer: (message: Message) => Partial<Message>) {
  let messageId = 0;
  return (part: Partial<Message>, now = 0, peer: PeerId = PEER): DecodedMessage => {
    const token = Uint8Array.of(++messageId >>> 8, messageId);
    const effects = core.handleDatagram(peer, bytesOf({ messageId, token, ...part }), now);
    const [event] = effects.events;
    if (event?.kind !== 'request') return lastSent(effects);
    const content = { code: 0x45, options: [], payload: new Uint8Array(0), ...answer(event.message) };
    return lastSent(core.respond(event.exchangeId, content, now));
  };
}
