import { decodePayload } from '@motestack/codecs';
import { objectLookup } from '@motestack/model';
import { Temperature } from '@motestack/objects';
import { describe, expect, test } from 'vitest';
import type { PortableClientOptions } from '../index.ts';
import { Scene } from '../scripted-server.fixture.ts';
import { attach, pass, watch } from '../watch.fixture.ts';

const PATH = '/3303/0/5700';
const SENML_JSON = 110;
const lookup = objectLookup([Temperature]);

/** Observes in a format, goes offline, takes three values, comes back; what was notified, with the time of each value. */
async function told(
  options: Partial<PortableClientOptions> = {},
  accept = SENML_JSON,
  ...attributes: string[]
): Promise<readonly (readonly [number | undefined, unknown])[][]> {
  const scene = new Scene({ seed: 1, epochMs: 1_800_000_000_000 });
  const client = await scene.registered(options);
  if (attributes.length > 0) await attach(scene, PATH, ...attributes);
  const notified: (readonly [number | undefined, unknown])[][] = [];
  const path = { objectId: 3303, objectInstanceId: 0, resourceId: 5700 };
  await scene.network.settle(
    scene.server.endpoint.observe(
      scene.server.device,
      { method: 'GET', path: PATH.slice(1).split('/'), accept },
      {
        onNotification: ({ payload, contentFormat = 0 }) => {
          const nodes = decodePayload(contentFormat, payload, { path, lookup });
          notified.push(nodes.map(({ time, value }) => [time === undefined ? time : time - 1_800_000_000, value]));
        },
        onEnd: () => undefined,
      },
    ),
  );
  client.offline();
  for (const celsius of [22, 23, 24]) {
    await pass(scene, 10);
    client.set(Temperature.sensorValue, celsius);
  }
  await pass(scene, 10);
  expect(notified).toEqual([]);
  client.online();
  await pass(scene, 5);
  expect(scene.told.at(-1)).toBe('updated');
  return notified;
}

describe('Notification Storing (object 1, resource 6)', () => {
  test('what changed while the client was offline is told with its times, in one notification', async () => {
    const [first = [], ...others] = await told();
    expect(others).toEqual([]);
    expect(first.map(([time = 0, value]) => [Math.round(time / 10) * 10, value])).toEqual([
      [10, 22],
      [20, 23],
      [30, 24],
    ]);
  });

  test('hqmax says how many are kept, the newest', async () => {
    const [first = []] = await told({}, SENML_JSON, 'hqmax=2');
    expect(first.map(([, value]) => value)).toEqual([23, 24]);
  });

  test.each([
    [1, [24]],
    [3, [22, 23, 24]],
  ])('storedNotificationsMax %d keeps %j', async (storedNotificationsMax, values) => {
    const [first = []] = await told({ limits: { storedNotificationsMax } });
    expect(first.map(([, value]) => value)).toEqual(values);
  });

  test('a format without times tells the newest', async () => {
    expect(await told({}, 0)).toEqual([[[undefined, 24]]]);
  });

  test('false keeps nothing: the value of now is told when the client is back', async () => {
    expect(await told({ server: { uri: 'coap://server', storesNotifications: false } })).toEqual([[[undefined, 24]]]);
  });
});

test('con on any path, and the mode of the account, make notifications Confirmable', async () => {
  const scene = new Scene();
  const types: number[] = [];
  scene.network.tap(({ from, bytes }) => {
    if (from.startsWith('10.0.0.2') && bytes[1] === 0x45) types.push(((bytes[0] ?? 0) >> 4) & 3);
  });
  const client = await scene.registered({ lwm2mVersion: '1.2' });
  await watch(scene, PATH);
  const step = async (celsius: number): Promise<void> => {
    client.set(Temperature.sensorValue, celsius);
    await pass(scene, 1);
  };
  await step(30);
  expect(await scene.network.settle(scene.server.write('/1/0/26', '1'))).toBe('2.04');
  await step(31);
  await attach(scene, PATH, 'con=0');
  await step(32);
  expect(types.slice(-3)).toEqual([1, 0, 1]);
});

test('attributes of the Observe count in its stead (Core 1.2 §6.4.1)', async () => {
  const scene = new Scene();
  const client = await scene.registered({ lwm2mVersion: '1.2' });
  await attach(scene, PATH, 'pmin=1', 'gt=100');
  const lines: string[] = [];
  await scene.network.settle(
    scene.server.endpoint.observe(
      scene.server.device,
      { method: 'GET', path: PATH.slice(1).split('/'), query: ['pmin=10'], accept: 0 },
      { onNotification: ({ payload }) => void lines.push(new TextDecoder().decode(payload)), onEnd: () => undefined },
    ),
  );
  client.set(Temperature.sensorValue, 30);
  await pass(scene, 9);
  expect(lines).toEqual([]);
  await pass(scene, 2);
  expect(lines).toEqual(['30']);
});

test('[int-304] an Observe-Composite tells all of its paths when one of them has a reason', async () => {
  const scene = new Scene();
  const client = await scene.registered();
  await attach(scene, PATH, 'gt=25');
  const payload = new TextEncoder().encode('[{"n":"/3303/0/5700"},{"n":"/3/0/0"},{"n":"/9/9/9"}]');
  const lines: string[] = [];
  const observation = await scene.network.settle(
    scene.server.endpoint.observe(
      scene.server.device,
      { method: 'FETCH', path: [], contentFormat: SENML_JSON, payload },
      {
        onNotification: ({ payload: told }) => void lines.push(new TextDecoder().decode(told)),
        onEnd: () => undefined,
      },
    ),
  );
  expect(observation.established).toBe(true);
  client.set(Temperature.sensorValue, 24);
  await pass(scene, 1);
  expect(lines).toEqual([]);
  client.set(Temperature.sensorValue, 26);
  await pass(scene, 1);
  expect(lines).toEqual(['[{"n":"/3303/0/5700","v":26},{"n":"/3/0/0","vs":"Acme"}]']);
});

test('epmin bounds how often the value is looked at, epmax how seldom (§5.1.2)', async () => {
  const scene = new Scene();
  let looks = 0;
  const client = await scene.registered({
    objects: [
      Temperature.instance({
        sensorValue: () => {
          looks += 1;
          return looks;
        },
      }),
    ],
  });
  await attach(scene, PATH, 'epmin=10', 'epmax=30', 'gt=1000');
  await watch(scene, PATH);
  await pass(scene, 15);
  looks = 0;
  for (let second = 0; second < 25; second++) {
    client.changed(Temperature.sensorValue);
    await pass(scene, 1);
  }
  expect(looks).toBe(3);
  await pass(scene, 100);
  expect(looks).toBeGreaterThanOrEqual(6);
  expect(looks).toBeLessThanOrEqual(8);
});
