import { SimulatedNetwork, seededRandom } from '@motestack/testkit';
import { expect, test } from 'vitest';
import { NO_STATE, stateLeft } from '../coap-endpoint.fixture.ts';
import { CoapStreamEndpoint } from '../coap-stream-endpoint.ts';
import type { StreamReceiver } from '../platform/stream-transport.ts';
import type { CoapRequest } from '../server/coap-request.ts';
import type { ObserverRelation } from '../server/observer-relation.ts';
import { decodeFrame, encodeFrame, type Option, OptionNumber } from '../wire/index.ts';

/** Repeat a run: its seed is in the title. */
const SEED = 20_261_122;
const CHUNKS = 2_000_000;
/** So many come between two looks at the clock. */
const BATCH = 500;
const PEERS = 30;
/** Longer than anything is remembered. */
const FORGOTTEN_MS = 3_600_000;
const SENT_KEPT = 16;

/** A server's transport whose peers connect, talk and vanish as a test wants. */
class FuzzStreams {
  readonly framing = 'length';
  readonly localUrl = 'coap+tcp://10.0.0.1:5683';
  readonly remote = undefined;
  readonly connected = new Set<string>();
  readonly sent: { readonly peer: string; readonly bytes: Uint8Array }[] = [];
  receiver: StreamReceiver | undefined;
  #count = 0;

  open(receiver: StreamReceiver): void {
    this.receiver = receiver;
  }

