import { encodeUtf8 } from '@motestack/bytes';
import { expect } from 'vitest';
import type { CallerAnswer, CallerObservation, CoapCaller, CoapCase } from './coap-caller.ts';
import { delay } from './eventually.ts';
import { pattern } from './pattern.ts';
import { PLUGTEST_LARGE_BYTES } from './plugtest-block-cases.ts';

const TEXT = 0;
const XML = 41;
const POLLS = 200;
const POLL_MS = 50;
const text = (answer: CallerAnswer): string => Buffer.from(answer.payload).toString();

/** Waits until the server has forgotten all observers, which its `/observers` counts. */
export async function untilForgotten(caller: CoapCaller): Promise<void> {
  for (let poll = 0; poll < POLLS; poll += 1) {
    if (text(await caller.request({ method: 'GET', path: ['observers'] })) === '0') return;
    await delay(POLL_MS);
  }
  throw new Error('there are observers still');
}

async function notified(caller: CoapCaller, resource: string, type: string): Promise<CallerObservation> {
  const observation = await caller.observe({ method: 'GET', path: [resource] });
  expect(observation.first.code).toBe('2.05');
  const numbers: number[] = [];
  while (numbers.length < 3) {
    const notification = await observation.next();
    expect([notification.code, notification.contentFormat]).toEqual(['2.05', TEXT]);
    if (notification.type !== undefined) expect(notification.type).toBe(type);
    numbers.push(Number(text(notification)));
  }
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  return observation;
}

/** Takes notifications until one `holds`; those before were on their way. */
async function nextThat(observation: CallerObservation, holds: (answer: CallerAnswer) => boolean): Promise<void> {
  for (let skipped = 0; skipped < 20; skipped += 1) if (holds(await observation.next())) return;
  throw new Error('the notification did not come');
}

async function endedBy(caller: CoapCaller, end: 'DELETE' | 'PUT', codes: readonly string[]): Promise<void> {
  const observation = await notified(caller, 'obs', 'CON');
  const payload = { payload: encodeUtf8('<x/>'), contentFormat: XML };
  await caller.request({ method: end, path: ['obs'], ...(end === 'PUT' ? payload : {}) });
  await nextThat(observation, ({ code }) => codes.includes(code));
  await untilForgotten(caller);
}

/**
 * TD_COAP_OBS, but for 04, which wants a network that loses a client, and 05, which wants a client that vanishes: they
 * stand where Californium is.
 */
export const plugtestObserveCases: readonly CoapCase[] = [
  {
    name: 'TD_COAP_OBS_01: observe /obs; TD_COAP_OBS_12: ended by Observe 1',
    run: async (caller) => {
      const observation = await notified(caller, 'obs', 'CON');
      await observation.cancel();
      await untilForgotten(caller);
    },
  },
  {
    name: 'TD_COAP_OBS_02: observe /obs-non',
    run: async (caller) => {
      const observation = await notified(caller, 'obs-non', 'NON');
      await observation.cancel();
      await untilForgotten(caller);
    },
  },
  {
    name: 'TD_COAP_OBS_06: ended by a Reset',
    run: async (caller) => {
      const observation = await notified(caller, 'obs', 'CON');
      await observation.forget();
      await untilForgotten(caller);
    },
  },
  { name: 'TD_COAP_OBS_07: the resource is deleted', run: (caller) => endedBy(caller, 'DELETE', ['4.04']) },
  { name: 'TD_COAP_OBS_08: its format changes', run: (caller) => endedBy(caller, 'PUT', ['4.06', '5.00']) },
  {
    name: 'TD_COAP_OBS_09: update of /obs',
    run: async (caller) => {
      const observation = await notified(caller, 'obs', 'CON');
      const payload = encodeUtf8('put');
      await caller.request({ method: 'PUT', path: ['obs'], payload, contentFormat: TEXT });
      await nextThat(observation, (answer) => text(answer) === 'put');
      await observation.cancel();
      await untilForgotten(caller);
    },
  },
  {
    name: 'TD_COAP_OBS_10: a GET beside it does not end it',
    run: async (caller) => {
      const observation = await notified(caller, 'obs-non', 'NON');
      expect((await caller.request({ method: 'GET', path: ['obs-non'] })).observe).toBeUndefined();
      await observation.next();
      await observation.next();
      await observation.cancel();
      await untilForgotten(caller);
    },
  },
  {
    name: 'TD_COAP_OBS_11: notifications of several blocks, /obs-large',
    run: async (caller) => {
      const observation = await caller.observe({ method: 'GET', path: ['obs-large'] });
      for (const answer of [observation.first, await observation.next(), await observation.next()]) {
        const [seed = 0] = answer.payload;
        expect(Buffer.from(answer.payload)).toEqual(Buffer.from(pattern(PLUGTEST_LARGE_BYTES, seed)));
      }
      await observation.cancel();
      await untilForgotten(caller);
    },
  },
];
