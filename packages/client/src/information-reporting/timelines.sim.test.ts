import { Temperature } from '@motestack/objects';
import { vectors } from '@motestack/testkit';
import { expect, test } from 'vitest';
import { Scene } from '../scripted-server.fixture.ts';
import { attach, pass, watch } from '../watch.fixture.ts';

interface Timeline {
  readonly id: string;
  readonly title: string;
  readonly attributes: Readonly<Record<string, number>>;
  readonly initial: number;
  /** Seconds after the answer to the Observe, and the value from then on. */
  readonly events: readonly (readonly [number, number])[];
  readonly until: number;
  readonly notifications: readonly (readonly [number, number])[];
}

const { timelines } = vectors('notify') as { readonly timelines: readonly Timeline[] };

test('there are timelines', () => expect(timelines.length).toBeGreaterThan(5));

test.each(timelines)('$id: $title', async ({ attributes, initial, events, until, notifications }) => {
  const scene = new Scene();
  const client = await scene.registered({ objects: [Temperature.instance({ sensorValue: initial })] });
  const query = Object.entries(attributes).map(([name, value]) => `${name}=${value}`);
  if (query.length > 0) await attach(scene, '/3303/0/5700', ...query);
  const { lines } = await watch(scene, '/3303/0/5700');
  let at = 0;
  for (const [second, value] of events) {
    await pass(scene, second - at);
    at = second;
    client.set(Temperature.sensorValue, value);
  }
  await pass(scene, until - at);
  const told = lines.map((line) => line.split(' s: ').map(Number));
  // The clock of the server runs 10 ms, the way of one message, behind.
  expect(told.map(([second = 0, value]) => [Math.round(second * 10) / 10, value])).toEqual(notifications);
});
