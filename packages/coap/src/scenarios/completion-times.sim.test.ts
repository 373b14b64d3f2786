import { expect, test } from 'vitest';
import { content, NO_STATE, type Pair, pair, SERVER, stateLeft } from '../coap-endpoint.fixture.ts';
import { CoapError } from '../errors.ts';
import type { CoapAnswer } from '../server/coap-answer.ts';
import type { CoapRequest } from '../server/coap-request.ts';

const LOSSES = [0, 0.1, 0.2, 0.3, 0.4, 0.5];
const LINK = { delayMs: [20, 60] as const, duplication: 0.1, reordering: 0.1 };
const COUNT = 25;
const BODY = new Uint8Array(5000).fill(0x61);
/** EXCHANGE_LIFETIME and the longest that a body takes, so that nothing is remembered any more. */
const FORGOTTEN_MS = 700_000;

type Exchange = (made: Pair) => Promise<unknown>;

/** How long each kind of exchange takes, whoever asks whom. */
const EXCHANGES: Readonly<Record<string, Exchange>> = {
  piggybacked: ({ client }) => client.request(SERVER, { method: 'GET', path: ['now'] }),
  separate: ({ client }) => client.request(SERVER, { method: 'GET', path: ['later'] }),
  'not confirmable': ({ client }) => client.request(SERVER, { method: 'GET', path: ['now'], confirmable: false }),
  'Block1, 5000 bytes': ({ client }) => client.request(SERVER, { method: 'PUT', path: ['now'], payload: BODY }),
  'Block2, 5000 bytes': ({ client }) => client.request(SERVER, { method: 'GET', path: ['body'] }),
  'observe and cancel': async ({ client }) => {
    const callbacks = { onNotification: () => {}, onEnd: () => {} };
    const observation = await client.observe(SERVER, { method: 'GET', path: ['observed'] }, callbacks);
    await observation.cancel();
  },
};

/** Answers at once, after two seconds, or with a body. */
function handler(made: () => Pair): (request: CoapRequest) => CoapAnswer | Promise<CoapAnswer> {
  return (request) => {
    if (request.path[0] === 'body') return { code: 0x45, payload: BODY };
    if (request.observe === 0) request.acceptObserver();
    if (request.path[0] !== 'later') return content('x');
    const { clock } = made().network;
    return new Promise((resolve) => {
      clock.schedule(clock.now() + 2000, () => resolve(content('x')));
    });
  };
}

const seconds = (milliseconds: number | undefined): string =>
  milliseconds === undefined ? '-' : (milliseconds / 1000).toFixed(2);

/** Median and longest of those that were answered, and how many ended in an error by name. */
async function row(name: string, loss: number): Promise<string> {
  const made: Pair = pair(
    handler(() => made),
    { seed: 4 + Math.round(100 * loss), loss, ...LINK },
  );
  const times: number[] = [];
  let failed = 0;
  for (let index = 0; index < COUNT; index++) {
    const begun = made.network.clock.now();
    const ended = (EXCHANGES[name] as Exchange)(made).then(
      () => times.push(made.network.clock.now() - begun),
      (error: unknown) => {
        expect(error).toBeInstanceOf(CoapError);
        failed++;
      },
    );
    await made.network.settle(ended, FORGOTTEN_MS);
  }
  await made.network.run(made.network.clock.now() + FORGOTTEN_MS);
  const { observers, observations, ...left } = stateLeft(made.server.stats());
  expect({ ...left, ...stateLeft(made.client.stats()), observers: 0, observations: 0 }).toEqual(NO_STATE);
  // A cancellation that came to nothing leaves an observer behind, until the next notification.
  expect(Math.max(observers ?? 0, observations ?? 0)).toBeLessThanOrEqual(failed);
  times.sort((left_, right) => left_ - right);
  const cells = [name, loss, seconds(times[times.length >>> 1]), seconds(times.at(-1)), failed];
  return `| ${cells.join(' | ')} |`;
}

test('how long exchanges take over links that lose, in seconds of virtual time', async () => {
  const rows = ['| exchange | loss | median | longest | failed of 25 |', '| --- | --- | --- | --- | --- |'];
  for (const name of Object.keys(EXCHANGES)) for (const loss of LOSSES) rows.push(await row(name, loss));
  await expect(`${rows.join('\n')}\n`).toMatchFileSnapshot('../../completion-times.md');
});