  send(peer: string, bytes: Uint8Array): void {
    this.sent[this.#count++ % SENT_KEPT] = { peer, bytes: bytes.slice() };
  }

  disconnect(peer: string): void {
    this.connected.delete(peer);
  }

  welcome(peer: string): void {
    this.connected.add(peer);
    this.receiver?.connected(peer);
  }

  vanish(peer: string): void {
    this.connected.delete(peer);
    this.receiver?.disconnected(peer, new Error('gone'));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const uint = (number: number, value: number): Option => ({ number, value: Uint8Array.of(value) });

/** Frames of every kind: requests, answers to what was sent, signals. */
function frameOf(sent: Uint8Array | undefined, random: () => number): Uint8Array {
  const below = (limit: number) => Math.floor(random() * limit);
  const kind = random();
  if (kind < 0.1) {
    const options =
      random() < 0.5 ? [] : [{ number: [2, 4, 6, 9][below(4)] as number, value: new Uint8Array(below(3)) }];
    // Abort ends a connection: seldom.
    const code = [0xe1, 0xe1, 0xe2, 0xe2, 0xe3, 0xe4, random() < 0.2 ? 0xe5 : 0xe2][below(7)] as number;
    return encodeFrame({ code, token: Uint8Array.of(below(4)), options, payload: new Uint8Array(0) });
  }
  const options: Option[] = [];
  const token = kind < 0.4 && sent !== undefined ? (decodeFrame(sent)?.message.token ?? new Uint8Array(0)) : undefined;
  if (token === undefined) options.push({ number: OptionNumber.UriPath, value: Uint8Array.of(97 + below(3)) });
  if (random() < 0.3) options.push(uint(OptionNumber.Observe, below(3)));
  if (random() < 0.3) options.push(uint(OptionNumber.Block1, (below(16) << 4) | below(16)));
  if (random() < 0.3) options.push(uint(OptionNumber.Block2, (below(16) << 4) | below(16)));
  options.sort((left, right) => left.number - right.number);
  const code = token === undefined ? 1 + below(7) : ([0x45, 0x44, 0x5f, 0x84, 0x88, 0x8d][below(6)] as number);
  const payload = new Uint8Array([0, 16, 32, 1024, 2048][below(5)] as number);
  return encodeFrame({ code, token: token ?? Uint8Array.of(below(16)), options, payload });
}

/** Mostly whole, sometimes cut or with other bytes in it. */
function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  const below = (limit: number) => Math.floor(random() * limit);
  if (random() < 0.85) return bytes;
  const mutated = random() < 0.5 ? bytes.slice(0, below(bytes.length + 1)) : bytes.slice();
  for (let flips = below(3); flips > 0 && mutated.length > 0; flips--) mutated[below(mutated.length)] = below(256);
  return mutated;
}

/** Answers at once, later, in several blocks, as an observation, with a body that it reads, or by throwing. */
function handlerOver(network: SimulatedNetwork) {
  let observer: ObserverRelation | undefined;
  return async (request: CoapRequest) => {
    observer?.notify({ code: 0x45, payload: new Uint8Array(network.random() < 0.5 ? 4 : 5000) });
    if (request.observe === 0 && network.random() < 0.5) observer = request.acceptObserver();
    const [name] = request.path;
    if (name === 'b') throw new Error('a handler that fails');
    if (name === 'c') await new Promise<void>((resolve) => network.clock.schedule(network.clock.now() + 700, resolve));
    for await (const chunk of request.body) if (chunk.length === 0) break;
    return { code: 0x45, payload: new Uint8Array([0, 5, 90_000][Math.floor(network.random() * 3)] as number) };
  };
}

/**
 * One peer says something, and may be asked something first; one that is not connected connects.
 *
 * @returns `false`: it connected
 */
function speak(transport: FuzzStreams, random: () => number, ask: (peer: string) => void): boolean {
  const last = transport.sent[Math.floor(random() * transport.sent.length)];
  const peer = last !== undefined && random() < 0.4 ? last.peer : `10.0.1.${Math.floor(random() * PEERS)}:5683`;
  if (!transport.connected.has(peer)) {
    transport.welcome(peer);
    if (random() < 0.9)
      transport.receiver?.bytes(
        peer,
        frameOf(undefined, () => 0.05),
      );
    return false;
  }
  if (random() < 0.01) ask(peer);
  transport.receiver?.bytes(peer, mutate(frameOf(last?.peer === peer ? last.bytes : undefined, random), random));
  if (random() < 0.0005) transport.vanish(peer);
  return true;
}

test(`${CHUNKS} mutated chunks through a whole endpoint: nothing is thrown, and nothing is left (seed ${SEED})`, async () => {
  const random = seededRandom(SEED, 2);
  const network = new SimulatedNetwork({ seed: SEED });
  const { clock, randomSource } = network;
  const transport = new FuzzStreams();
  const endpoint = new CoapStreamEndpoint({
    transport,
    clock,
    random: randomSource,
    handler: handlerOver(network),
    streamRequestBody: ({ path }) => path[0] === 'a',
  });
  const outcomes = { answered: 0, failed: 0, connections: 0 };
  const ask = (peer: string): void => {
    const payload = new Uint8Array([0, 0, 100_000][Math.floor(random() * 3)] as number);
    const init = { method: payload.length > 0 ? 'PUT' : 'GET', path: ['x'], payload } as const;
    const callbacks = { onNotification: () => {}, onEnd: () => {} };
    const asked = random() < 0.3 ? endpoint.observe(peer, init, callbacks) : endpoint.request(peer, init);
    asked.then(
      () => (outcomes.answered += 1),
      () => (outcomes.failed += 1),
    );
  };
  for (let count = 0; count < CHUNKS; count += BATCH) {
    for (let index = 0; index < BATCH; index++) outcomes.connections += speak(transport, random, ask) ? 0 : 1;
    await network.run(clock.now() + Math.floor(random() * 3000));
  }
  for (const peer of [...transport.connected]) transport.vanish(peer);
  await network.run(clock.now() + FORGOTTEN_MS);
  const stats = endpoint.stats();
  expect(stateLeft(stats)).toEqual(NO_STATE);
  expect([stats.connections, stats.partialBytes]).toEqual([0, 0]);
  // All of it happens often, or the run would prove nothing.
  expect(outcomes.answered).toBeGreaterThan(CHUNKS / 10_000);
  expect(outcomes.failed).toBeGreaterThan(CHUNKS / 10_000);
  expect(outcomes.connections).toBeGreaterThan(CHUNKS / 1000);
  expect(stats.requestsIn).toBeGreaterThan(CHUNKS / 100);
  await endpoint.close();
  expect(network.pendingTimers).toBe(0);
}, 900_000);
