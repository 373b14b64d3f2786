import { SimulatedNetwork } from '@motestack/testkit';
import { bytes, SERVER } from '../coap-endpoint.fixture.ts';
import { CoapEndpoint } from '../coap-endpoint.ts';
import type { EndpointStats } from '../endpoint/endpoint-stats.ts';
import { AmplificationLimit } from '../freshness/amplification-limit.ts';
import { EchoValues } from '../freshness/echo-values.ts';
import { weakMac } from '../freshness/mac.fixture.ts';
import { echoPreemptively } from '../manners/echo-preemptively.ts';
import { obeyTooManyRequests } from '../manners/obey-too-many-requests.ts';
import type { DatagramReceiver } from '../platform/transport.ts';
import type { CoapRequest } from '../server/coap-request.ts';
import { interceptDatagrams } from '../trace/intercept-datagrams.ts';
import {
  decodeMessage,
  EMPTY_CODE,
  encodeBlock,
  encodeMessage,
  encodeUintOption,
  isRequestCode,
  type Message,
  MessageType,
  Method,
  OptionNumber,
} from '../wire/index.ts';

const { Confirmable, NonConfirmable, Acknowledgement, Reset } = MessageType;
const NOTHING = new Uint8Array(0);
const path = (segment: string) => ({ number: OptionNumber.UriPath, value: bytes(segment) });
const observe = { number: OptionNumber.Observe, value: NOTHING };
const firstBlock = { number: OptionNumber.Block1, value: encodeBlock({ blockNumber: 0, more: true, szx: 6 }) };
const earlyBlock = { number: OptionNumber.Block2, value: encodeBlock({ blockNumber: 0, more: false, szx: 2 }) };

/** What peers send of themselves. */
const incoming: readonly Partial<Message>[] = [
  { code: Method.Get, options: [path('now')] },
  { code: Method.Get, type: NonConfirmable, options: [path('now')] },
  { code: Method.Post, options: [path('later')] },
  { code: Method.Post, type: NonConfirmable, options: [path('later')] },
  { code: Method.Get, options: [observe, path('now')] },
  { code: Method.Get, options: [observe, path('later')] },
  { code: Method.Put, options: [path('part'), firstBlock], payload: new Uint8Array(1024) },
  { code: Method.Put, options: [path('stream'), firstBlock], payload: new Uint8Array(1024) },
  { code: Method.Get, options: [path('drip')] },
  { code: Method.Get, options: [path('large')] },
  { code: Method.Fetch, options: [path('large'), earlyBlock], payload: Uint8Array.of(1) },
  { code: Method.Get, options: [{ number: 65_001, value: NOTHING }] },
  { code: EMPTY_CODE },
  { code: 0x45, token: Uint8Array.of(9) },
  { code: 0x45, type: NonConfirmable, token: Uint8Array.of(9), options: [observe] },
  { code: 0xe1 },
];

/** Everything that an endpoint may hold for a peer, for very many peers. */
export class Crowd {
  readonly network: SimulatedNetwork = new SimulatedNetwork({ seed: 5 });
  readonly amplificationLimit: AmplificationLimit = new AmplificationLimit({ mac: weakMac, verifiedForMs: 60_000 });
  readonly endpoint: CoapEndpoint;
  readonly #echo = new EchoValues({ mac: weakMac });
  readonly #client: ReturnType<typeof obeyTooManyRequests>;
  readonly #outgoing: readonly ((peer: string) => Promise<unknown>)[];
  #receiver: DatagramReceiver | undefined;

