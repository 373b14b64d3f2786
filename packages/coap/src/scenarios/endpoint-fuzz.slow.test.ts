import { fromHex } from '@motestack/bytes';
import { SimulatedNetwork, seededRandom, vectors } from '@motestack/testkit';
import { expect, test } from 'vitest';
import { NO_STATE, stateLeft } from '../coap-endpoint.fixture.ts';
import { CoapEndpoint } from '../coap-endpoint.ts';
import type { DatagramReceiver, DatagramTransport } from '../platform/transport.ts';
import type { CoapRequest } from '../server/coap-request.ts';
import type { ObserverRelation } from '../server/observer-relation.ts';
import { encodeMessage, MessageType, type Option, OptionNumber } from '../wire/index.ts';

/** Repeat a run: its seed is in the title. */
const SEED = 20_261_122;
const DATAGRAMS = 8_000_000;
/** So many come between two looks at the clock. */
const BATCH = 2_000;
const PEERS = 40;
/** Longer than anything is remembered: handlers, bodies, EXCHANGE_LIFETIME. */
const FORGOTTEN_MS = 3_600_000;
const SENT_KEPT = 16;

interface Sent {
  readonly peer: string;
  readonly bytes: Uint8Array;
}

/** The newest few. */
class Ring {
  readonly #items: Sent[] = [];
  #count = 0;

  add(item: Sent): void {
    this.#items[this.#count++ % SENT_KEPT] = item;
  }

  at(place: number): Sent | undefined {
    return this.#items[Math.floor(place * this.#items.length)];
  }
}

/** Keeps what the endpoint sent last, so that answers to it can be made up. */
class FuzzTransport implements DatagramTransport {
  readonly localUrl = 'coap://10.0.0.1:5683';
  readonly remote = undefined;
  /** Requests in one ring, all else in another, which is filled much faster. */
  readonly requests = new Ring();
  readonly others = new Ring();
  receiver: DatagramReceiver | undefined;

  open(receiver: DatagramReceiver): void {
    this.receiver = receiver;
  }

