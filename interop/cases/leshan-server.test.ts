import { Temperature } from '@motestack/objects';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { delay } from '../src/eventually.ts';
import { formats } from '../src/formats.ts';
import { startLeshanServer } from '../src/leshan.ts';
import { type OurDevice, startOurDevice } from '../src/our-device.ts';
import type { PeerLine, PeerProcess } from '../src/peer-process.ts';
import { readinessOf } from '../src/readiness.ts';

const { ready, version } = readinessOf('leshan');
const ENDPOINT = 'urn:interop:our-client';
/** For Leshan to tell of a notification that should not have come. */
const SETTLE_MS = 150;

const about = (observation: unknown) => (line: PeerLine) => line.observation === observation;
const of = (endpoint: string) => (line: PeerLine) => line.endpoint === endpoint;
const lists = (link: string) => (line: PeerLine) => line.links?.includes(link) ?? false;

const single = (id: number, type: string, value: unknown): PeerLine => ({ kind: 'resource', id, type, value });
const multiple = (id: number, type: string, value: unknown): PeerLine => ({ kind: 'multiple', id, type, value });

const deviceValues = {
  0: single(0, 'STRING', 'Motestack'),
  1: single(1, 'STRING', 'interop'),
  2: single(2, 'STRING', '0815'),
  3: single(3, 'STRING', '1.0.0'),
  6: multiple(6, 'INTEGER', { 0: 1, 1: 5 }),
  7: multiple(7, 'INTEGER', { 0: 3800, 1: 5000 }),
  9: single(9, 'INTEGER', 95),
  11: multiple(11, 'INTEGER', { 0: 0 }),
  13: single(13, 'TIME', 1_700_000_000),
  14: single(14, 'STRING', '+01:00'),
  15: single(15, 'STRING', 'Europe/Paris'),
  16: single(16, 'STRING', 'UT'),
};

const written = {
  110: 'h\u00e4, \u{1f600}',
  120: -70_000,
  125: 4_294_967_296,
  130: -2.5e10,
  140: false,
  150: '00ff7f80',
  160: 1_700_000_001,
  170: '3303:0',
  1120: { 2: 1, 300: -1 },
};

interface Refusal {
  readonly what: string;
  readonly command: string;
  readonly path: string;
  readonly fields: PeerLine;
  readonly code: string;
}

const refusals: readonly Refusal[] = [
  {
    what: 'Read of an object that is not there',
    command: 'read',
    path: '/4711',
    fields: { format: 112 },
    code: '4.04',
  },
  {
    what: 'Read of an instance that is not there',
    command: 'read',
    path: '/3303/9',
    fields: { format: 112 },
    code: '4.04',
  },
  {
    what: 'Read of a resource that is not there',
    command: 'read',
    path: '/3/0/99',
    fields: { format: 112 },
    code: '4.04',
  },
  { what: 'Read of an executable resource', command: 'read', path: '/3/0/4', fields: { format: 112 }, code: '4.05' },
  { what: 'Read of the Security Object', command: 'read', path: '/0/0', fields: { format: 112 }, code: '4.01' },
  {
    what: 'Read in a format that we do not write',
    command: 'read',
    path: '/3/0/0',
    fields: { format: 11543 },
    code: '4.06',
  },
  {
    what: 'Write of a read-only resource',
    command: 'write',
    path: '/3/0/0',
    fields: { format: 0, value: 'x' },
    code: '4.05',
  },
  {
    what: 'Write of a resource that is not there',
    command: 'write',
    path: '/3/0/99',
    fields: { format: 0, value: 'x', type: 'STRING' },
    code: '4.04',
  },
  {
    what: 'Write in a format that we do not read',
    command: 'write',
    path: '/3/0/14',
    fields: { format: 11543, value: '+03:00' },
    code: '4.15',
  },
  { what: 'Execute of a readable resource', command: 'execute', path: '/3/0/0', fields: {}, code: '4.05' },
  { what: 'Execute of what is not there', command: 'execute', path: '/3/0/99', fields: {}, code: '4.04' },
  { what: 'Delete of a single-instance object', command: 'delete', path: '/3/0', fields: {}, code: '4.05' },
  { what: 'Delete of an instance that is not there', command: 'delete', path: '/3442/77', fields: {}, code: '4.04' },
  {
    what: 'Create of a second instance of a single object',
    command: 'create',
    path: '/3',
    fields: { format: 11542, instance: 1, value: { 14: 'x' } },
    code: '4.05',
  },
  {
    what: 'Create of an instance that is there',
    command: 'create',
    path: '/3442',
    fields: { format: 11542, instance: 0, value: { 110: 'x' } },
    code: '4.00',
  },
  { what: 'Discover of what is not there', command: 'discover', path: '/4711', fields: {}, code: '4.04' },
  {
    what: 'Observe of what is not there',
    command: 'observe',
    path: '/3303/0/9999',
    fields: { format: 112 },
    code: '4.04',
  },
];

