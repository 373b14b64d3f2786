import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ddfText } from './ddf/ddf-text.fixture.ts';
import { DdfError, objectSpecOf, parseDdf } from './ddf/index.ts';
import { generateDefinitions } from './generate/index.ts';
import type { ObjectDefinition, Resource } from './index.ts';
import {
  AccessRight,
  applyAttributeChanges,
  checkValue,
  closestObjectVersion,
  defineObject,
  dueNotification,
  formatPath,
  impliedObjectVersion,
  isAccessAllowed,
  isWithin,
  mergeAttributes,
  noteValues,
  objectLookup,
  parseAttributeQuery,
  parsePath,
  pathLevel,
  resourceSpecAt,
  startNotifications,
  ValueError,
} from './index.ts';

// The examples of README.md, line by line: the last test compares.

const position = 0;
const moveTo = (percent: number): void => void percent;
const rinse = async (strength: string | undefined): Promise<void> => void strength;

const Valve = defineObject({
  id: 42_800, // 42769 to 42800 are free for tests
  name: 'Valve',
  multiple: true,
  resources: {
    opening: { id: 1, operations: 'RW', type: 'Float', mandatory: true, range: '0..100', units: '/100' },
    pressures: { id: 2, operations: 'R', type: 'Float', multiple: true },
    flush: { id: 3, operations: 'E', type: '' },
  },
});

const first = `${Valve.opening}`; // '/42800/0/1'
const fourth = `${Valve.at(3).opening}`; // '/42800/3/1'
const oneOfMany = `${Valve.pressures.at(1)}`; // '/42800/0/2/1'

test('references', () => {
  expect([first, fourth, oneOfMany]).toEqual(['/42800/0/1', '/42800/3/1', '/42800/0/2/1']);
});

const valve = Valve.instance({
  opening: { read: () => position, write: (percent) => moveTo(percent) },
  pressures: () => ({ 0: 2.1, 1: 1.9 }), // keyed by resource instance id; an array works too
  flush: async (args) => rinse(args[0]),
});

test('instances', () => {
  expect(valve).toMatchObject({ objectId: 42_800, objectInstanceId: 0, definition: { name: 'Valve' } });
});

interface PumpResources {
  readonly speed: Resource<number, 'RW'>;
  readonly stop: Resource<undefined, 'E'>;
}

const Pump: ObjectDefinition<PumpResources, 'speed'> = defineObject({
  id: 42_799,
  name: 'Pump',
  resources: {
    speed: { id: 1, operations: 'RW', type: 'Float', mandatory: true },
    stop: { id: 2, operations: 'E', type: '' },
  },
});

test('a definition that says its type', () => expect(`${Pump.speed}`).toBe('/42799/0/1'));

const gateXml = ddfText({
  id: 42_798,
  version: '1.0',
  name: 'Gate',
  multiple: true,
  resources: [{ id: 5536, name: 'Opening Angle', operations: 'RW', type: 'Float' }],
});

let wrong: DdfError | undefined;
try {
  parseDdf('<LWM2M>\n  <Object>\n    <Name>Gate</Name>\n  </Object>\n</LWM2M>');
} catch (error) {
  if (DdfError.is(error)) wrong = error; // missing at line 2, column 3: Object needs ObjectID
}

const gates = parseDdf(gateXml); // id, version, name, resources with name, operations, type, range, units, description
const [Gate] = gates.map((gate) => defineObject(objectSpecOf(gate)));
const [angle = ''] = Object.keys(Gate?.definition.resources ?? {}); // 'openingAngle'
const opening = `${Gate?.at(1)[angle]}`; // '/42798/1/5536'

test('definition files', () => {
  expect(wrong?.message).toBe('missing at line 2, column 3: Object needs ObjectID');
  expect(opening).toBe('/42798/1/5536');
});

// node generate.mjs gate.xml > gate.ts
const text = generateDefinitions(parseDdf(gateXml));

test('a module of a definition file', () =>
  expect(text).toContain('export const Gate: ObjectDefinition<GateResources> ='));

const path = parsePath('/3303/0/5700'); // { objectId: 3303, objectInstanceId: 0, resourceId: 5700 }
const level = pathLevel(path); // 'resource'
const inside = isWithin(path, parsePath('/3303')); // true
const formatted = formatPath({ objectId: 3, objectInstanceId: 0 }); // '/3/0'

test('paths', () => {
  expect([path, level, inside, formatted]).toEqual([
    { objectId: 3303, objectInstanceId: 0, resourceId: 5700 },
    'resource',
    true,
    '/3/0',
  ]);
});

const spec = resourceSpecAt(objectLookup([Valve]), parsePath('/42800/3/1'));
let refusal: ValueError | undefined;
try {
  if (spec !== undefined) checkValue(spec, 101);
} catch (error) {
  if (ValueError.is(error)) refusal = error; // code 'out-of-range': value 101 is not in 0..100
}

test('values', () => expect(refusal?.message).toBe('out-of-range: value 101 is not in 0..100'));

// PUT /3303/0/5700?pmin=10&gt=30
const attached = applyAttributeChanges({}, parseAttributeQuery(['pmin=10', 'gt=30']));
const inForce = mergeAttributes({ serverDefaults: { pmax: 300 }, resource: attached });
// { pmin: 10, gt: 30, pmax: 300 }

test('attributes', () => expect(inForce).toEqual({ pmin: 10, gt: 30, pmax: 300 }));

let notifications = startNotifications([{ path, value: 20 }], 0); // the answer to Observe left at 0
notifications = noteValues(notifications, inForce, [{ path, value: 31 }]); // 30 was crossed
const tooEarly = dueNotification(notifications, inForce, 4_000); // { notify: false, wakeAt: 10000 }
const due = dueNotification(notifications, inForce, 10_000); // { notify: true, reason: 'change' }

test('notifications', () => {
  expect([tooEarly, due]).toEqual([
    { notify: false, wakeAt: 10_000 },
    { notify: true, reason: 'change' },
  ]);
});

const control = { objectId: 3303, objectInstanceId: 0, accessControlOwner: 1, acl: { 2: AccessRight.Read } };
const state = { serverAccounts: 2, instances: [control] };
const mayRead = isAccessAllowed(state, 2, 'read', parsePath('/3303/0/5700')); // true
const mayExecute = isAccessAllowed(state, 2, 'execute', parsePath('/3303/0/5605')); // false

test('access control', () => expect([mayRead, mayExecute]).toEqual([true, false]));

const implied = impliedObjectVersion('1.1', 4); // '1.2': what `</4/0>` without `ver` means from a device of LwM2M 1.1
const closest = closestObjectVersion(['1.0', '1.3'], implied); // '1.3': minor versions only add

test('versions', () => expect([implied, closest]).toEqual(['1.2', '1.3']));

test('these are the examples of README.md', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const own = readFileSync(new URL(import.meta.url), 'utf8');
  const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block = '']) => block);
  expect(blocks).toHaveLength(11);
  for (const block of blocks) {
    expect(own).toContain(block.replaceAll(/^import .*\n\n?/gm, '').replaceAll(/^export /gm, ''));
  }
});
