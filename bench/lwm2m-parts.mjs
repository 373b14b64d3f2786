// Many devices in this process, at an LwM2M server, over a transport that is a function call.
import { nodeRandom } from '@motestack/coap/node';
import { decodeMessage, encodeMessage, Method, OptionNumber, ResponseCode } from '@motestack/coap/wire';

/** Time that passes when it is told to; `schedule` keeps what is to be called in a sorted list. */
export class ManualClock {
  #now = 0;
  #timers = [];

  now() {
    return this.#now;
  }

  epochMs() {
    return 1_800_000_000_000 + this.#now;
  }

  schedule(at, act) {
    const timer = { at, act };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Passes time, and calls what is due, one turn of the loop for each; `called` is told how long each took. */
  async pass(ms, called = () => {}) {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#timers.reduce((first, timer) => (timer.at < first.at ? timer : first), { at: Infinity });
      if (next.at > end) break;
      this.#now = Math.max(this.#now, next.at);
      this.#timers = this.#timers.filter((timer) => timer !== next);
      const before = performance.now();
      next.act();
      await new Promise((resolve) => setImmediate(resolve));
      called(performance.now() - before);
    }
    this.#now = end;
  }
}

export const random = nodeRandom;

const encoder = new TextEncoder();
const option = (number, text) => ({ number, value: typeof text === 'string' ? encoder.encode(text) : text });

/** Twelve objects, as devices list them; with a seed every device has others. */
export function links(seed) {
  const base = seed === undefined ? 3300 : 10_000 + (seed % 20_000);
  const ids = Array.from({ length: 9 }, (_, index) => `</${base + index * 7}/${seed === undefined ? 0 : seed % 9}>`);
  return `</>;rt="oma.lwm2m";ct="110 112",</1/0>,</3/0>,</4/0>,${ids.join(',')}`;
}

/** Answers for all devices: what observes gets a value, and its token is kept. */
export class DeviceCrowd {
  localUrl = 'coap://127.0.0.1:5683';
  remote = undefined;
  observers = [];
  locations = new Map();
  /** What whoever observes gets first. */
  answer = { contentFormat: 0, payload: encoder.encode('21') };
  #receiver;
  #messageId = 0;
  #isKeeping = true;

  constructor({ keepsTokens = true } = {}) {
    this.#isKeeping = keepsTokens;
  }

  open(receiver) {
    this.#receiver = receiver;
  }

  send(peer, bytes) {
    const message = decodeMessage(bytes.slice());
    if (message.code === ResponseCode.Created) {
      const segments = message.options.filter(({ number }) => number === OptionNumber.LocationPath);
      if (this.#isKeeping) this.locations.set(peer, Buffer.from(segments[1].value).toString());
      return;
    }
    if (message.code !== Method.Get) return;
    const token = message.token.slice();
    if (this.#isKeeping) this.observers.push({ peer, token });
    const { contentFormat, payload } = this.answer;
    const answer = { type: 2, code: ResponseCode.Content, messageId: message.messageId, token };
    const options = [
      option(OptionNumber.Observe, Uint8Array.of(1)),
      option(OptionNumber.ContentFormat, Uint8Array.of(contentFormat)),
    ];
    this.#later(peer, encodeMessage({ ...answer, options, payload }));
  }

  async close() {
    this.#receiver?.closed();
  }

  register(peer, endpoint, { lifetime = 86_400, list = links() } = {}) {
    const query = [`ep=${endpoint}`, `lt=${lifetime}`, 'lwm2m=1.1', 'b=U'];
    const options = [
      option(OptionNumber.UriPath, 'rd'),
      option(OptionNumber.ContentFormat, Uint8Array.of(40)),
      ...query.map((text) => option(OptionNumber.UriQuery, text)),
    ];
    this.#request(peer, options, typeof list === 'string' ? encoder.encode(list) : list);
  }

  update(peer) {
    const location = this.locations.get(peer);
    this.#request(
      peer,
      [option(OptionNumber.UriPath, 'rd'), option(OptionNumber.UriPath, location)],
      new Uint8Array(0),
    );
  }

  notify({ peer, token }, sequence, payload, contentFormat) {
    const messageId = this.#messageId++ & 0xffff;
    const options = [
      option(OptionNumber.Observe, Uint8Array.of(sequence >>> 16, sequence >>> 8, sequence)),
      option(OptionNumber.ContentFormat, Uint8Array.of(contentFormat)),
    ];
    const message = { type: 1, code: ResponseCode.Content, messageId, token, options, payload };
    this.#receiver.datagram(peer, encodeMessage(message));
  }

  #request(peer, options, payload) {
    const messageId = this.#messageId++ & 0xffff;
    const token = Uint8Array.of(messageId >>> 8, messageId);
    this.#receiver.datagram(peer, encodeMessage({ type: 0, code: Method.Post, messageId, token, options, payload }));
  }

  #later(peer, bytes) {
    queueMicrotask(() => this.#receiver.datagram(peer, bytes));
  }
}

export const turn = () => new Promise((resolve) => setImmediate(resolve));

export async function collectGarbage() {
  for (let round = 0; round < 4; round++) {
    globalThis.gc();
    await turn();
  }
}
