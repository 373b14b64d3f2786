import { type NetworkFaults, SimulatedNetwork, type SimulatedTransport } from '@motestack/testkit';
import { CLIENT, SERVER } from '../coap-endpoint.fixture.ts';
import { CoapEndpoint } from '../coap-endpoint.ts';
import type { RequestHandler } from '../server/coap-request.ts';
import {
  type DecodedMessage,
  decodeBlock,
  decodeMessage,
  encodeBlock,
  encodeMessage,
  encodeUintOption,
  type MessageType,
  type Option,
  OptionNumber,
} from '../wire/index.ts';
import { decodeMissingBlocks } from './missing-blocks.ts';
import { QBlockEndpoint, type QBlockEndpointOptions } from './q-block-endpoint.ts';

/** A client and a server that know Q-Block, and the network between them. */
export interface QBlockPair {
  readonly network: SimulatedNetwork;
  readonly server: QBlockEndpoint;
  readonly client: QBlockEndpoint;
  /** Every datagram that arrived or was lost, in the words of the figures of RFC 9177 §10. */
  readonly seen: string[];
  readonly log: string[];
}

/** What may differ. */
export interface QBlockPairOptions extends NetworkFaults {
  readonly seed?: number;
  readonly qBlock?: QBlockEndpointOptions['qBlock'];
  readonly serverQBlock?: QBlockEndpointOptions['qBlock'];
  readonly parameters?: QBlockEndpointOptions['parameters'];
}

/** Two endpoints that take each other to know Q-Block, unless `qBlock` says otherwise. */
export function qBlockPair(handler: RequestHandler | undefined, options: QBlockPairOptions = {}): QBlockPair {
  const { qBlock, serverQBlock, parameters, ...faults } = options;
  const network = new SimulatedNetwork({ seed: 1, ...faults });
  const { log, logger } = newLog();
  const endpoint = (transport: SimulatedTransport, own: QBlockEndpointOptions['qBlock'], served?: RequestHandler) => {
    const { clock, randomSource: random } = network;
    const all = { assumesSupport: true, ...own };
    return new QBlockEndpoint({ transport, clock, random, handler: served, parameters, logger, qBlock: all });
  };
  const server = endpoint(network.transport(SERVER), serverQBlock ?? qBlock, handler);
  const client = endpoint(network.transport(CLIENT, { remote: SERVER }), qBlock);
  return { network, server, client, seen: watch(network), log };
}

/** A client that knows Q-Block, and a server that does not. */
export function mixedPair(handler: RequestHandler, qBlock: QBlockEndpointOptions['qBlock'] = {}) {
  const network = new SimulatedNetwork({ seed: 1 });
  const { clock, randomSource: random } = network;
  const { log, logger } = newLog();
  const server = new CoapEndpoint({ transport: network.transport(SERVER), clock, random, handler, logger });
  const transport = network.transport(CLIENT, { remote: SERVER });
  const client = new QBlockEndpoint({ transport, clock, random, qBlock, logger });
  return { network, server, client, seen: watch(network), log };
}

function newLog() {
  const log: string[] = [];
  const write = (fields: object, message: string) => log.push(`${message} ${'err' in fields ? fields.err : ''}`.trim());
  return { log, logger: { error: write, warn: write } };
}

function watch(network: SimulatedNetwork): string[] {
  const seen: string[] = [];
  network.tap(({ from, bytes, fate }) => {
    seen.push(`${from === SERVER ? '<' : '>'} ${words(bytes)}${fate === 'delivered' ? '' : ` ${fate}`}`);
  });
  return seen;
}

/** A message in words: `NON 0.03 QB1:0/1/1024`. */
export function words(bytes: Uint8Array): string {
  const { type, code, options, payload } = decodeMessage(bytes);
  const parts = [`${['CON', 'NON', 'ACK', 'RST'][type]} ${code >>> 5}.${String(code & 31).padStart(2, '0')}`];
  for (const { number, value } of options) {
    if (number === OptionNumber.Observe) parts.push('O');
    const name = NAMES.get(number);
    if (name === undefined) continue;
    const { blockNumber, more, szx } = decodeBlock(value);
    parts.push(`${name}:${blockNumber}/${more ? 1 : 0}/${2 ** (szx + 4)}`);
  }
  if (code === 0x88 && payload.length > 0) parts.push(`[${decodeMissingBlocks(payload).join()}]`);
  return parts.join(' ');
}

const { Block1, Block2, QBlock1, QBlock2 } = OptionNumber;
const NAMES = new Map<number, string>([
  [Block1, 'B1'],
  [Block2, 'B2'],
  [QBlock1, 'QB1'],
  [QBlock2, 'QB2'],
]);

/** A body that says which it is at every place. */
export function body(seed: number, length: number): Uint8Array {
  const made = new Uint8Array(length);
  for (let index = 0; index < length; index++) made[index] = (seed * 31 + index * 7 + (index >>> 8) * 13) & 0xff;
  return made;
}

/** A message in parts, for a peer that a test plays: Q-Block options as `[number, block number, more, szx]`. */
export interface PlayedMessage {
  readonly type?: number;
  readonly messageId?: number;
  readonly code: number;
  readonly token?: readonly number[];
  readonly qBlocks?: readonly (readonly [number, number, boolean, number])[];
  readonly options?: readonly Option[];
  readonly payload?: Uint8Array;
}

/** An endpoint that knows Q-Block, as a server, and a peer that the test plays. */
export function playedPeer(handler: RequestHandler, qBlock: QBlockEndpointOptions['qBlock'] = {}) {
  const network = new SimulatedNetwork({ seed: 1 });
  const { clock, randomSource: random } = network;
  const { log, logger } = newLog();
  const transport = network.transport(SERVER);
  const server = new QBlockEndpoint({ transport, clock, random, handler, qBlock, logger });
  const seen: string[] = [];
  const messages: DecodedMessage[] = [];
  let nextMessageId = 0;
  const open = (address: string) => {
    const own = network.transport(address, { remote: SERVER });
    own.open({
      datagram: (_, bytes) => {
        seen.push(words(bytes));
        messages.push(decodeMessage(bytes.slice()));
      },
      unreachable: () => undefined,
      closed: () => undefined,
    });
    const send = ({
      type = 1,
      messageId = nextMessageId++,
      code,
      token = [1],
      qBlocks = [],
      options = [],
      payload,
    }: PlayedMessage) => {
      const blocks = qBlocks.map(([number, blockNumber, more, szx]) => ({
        number,
        value: encodeBlock({ blockNumber, more, szx }),
      }));
      const all = { type, code, messageId, token: Uint8Array.from(token) } as const;
      const message = { ...all, type: type as MessageType, options: [...options, ...blocks] };
      own.send(SERVER, encodeMessage({ ...message, payload: payload ?? new Uint8Array(0) }));
    };
    return send;
  };
  return { network, server, seen, messages, log, open, send: open(CLIENT) };
}

/** The options that every block of a request body has. */
export function uploadOptions(tag: number, size: number): Option[] {
  return [encodeUintOption(OptionNumber.RequestTag, tag), encodeUintOption(OptionNumber.Size1, size)];
}