describe.skipIf(!ready)(`Leshan ${version} / our client at its server`, () => {
  let peer: PeerProcess;
  let ours: OurDevice;
  let url: string;
  beforeAll(async () => {
    const started = await startLeshanServer();
    peer = started.peer;
    url = started.url;
    ours = await startOurDevice(url, ENDPOINT, 300);
    await ours.client.registered();
  });
  afterAll(async () => {
    await ours?.client.stop({ deregister: false });
    await peer?.quit();
  });
  const ask = (command: string, path: string, fields: PeerLine = {}): Promise<PeerLine> =>
    peer.call(command, { endpoint: ENDPOINT, path, ...fields });
  const valueAt = async (path: string): Promise<unknown> => {
    const { content } = await ask('read', path, { format: 112 });
    return content?.value;
  };

  test('Register: what Leshan understood', async () => {
    const registration = await peer.event('registered');
    expect(registration).toMatchObject({
      endpoint: ENDPOINT,
      lifetime: 300,
      version: '1.1',
      binding: '[U]',
      rootPath: '/',
    });
    expect(registration.contentFormats).toMatch(/SENML_CBOR\(112\).*|SENML_JSON\(110\)/);
    const { links = [] } = registration;
    for (const path of ['1/0', '3/0', '3303/0', '3442/0']) expect(links.join()).toContain(`</${path}>`);
    expect(links.join()).not.toContain('</0');
  });

  describe.each(formats.map((each) => [each.contentFormat, each.number] as const))('%s', (_, format) => {
    test('Read /3/0', async () => {
      const answer = await ask('read', '/3/0', { format });
      expect(answer).toMatchObject({ code: '2.05', contentFormat: format });
      expect(answer.content).toMatchObject({ kind: 'instance', id: 0, resources: deviceValues });
    });
    test('Read single and multiple resources, a resource instance, an object', async () => {
      expect(await ask('read', '/3/0/9', { format })).toMatchObject({ code: '2.05', content: deviceValues[9] });
      expect(await ask('read', '/3/0/7', { format })).toMatchObject({ code: '2.05', content: deviceValues[7] });
      const instance = await ask('read', '/3/0/7/1', { format });
      expect(instance).toMatchObject({ code: '2.05', content: { kind: 'resourceInstance', id: 1, value: 5000 } });
      const object = await ask('read', '/3303', { format });
      const temperature = {
        0: { resources: { 5601: single(5601, 'FLOAT', -4.25), 5701: single(5701, 'STRING', 'Cel') } },
      };
      expect(object).toMatchObject({ code: '2.05', content: { kind: 'object', id: 3303, instances: temperature } });
    });
    test('Write, a partial update with a resource of each type', async () => {
      expect(await ask('write', '/3442/0', { format, mode: 'UPDATE', value: written })).toMatchObject({ code: '2.04' });
      for (const [id, value] of Object.entries(written)) {
        const expected = id === '1120' ? expect.objectContaining(value) : value;
        expect(await valueAt(`/3442/0/${id}`), id).toEqual(expected);
      }
      expect(await valueAt('/3442/0/1110')).toEqual({ 0: 'a', 7: 'b' });
    });
    test('Write, a resource replaced', async () => {
      expect(await ask('write', '/3442/0/110', { format, value: `in ${format}` })).toMatchObject({ code: '2.04' });
      expect(await valueAt('/3442/0/110')).toBe(`in ${format}`);
      expect(await ask('write', '/3442/0/150', { format, value: '' })).toMatchObject({ code: '2.04' });
      expect(await valueAt('/3442/0/150')).toBe('');
      expect(await ask('write', '/3442/0/1120', { format, value: { 4: 44 } })).toMatchObject({ code: '2.04' });
      expect(await valueAt('/3442/0/1120')).toEqual({ 4: 44 });
    });
    test('Create with an id, Replace, Delete', async () => {
      const create = await ask('create', '/3442', { format, instance: 5, value: { 110: 'new', 120: 1 } });
      expect(create).toMatchObject({ code: '2.01' });
      await peer.event('updated', lists('</3442/5>'));
      expect(await ask('write', '/3442/5', { format, mode: 'REPLACE', value: { 110: 'other' } })).toMatchObject({
        code: '2.04',
      });
      const { content } = await ask('read', '/3442/5', { format });
      expect(content?.resources).toEqual({ 110: single(110, 'STRING', 'other') });
      expect(await ask('delete', '/3442/5')).toMatchObject({ code: '2.02' });
      await peer.event('updated', (line) => !lists('</3442/5>')(line));
    });
    test('Observe, notified, cancelled by GET with Observe 1', async () => {
      ours.client.set(Temperature.sensorValue, 10);
      const { observation, ...first } = await ask('observe', '/3303/0/5700', { format });
      expect(first).toMatchObject({ code: '2.05', contentFormat: format, content: single(5700, 'FLOAT', 10) });
      for (const value of [10.5, 11, -40.125]) {
        ours.client.set(Temperature.sensorValue, value);
        const notification = await peer.event('notification', about(observation));
        expect(notification).toMatchObject({
          code: '2.05',
          contentFormat: format,
          content: single(5700, 'FLOAT', value),
        });
      }
      expect(await ask('cancelObserve', '', { observation, active: true })).toMatchObject({ code: '2.05' });
      await quietAfterCancel(peer, ours, observation);
    });
    test('Observe an instance, cancelled by Reset', async () => {
      const { observation, code } = await ask('observe', '/3303/0', { format });
      expect(code).toBe('2.05');
      ours.client.set(Temperature.sensorValue, 7);
      const notification = await peer.event('notification', about(observation));
      expect(notification).toMatchObject({
        content: { kind: 'instance', resources: { 5700: single(5700, 'FLOAT', 7) } },
      });
      await ask('cancelObserve', '', { observation, active: false });
      ours.client.set(Temperature.sensorValue, 8);
      await quietAfterCancel(peer, ours, observation);
    });
  });

  test('text and opaque: Read and Write of one resource', async () => {
    expect(await ask('read', '/3/0/0', { format: 0 })).toMatchObject({
      code: '2.05',
      contentFormat: 0,
      content: deviceValues[0],
    });
    expect(await ask('write', '/3/0/14', { format: 0, value: '+02:00' })).toMatchObject({ code: '2.04' });
    expect(await ask('write', '/3442/0/130', { format: 0, value: -0.25 })).toMatchObject({ code: '2.04' });
    expect(await ask('read', '/3442/0/130', { format: 0 })).toMatchObject({ content: single(130, 'FLOAT', -0.25) });
    expect(await ask('write', '/3442/0/150', { format: 42, value: '0100ff' })).toMatchObject({ code: '2.04' });
    expect(await ask('read', '/3442/0/150', { format: 42 })).toMatchObject({
      contentFormat: 42,
      content: single(150, 'OPAQUE', '0100ff'),
    });
    expect(await ask('write', '/3/0/14', { format: 0, value: '+01:00' })).toMatchObject({ code: '2.04' });
  });
  test('Create without an id, which Leshan does in TLV alone: the answer says where', async () => {
    const create = await ask('create', '/3442', { format: 11542, value: { 110: 'anywhere' } });
    expect(create).toMatchObject({ code: '2.01', location: expect.stringMatching(/^\/?3442\/\d+$/) });
    const location = `/${String(create.location).replace(/^\//, '')}`;
    expect(await valueAt(`${location}/110`)).toBe('anywhere');
    expect(await ask('delete', location)).toMatchObject({ code: '2.02' });
  });
  test('Execute, without and with arguments', async () => {
    ours.executed.length = 0;
    expect(await ask('execute', '/3/0/4')).toMatchObject({ code: '2.04' });
    expect(await ask('execute', '/3442/0/3', { arguments: "0='http://x/?a=1',3,7=''" })).toMatchObject({
      code: '2.04',
    });
    expect(ours.executed).toEqual([{}, { 0: 'http://x/?a=1', 3: undefined, 7: '' }]);
  });
  test('Discover an object, an instance, a resource; Write-Attributes', async () => {
    const resources = [5601, 5700, 5701, 5750].map((id) => `</3303/0/${id}>`);
    const object = await ask('discover', '/3303');
    expect(object).toMatchObject({
      code: '2.05',
      contentFormat: 40,
      links: ['</3303>;ver=1.1', '</3303/0>', ...resources],
    });
    expect(await ask('discover', '/3303/0')).toMatchObject({ links: ['</3303/0>', ...resources] });
    const { links: voltage } = await ask('discover', '/3/0/7');
    expect(voltage).toContain('</3/0/7>;dim=2');
    const attached = await ask('writeAttributes', '/3303/0/5700', {
      attributes: 'pmin=1&pmax=60&gt=30.5&lt=-5&st=0.5',
    });
    expect(attached).toMatchObject({ code: '2.04' });
    const { links } = await ask('discover', '/3303/0/5700');
    const [link = ''] = links ?? [];
    expect(link.split(';').toSorted()).toEqual(['</3303/0/5700>', 'gt=30.5', 'lt=-5', 'pmax=60', 'pmin=1', 'st=0.5']);
    expect(await ask('writeAttributes', '/3303/0/5700', { attributes: 'pmin&pmax&gt&lt&st' })).toMatchObject({
      code: '2.04',
    });
    expect(await ask('discover', '/3303/0/5700')).toMatchObject({ links: ['</3303/0/5700>'] });
  });
  test('Observe with attributes: steps below st are not notified', async () => {
    ours.client.set(Temperature.sensorValue, 20);
    await ask('writeAttributes', '/3303/0/5700', { attributes: 'pmin=0&st=1' });
    const { observation } = await ask('observe', '/3303/0/5700', { format: 112 });
    ours.client.set(Temperature.sensorValue, 20.5);
    ours.client.set(Temperature.sensorValue, 21.5);
    const notification = await peer.event('notification', about(observation));
    expect(notification).toMatchObject({ content: single(5700, 'FLOAT', 21.5) });
    await ask('cancelObserve', '', { observation, active: true });
    await ask('writeAttributes', '/3303/0/5700', { attributes: 'pmin&st' });
  });

  test.each(refusals.map((refusal) => [refusal.what, refusal.code, refusal] as const))(
    '%s: %s',
    async (_, code, { command, path, fields }) => {
      expect(await ask(command, path, fields)).toMatchObject({ code });
    },
  );

  test('Write of the lifetime: an Update follows and says so', async () => {
    peer.takeEvents('updated');
    expect(await ask('write', '/1/0/1', { format: 0, value: 200 })).toMatchObject({ code: '2.04' });
    expect(await peer.event('updated')).toMatchObject({ lifetime: 200 });
  });
  test('Execute of the Registration Update Trigger: an Update', async () => {
    peer.takeEvents('updated');
    expect(await ask('execute', '/1/0/8')).toMatchObject({ code: '2.04' });
    expect(await peer.event('updated')).toMatchObject({ endpoint: ENDPOINT });
  });
  test('after the server forgot it: 4.04 to the Update, and a Register', async () => {
    const endpoint = `${ENDPOINT}-forgotten`;
    const forgotten = await startOurDevice(url, endpoint, 3);
    await peer.event('registered', of(endpoint));
    await peer.call('forget', { endpoint });
    await peer.event('registered', of(endpoint));
    await forgotten.client.stop({ deregister: true });
    await peer.event('unregistered', of(endpoint));
  });
  test('Update before the lifetime ends, again and again; De-register', async () => {
    const endpoint = `${ENDPOINT}-brief`;
    const brief = await startOurDevice(url, endpoint, 3);
    await brief.client.registered();
    await peer.event('updated', of(endpoint));
    await peer.event('updated', of(endpoint));
    expect(peer.takeEvents('unregistered').filter((line) => line.endpoint === endpoint)).toEqual([]);
    await brief.client.stop({ deregister: true });
    expect(await peer.event('unregistered', of(endpoint))).toMatchObject({ expired: false, replaced: false });
  });
});

/** After a cancellation, what changes is told no more: a Read that comes after the change comes without a notification. */
async function quietAfterCancel(peer: PeerProcess, ours: OurDevice, observation: string | undefined): Promise<void> {
  ours.client.set(Temperature.sensorValue, 99);
  await peer.call('read', { endpoint: ENDPOINT, path: '/3303/0/5700', format: 112 });
  await delay(SETTLE_MS);
  expect(ours.client.inspect().servers[0]?.observations).toBe(0);
  expect(peer.takeEvents('notification').filter((line) => line.observation === observation)).toEqual([]);
}