  send(peer: string, bytes: Uint8Array): void {
    const code = bytes[1] ?? 0;
    const ring = code > 0 && code < 8 ? this.requests : this.others;
    ring.add({ peer, bytes: bytes.slice() });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const uint = (number: number, value: number): Option => ({ number, value: Uint8Array.of(value) });
const text = (number: number, value: string): Option => ({
  number,
  value: Uint8Array.from(value, (character) => character.charCodeAt(0)),
});

/** Requests of every shape that an endpoint knows. */
function requests(random: () => number): Uint8Array {
  const below = (limit: number) => Math.floor(random() * limit);
  const options: Option[] = [text(OptionNumber.UriPath, 'abc'[below(3)] as string)];
  if (random() < 0.3) options.push(uint(OptionNumber.Observe, below(3)));
  if (random() < 0.4) options.push(uint(OptionNumber.Block1, (below(16) << 4) | below(16)));
  if (random() < 0.3) options.push(uint(OptionNumber.Block2, (below(16) << 4) | below(8)));
  if (random() < 0.1) options.push(uint(OptionNumber.RequestTag, below(4)), uint(OptionNumber.Size1, below(256)));
  if (random() < 0.1) options.push(uint([1, 4, 5, 16, 17, 252, 258, 2053][below(8)] as number, below(256)));
  return encodeMessage({
    type: random() < 0.7 ? MessageType.Confirmable : MessageType.NonConfirmable,
    code: 1 + below(7),
    messageId: below(65_536),
    token: Uint8Array.of(below(16), below(4)),
    options,
    payload: new Uint8Array([0, 16, 16, 32, 64, 1024][below(6)] as number),
  });
}

/** What a peer might say to a message of the endpoint: Acknowledgements, Resets, responses, blocks, notifications. */
function answers(sent: Uint8Array, random: () => number): Uint8Array {
  const below = (limit: number) => Math.floor(random() * limit);
  const messageId = ((sent[2] ?? 0) << 8) | (sent[3] ?? 0);
  const token = sent.slice(4, 4 + ((sent[0] ?? 0) & 15));
  const { Acknowledgement, Confirmable, NonConfirmable, Reset } = MessageType;
  const types = [Acknowledgement, Acknowledgement, Acknowledgement, NonConfirmable, NonConfirmable, Confirmable, Reset];
  const type = types[below(types.length)] ?? Reset;
  const isEmpty = type === MessageType.Reset || random() < 0.2;
  if (isEmpty) {
    return encodeMessage({
      type,
      code: 0,
      messageId,
      token: new Uint8Array(0),
      options: [],
      payload: new Uint8Array(0),
    });
  }
  const options: Option[] = [];
  if (random() < 0.4) options.push(uint(OptionNumber.Observe, below(256)));
  if (random() < 0.4) options.push(uint(OptionNumber.Block2, (below(8) << 4) | below(16)));
  if (random() < 0.3) options.push(uint(OptionNumber.Block1, (below(8) << 4) | below(16)));
  if (random() < 0.2) options.push(uint(OptionNumber.ETag, below(3)));
  const code = [0x45, 0x45, 0x45, 0x45, 0x44, 0x5f, 0x43, 0x84, 0x88, 0x8d, 0xa3][below(11)] as number;
  const payload = new Uint8Array([0, 16, 32, 512, 1024][below(5)] as number);
  return encodeMessage({ type, code, messageId, token, options, payload });
}

function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const below = (limit: number) => Math.floor(random() * limit);
  if (random() < 0.4) return bytes;
  let mutated = bytes.slice();
  if (random() < 0.2) mutated = mutated.subarray(0, below(mutated.length + 1));
  for (let flips = below(3); flips > 0 && mutated.length > 0; flips--) mutated[below(mutated.length)] = below(256);
  return mutated;
}

/** Answers at once, later, in several blocks, as an observation that is notified sometime, or by throwing. */
function handler(network: SimulatedNetwork) {
  let observer: ObserverRelation | undefined;
  return (request: CoapRequest) => {
    observer?.notify({ code: 0x45, payload: new Uint8Array(network.random() < 0.5 ? 4 : 1500) });
    if (request.observe === 0 && network.random() < 0.5) observer = request.acceptObserver();
    const payload = new Uint8Array([0, 5, 3000][Math.floor(network.random() * 3)] as number);
    const answer = { code: 0x45, payload };
    if (request.path[0] === 'b') throw new Error('a handler that fails');
    if (request.path[0] !== 'c') return answer;
    return new Promise<typeof answer>((resolve) => {
      network.clock.schedule(network.clock.now() + 700, () => resolve(answer));
    });
  };
}

test(`${DATAGRAMS} mutated and random datagrams: nothing is thrown, and nothing is left (seed ${SEED})`, async () => {
  const random = seededRandom(SEED, 0);
  const network = new SimulatedNetwork({ seed: SEED });
  const { clock, randomSource } = network;
  const transport = new FuzzTransport();
  // What waits for its turn behind one that nobody acknowledges would mostly wait in vain.
  const parameters = { nstart: 16 };
  const endpoint = new CoapEndpoint({ transport, clock, random: randomSource, handler: handler(network), parameters });
  const known = vectors<{ readonly vectors: readonly { readonly hex?: string }[] }>('coap-messages');
  const seeds = known.vectors.flatMap(({ hex }) => (hex === undefined ? [] : [fromHex(hex)]));
  const peer = (): string => `10.0.1.${Math.floor(random() * PEERS)}:5683`;
  const outcomes = { answered: 0, failed: 0 };
  const ask = (): void => {
    const payload = new Uint8Array([0, 0, 2500][Math.floor(random() * 3)] as number);
    const init = { method: payload.length > 0 ? 'PUT' : 'GET', path: ['x'], payload } as const;
    const callbacks = { onNotification: () => {}, onEnd: () => {} };
    const asked = random() < 0.3 ? endpoint.observe(peer(), init, callbacks) : endpoint.request(peer(), init);
    asked.then(
      () => (outcomes.answered += 1),
      () => (outcomes.failed += 1),
    );
  };
  const next = (): { readonly from: string; readonly bytes: Uint8Array } => {
    const kind = random();
    const sent = (random() < 0.5 ? transport.requests : transport.others).at(random());
    if (kind < 0.45 && sent !== undefined)
      return { from: sent.peer, bytes: mutate(answers(sent.bytes, random), random) };
    if (kind < 0.85) return { from: peer(), bytes: mutate(requests(random), random) };
    const seed = seeds[Math.floor(random() * seeds.length)] ?? new Uint8Array(4);
    return { from: peer(), bytes: mutate(seed, random) };
  };
  for (let count = 0; count < DATAGRAMS; count += BATCH) {
    for (let index = 0; index < BATCH; index++) {
      if (index % 100 === 0) ask();
      const { from, bytes } = next();
      transport.receiver?.datagram(from, bytes);
    }
    await network.run(clock.now() + Math.floor(random() * 20_000));
  }
  await network.run(clock.now() + FORGOTTEN_MS);
  const { observations, observers, ...left } = stateLeft(endpoint.stats());
  // An observation ends by what its two ends say, not by time.
  expect(left).toEqual(Object.fromEntries(Object.entries(NO_STATE).filter(([name]) => name in left)));
  expect(observations).toBeLessThanOrEqual(outcomes.answered);
  expect(observers).toBeLessThanOrEqual(100_000);
  // Both happen often, or the run would prove nothing.
  expect(outcomes.answered).toBeGreaterThan(DATAGRAMS / 2000);
  expect(outcomes.failed).toBeGreaterThan(DATAGRAMS / 2000);
  await endpoint.close();
  expect(network.pendingTimers).toBe(0);
}, 900_000);
