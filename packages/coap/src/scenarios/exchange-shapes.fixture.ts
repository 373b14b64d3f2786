import type { SimulatedNetwork } from '@motestack/testkit';
import { expect } from 'vitest';
import type { ClientEndpoint } from '../client/client-endpoint.ts';
import type { CoapObservation } from '../client/coap-observation.ts';
import { content, SERVER } from '../coap-endpoint.fixture.ts';
import { CoapError } from '../errors.ts';
import type { CoapAnswer } from '../server/coap-answer.ts';
import type { CoapRequest } from '../server/coap-request.ts';
import { bodyBytes } from './streaming-bodies.fixture.ts';

const REQUEST_BYTES = 3000;
const ANSWER_BYTES = 2500;
const NOTIFICATIONS = 5;
/** As long as one message may take (MAX_TRANSMIT_WAIT), and what may wait before it. */
const MESSAGE_MS = 93_000;

/** Two endpoints of any kind, and what is between them. */
export interface Meeting {
  readonly network: SimulatedNetwork;
  readonly client: ClientEndpoint;
}

/** How one exchange goes, and how many messages at most it takes from its begin to its end. */
interface Shape {
  readonly messagesMax: number;
  readonly run: (made: Meeting, number: number) => Promise<unknown>;
}

/** Each kind of exchange: what came is checked, an error is told by name. */
export const SHAPES: Readonly<Record<string, Shape>> = {
  piggybacked: { messagesMax: 1, run: (made, number) => ask(made, 'now', number) },
  separate: { messagesMax: 2, run: (made, number) => ask(made, 'later', number) },
  'not confirmable': { messagesMax: 2, run: (made, number) => ask(made, 'now', number, { confirmable: false }) },
  Block1: {
    messagesMax: 4,
    run: (made, number) => ask(made, 'now', number, { payload: bodyBytes(number, REQUEST_BYTES) }),
  },
  Block2: { messagesMax: 4, run: (made, number) => ask(made, 'body', number, { method: 'GET' }) },
  'both block directions': {
    messagesMax: 7,
    run: (made, number) => ask(made, 'body', number, { method: 'FETCH', payload: bodyBytes(number, REQUEST_BYTES) }),
  },
  observe: { messagesMax: 3, run: observe },
};

/** What a handler was asked: at most one run for each request that may change something. */
export class ShapeServer {
  readonly runs: Map<string, number> = new Map();
  readonly #network: () => SimulatedNetwork;

  constructor(network: () => SimulatedNetwork) {
    this.#network = network;
  }

  /** Handles one request. */
  readonly handler = (request: CoapRequest): CoapAnswer | Promise<CoapAnswer> => {
    const [kind, name] = request.path;
    const number = Number(name);
    const run = `${request.method} ${kind} ${name} ${request.observe ?? ''}`;
    this.runs.set(run, (this.runs.get(run) ?? 0) + 1);
    if (request.payload.length > 0) expect(request.payload).toEqual(bodyBytes(number, REQUEST_BYTES));
    if (request.observe === 0) this.#notify(request, number);
    if (kind === 'body') return { code: 0x45, payload: bodyBytes(number + 1, ANSWER_BYTES) };
    const answer = content(`answer ${number}`);
    if (kind !== 'later') return answer;
    const { clock } = this.#network();
    return new Promise((resolve) => clock.schedule(clock.now() + 900, () => resolve(answer)));
  };

  #notify(request: CoapRequest, number: number): void {
    const relation = request.acceptObserver();
    const { clock } = this.#network();
    for (let count = 1; count <= NOTIFICATIONS; count++) {
      clock.schedule(clock.now() + 3000 * count, () => relation.notify(content(`answer ${number} ${count}`)));
    }
    // A client that has gone without a word is not observed for ever.
    clock.schedule(clock.now() + 400_000, () => relation.end());
  }
}

type AskInit = Partial<Parameters<ClientEndpoint['request']>[1]>;

async function ask({ client }: Meeting, kind: string, number: number, init: AskInit = {}): Promise<void> {
  const response = await client.request(SERVER, { method: 'POST', path: [kind, String(number)], ...init });
  const expected = kind === 'body' ? bodyBytes(number + 1, ANSWER_BYTES) : content(`answer ${number}`).payload;
  expect(response.payload).toEqual(expected);
}

async function observe({ client, network }: Meeting, number: number): Promise<void> {
  const seen: number[] = [];
  let observation: CoapObservation | undefined;
  const ended = new Promise<void>((resolve) => {
    const note = ({ payload }: { readonly payload: Uint8Array }): void => {
      const [, of, count] = String.fromCharCode(...payload).split(' ');
      expect(of).toBe(String(number));
      seen.push(Number(count ?? 0));
    };
    const callbacks = { onNotification: note, onEnd: () => resolve() };
    client.observe(SERVER, { method: 'GET', path: ['observed', String(number)] }, callbacks).then(
      (made) => {
        observation = made;
        if (!made.established) resolve();
        network.clock.schedule(network.clock.now() + 20_000, () => void made.cancel().then(() => resolve(), resolve));
      },
      () => resolve(),
    );
  });
  await ended;
  expect(seen).toEqual(seen.toSorted((left, right) => left - right));
  expect(new Set(seen).size).toBe(seen.length);
  observation?.forget();
}

/**
 * Runs exchanges of one shape beside each other.
 *
 * @returns how many were answered
 */
export async function runShape(made: Meeting, name: string, count: number): Promise<number> {
  const { run, messagesMax } = SHAPES[name] as Shape;
  let answered = 0;
  const one = async (number: number): Promise<void> => {
    const begun = made.network.clock.now();
    try {
      await run(made, number);
      answered++;
    } catch (error) {
      expect(error).toBeInstanceOf(CoapError);
    }
    expect(made.network.clock.now() - begun).toBeLessThanOrEqual(messagesMax * MESSAGE_MS);
  };
  await made.network.settle(Promise.all(Array.from({ length: count }, (_, number) => one(number))), 36_000_000);
  return answered;
}