  constructor() {
    const { clock, randomSource: random } = this.network;
    const transport = {
      localUrl: `coap://${SERVER}`,
      remote: undefined,
      open: (receiver: DatagramReceiver) => {
        this.#receiver = receiver;
      },
      send: (peer: string, datagram: Uint8Array) => this.#answer(peer, decodeMessage(datagram.slice())),
      close: async () => undefined,
    };
    this.endpoint = new CoapEndpoint({
      transport: interceptDatagrams(transport, [{}], clock),
      clock,
      random,
      amplificationLimit: this.amplificationLimit,
      handler: (request) => this.#handle(request),
      streamRequestBody: ({ path: [name] }) => name === 'stream',
    });
    this.#client = echoPreemptively(obeyTooManyRequests(this.endpoint, { clock }), { clock });
    const callbacks = { onNotification: () => undefined, onEnd: () => undefined };
    this.#outgoing = [
      (peer) => this.#client.request(peer, { method: 'GET' }),
      (peer) => this.#client.request(peer, { method: 'GET', confirmable: false }),
      (peer) => this.#client.request(peer, { method: 'PUT', payload: new Uint8Array(3000) }),
      (peer) => this.endpoint.tell(peer, { method: 'POST' }, { unwanted: [2] }),
      (peer) => this.#client.ping(peer),
      (peer) =>
        this.#client
          .observe(peer, { method: 'GET' }, callbacks)
          .then(({ forget }) => void clock.schedule(clock.now() + 30_000, forget)),
    ];
  }

  /**
   * Lets these peers come, and time pass until nothing can be wanted of them any more.
   *
   * @returns what the endpoint held meanwhile
   */
  async visit(from: number, to: number): Promise<EndpointStats> {
    const { network } = this;
    const asked: Promise<unknown>[] = [];
    for (let index = from; index < to; index++) {
      asked.push(this.#meet(index));
      if (index % 50 === 0) await network.run(network.clock.now() + 1000);
    }
    const during = this.endpoint.stats();
    await network.settle(Promise.all(asked), 3_600_000);
    await network.run(network.clock.now() + 7_200_000);
    return during;
  }

  /** Lets peer number `index` do one thing, and one be done to it. */
  #meet(index: number): Promise<unknown> {
    const peer = `10.${index >>> 16}.${(index >>> 8) & 255}.${index & 255}:5683`;
    const sent = incoming[index % incoming.length];
    const isVerified = index % 5 > 0;
    const echo = { number: OptionNumber.Echo, value: this.#echo.issue(peer, this.network.clock.now()) };
    const { options = [], ...rest } = sent ?? {};
    this.#deliver(peer, { ...rest, options: isVerified && rest.code !== EMPTY_CODE ? [...options, echo] : options });
    const asked = this.#outgoing[Math.floor(index / 7) % this.#outgoing.length];
    return asked?.(peer).catch(() => undefined) ?? Promise.resolve();
  }

  #handle(request: CoapRequest) {
    const [name] = request.path;
    const relation = request.observe === 0 ? request.acceptObserver() : undefined;
    if (name === 'stream') return whole(request.body);
    if (name === 'drip') return { code: 0x45, payload: drops() };
    const payload = new Uint8Array(name === 'large' ? 5000 : 5);
    const { clock } = this.network;
    // Who acknowledges what he is told goes on observing.
    if (relation !== undefined) clock.schedule(clock.now() + 600_000, () => relation.end());
    relation?.notify({ code: 0x45, payload });
    if (name !== 'later') return { code: 0x45, payload };
    return new Promise<{ code: number }>((resolve) => {
      clock.schedule(clock.now() + 5000, () => resolve({ code: relation === undefined ? 0x45 : 0x84 }));
    });
  }

  /** Some peers are silent, some refuse, some answer at once and some later. */
  #answer(peer: string, { type, code, messageId, token, options }: Message): void {
    const manner = Number(/\.(\d+):/.exec(peer)?.[1]) % 5;
    if (manner === 0 || (type !== Confirmable && !isRequestCode(code))) return;
    if (manner === 1) this.#deliver(peer, { type: Reset, code: EMPTY_CODE, messageId });
    else if (!isRequestCode(code)) this.#deliver(peer, { type: Acknowledgement, code: EMPTY_CODE, messageId });
    else {
      const isObserved = options.some(({ number }) => number === OptionNumber.Observe);
      const wait = encodeUintOption(OptionNumber.MaxAge, 20);
      const answer = { token, code: manner === 2 ? 0x9d : 0x45, options: isObserved ? [observe, wait] : [wait] };
      if (manner === 3) this.#deliver(peer, { type: NonConfirmable, messageId: messageId ^ 1, ...answer });
      else if (type === Confirmable) this.#deliver(peer, { type: Acknowledgement, messageId, ...answer });
    }
  }

  #deliver(peer: string, message: Partial<Message>): void {
    const whole = { type: Confirmable, code: 1, messageId: 7, token: NOTHING, options: [], payload: NOTHING };
    const datagram = encodeMessage({ ...whole, ...message });
    const { clock } = this.network;
    clock.schedule(clock.now() + 5, () => this.#receiver?.datagram(peer, datagram));
  }
}

async function whole(body: AsyncIterable<Uint8Array>) {
  let length = 0;
  for await (const chunk of body) length += chunk.length;
  return { code: 0x44, payload: Uint8Array.of(length & 0xff) };
}

async function* drops() {
  for (let count = 0; count < 5; count++) yield new Uint8Array(1000);
}
