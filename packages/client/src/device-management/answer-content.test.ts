import { formatCode } from '@motestack/coap';
import { encodePayload } from '@motestack/codecs';
import { parsePath } from '@motestack/model';
import { Temperature } from '@motestack/objects';
import { describe, expect, test } from 'vitest';
import {
  AnswererFixture,
  bytesOf,
  creatableGauges,
  Gauge,
  requestOf,
  SERVER,
  segments,
  someDevice,
  utf8,
} from './answerer.fixture.ts';

const LINK = 40;
const SENML_JSON = 110;
const TLV = 11_542;

const get = (path: string, accept?: number) => ({ method: 'GET' as const, path: segments(path), accept });
const write = (method: 'PUT' | 'POST', path: string, payload: string) => ({
  method,
  path: segments(path),
  contentFormat: SENML_JSON,
  payload: utf8(payload),
});
const attach = (path: string, ...query: string[]) => ({ method: 'PUT' as const, path: segments(path), query });

describe('Read', () => {
  const gauge = Gauge.instance({
    name: 'boiler',
    reading: async () => 21.5,
    labels: { 4: 'b', 1: 'a' },
    key: new Uint8Array(1),
  });

  test('leaves out what may not be read, and orders by path', async () => {
    const device = new AnswererFixture([Gauge.instance({ name: 'second' }, 7), gauge]);
    expect(JSON.parse(await device.text(get('/42800', SENML_JSON)))).toEqual([
      { bn: '/42800/', n: '0/0', v: 21.5 },
      { n: '0/1', vs: 'boiler' },
      { n: '0/3/1', vs: 'a' },
      { n: '0/3/4', vs: 'b' },
      { n: '7/1', vs: 'second' },
    ]);
  });

  test('of a multiple resource brings its instances', async () => {
    const device = new AnswererFixture([gauge]);
    expect(await device.hex(get('/42800/0/3', TLV))).toBe('8603410161410462');
    expect(await device.text(get('/42800/0/3/4', 0))).toBe('b');
  });

  test('of an object without instances is a 2.05 without payload', async () => {
    const device = new AnswererFixture([creatableGauges()]);
    const answer = await device.ask(get('/42800', SENML_JSON));
    expect(formatCode(answer.code)).toBe('2.05');
    expect(answer.payload).toBeUndefined();
    expect(answer.contentFormat).toBeUndefined();
  });

  test.each([
    ['1.1', '/42800/0/1', 112],
    ['1.1', '/42800/0', 112],
    ['1.0', '/42800/0/1', 0],
    ['1.0', '/42800/0/3', TLV],
    ['1.0', '/42800/0', TLV],
    ['1.0', '/42800', TLV],
  ] as const)('without Accept, a client of %s gives %s as %d', async (version, path, contentFormat) => {
    const device = new AnswererFixture([gauge], { version });
    expect((await device.ask(get(path))).contentFormat).toBe(contentFormat);
  });
});

describe('the formats of a version', () => {
  const path = '/42800/0/1';
  const formats = [0, 42, 60, 110, 112, 320, 322, TLV, 11_543, 11_544];
  const versions = [
    ['1.0', [0, TLV, 11_543]],
    ['1.1', [0, 60, 110, 112, TLV]],
  ] as const;

  test.each(versions)('a client of %s gives a text in %j and in no other', async (version, available) => {
    const device = new AnswererFixture([Gauge.instance({ name: 'boiler' })], { version });
    const given: number[] = [];
    for (const accept of formats) {
      const answer = await device.ask(get(path, accept));
      if (answer.contentFormat === undefined) expect(formatCode(answer.code)).toBe('4.06');
      else given.push(answer.contentFormat);
    }
    expect(given).toEqual(available);
  });

  test.each(versions)('a client of %s takes a text in %j and in no other', async (version, available) => {
    const device = new AnswererFixture([Gauge.instance({ name: 'boiler' })], { version });
    const taken: number[] = [];
    for (const contentFormat of formats.filter((format) => format !== 42)) {
      const root = contentFormat === 320 || contentFormat === 322;
      const nodes = [{ path: parsePath(path), value: 'kettle' }];
      const context = { path: parsePath(root ? '/' : path), lookup: device.tree.lookup };
      const payload = encodePayload(contentFormat, nodes, context);
      const code = await device.code({ method: 'PUT', path: segments(path), contentFormat, payload });
      if (code === '2.04') taken.push(contentFormat);
      else expect(code).toBe('4.15');
    }
    expect(taken).toEqual(available);
  });

  test.each(['1.0', '1.1'] as const)(
    'a client of %s takes an opaque value, and TLV by its old number',
    async (version) => {
      const device = new AnswererFixture([Gauge.instance({ name: 'x', key: new Uint8Array(1) })], { version });
      const opaque = { method: 'PUT' as const, path: segments('/42800/0/4'), contentFormat: 42, payload: utf8('key') };
      expect(await device.code(opaque)).toBe('2.04');
      const old = { ...opaque, contentFormat: 1_542, payload: Uint8Array.of(0xc1, 0x04, 0x7a) };
      expect(await device.code(old)).toBe('2.04');
    },
  );
});

describe('Discover', () => {
  test('lists instances and resources of an object, with its version', async () => {
    const device = new AnswererFixture([someDevice()]);
    expect(await device.text(get('/3', LINK))).toBe(
      '</3>;ver=1.2,</3/0>,</3/0/0>,</3/0/4>,</3/0/9>,</3/0/11>;dim=1,</3/0/13>,</3/0/16>',
    );
  });

  test('shows what is attached to each, and for a resource also what it inherits', async () => {
    const device = new AnswererFixture([Gauge.instance({ name: 'x', reading: 1, labels: ['a', 'b'] })]);
    await device.ask(attach('/42800', 'pmin=10'));
    await device.ask(attach('/42800/0', 'pmax=60'));
    await device.ask(attach('/42800/0/0', 'gt=50', 'lt=42.2'));
    await device.ask(attach('/42800/0/3/1', 'pmax=100'));
    expect(await device.text(get('/42800/0', LINK))).toBe(
      '</42800/0>;pmax=60,</42800/0/0>;gt=50;lt=42.2,</42800/0/1>,</42800/0/3>;dim=2',
    );
    expect(await device.text(get('/42800/0/0', LINK))).toBe('</42800/0/0>;pmin=10;pmax=60;gt=50;lt=42.2');
    expect(await device.text(get('/42800/0/3', LINK))).toBe(
      '</42800/0/3>;dim=2;pmin=10;pmax=60,</42800/0/3/0>,</42800/0/3/1>;pmax=100',
    );
    await device.ask(attach('/42800/0', 'pmax'));
    expect(await device.text(get('/42800/0/0', LINK))).toBe('</42800/0/0>;pmin=10;gt=50;lt=42.2');
  });

  test('names no resource instances to a server of 1.0', async () => {
    const device = new AnswererFixture([Gauge.instance({ name: 'x', labels: ['a'] })], { version: '1.0' });
    expect(await device.text(get('/42800/0/3', LINK))).toBe('</42800/0/3>;dim=1');
  });

  test('lists what fails to be read, without its dimension', async () => {
    const broken = (): never => {
      throw new Error('broken');
    };
    const device = new AnswererFixture([Gauge.instance({ name: 'x', labels: broken })]);
    expect(await device.text(get('/42800/0', LINK))).toBe('</42800/0>,</42800/0/1>,</42800/0/3>');
  });
});

describe('Write', () => {
  function writable(log: unknown[] = []): ReturnType<typeof Gauge.instance> {
    let limit = 50;
    return Gauge.instance({
      name: 'boiler',
      note: 'old',
      labels: { 1: 'a', 2: 'b' },
      limit: {
        read: () => limit,
        write: (value) => {
          if (value === 13) throw new Error('unlucky');
          log.push(value);
          limit = value;
        },
      },
      link: { read: () => ({ objectId: 3, objectInstanceId: 0 }), write: (value) => void log.push(value) },
    });
  }
  const names = async (device: AnswererFixture) =>
    JSON.parse(await device.text(get('/42800/0', SENML_JSON))) as unknown[];
  const read = async (device: AnswererFixture, path: string): Promise<string> => {
    const answer = await device.ask(get(path, 0));
    return answer.code === 0x45 ? new TextDecoder().decode(bytesOf(answer)) : formatCode(answer.code);
  };

  test('Partial Update adds resource instances and leaves the rest', async () => {
    const device = new AnswererFixture([writable()]);
    await device.ask(
      write('POST', '/42800/0', '[{"bn":"/42800/0/","n":"1","vs":"kettle"},{"n":"3/2","vs":"c"},{"n":"3/9","vs":"z"}]'),
    );
    expect(await names(device)).toEqual([
      { bn: '/42800/0/', n: '1', vs: 'kettle' },
      { n: '2', v: 50 },
      { n: '3/1', vs: 'a' },
      { n: '3/2', vs: 'c' },
      { n: '3/9', vs: 'z' },
      { n: '6', vlo: '3:0' },
      { n: '8', vs: 'old' },
    ]);
    expect(device.changes).toEqual(['changed /42800/0/1', 'changed /42800/0/3']);
  });

  test('Replace removes what is optional and kept, and replaces resource instances', async () => {
    const device = new AnswererFixture([writable()]);
    await device.ask(write('PUT', '/42800/0', '[{"n":"/42800/0/3/7","vs":"q"}]'));
    // The name is mandatory, the limit and the link are the application's: they stay.
    expect(await names(device)).toEqual([
      { bn: '/42800/0/', n: '1', vs: 'boiler' },
      { n: '2', v: 50 },
      { n: '3/7', vs: 'q' },
      { n: '6', vlo: '3:0' },
    ]);
    expect(await read(device, '/42800/0/8')).toBe('4.04');
    // What went may be written again.
    await device.ask(write('PUT', '/42800/0/8', '[{"n":"/42800/0/8","vs":"new"}]'));
    expect(await read(device, '/42800/0/8')).toBe('new');
  });

  test('of one resource instance leaves the others', async () => {
    const device = new AnswererFixture([writable()]);
    await device.ask({ method: 'PUT', path: segments('/42800/0/3/2'), contentFormat: 0, payload: utf8('c') });
    expect(await read(device, '/42800/0/3/1')).toBe('a');
    expect(await read(device, '/42800/0/3/2')).toBe('c');
  });

  test.each([
    ['a value of the wrong type', '[{"bn":"/42800/0/","n":"1","vs":"kettle"},{"n":"2","vs":"ten"}]', '4.00'],
    ['a value beyond the range', '[{"bn":"/42800/0/","n":"1","vs":"kettle"},{"n":"2","v":101}]', '4.00'],
    ['a resource that is read', '[{"bn":"/42800/0/","n":"1","vs":"kettle"},{"n":"0","v":1}]', '4.05'],
    ['a value that the application refuses', '[{"bn":"/42800/0/","n":"1","vs":"kettle"},{"n":"2","v":13}]', '5.00'],
  ])('applies nothing of a request with %s', async (_title, payload, code) => {
    const device = new AnswererFixture([
      Gauge.instance({
        name: 'boiler',
        reading: () => 1,
        limit: {
          read: () => 50,
          write: (value) => {
            if (value === 13) throw new Error('unlucky');
          },
        },
      }),
    ]);
    expect(await device.code(write('POST', '/42800/0', payload))).toBe(code);
    expect(await read(device, '/42800/0/1')).toBe('boiler');
    expect(device.changes).toEqual([]);
  });

  test('writes back what the application took before it refused another resource', async () => {
    const log: unknown[] = [];
    const device = new AnswererFixture([someDevice(), writable(log)]);
    const payload = '[{"bn":"/42800/0/","n":"6","vlo":"3:65535"},{"n":"2","v":13}]';
    expect(await device.code(write('POST', '/42800/0', payload))).toBe('5.00');
    expect(log).toEqual([
      { objectId: 3, objectInstanceId: 65_535 },
      { objectId: 3, objectInstanceId: 0 },
    ]);
    expect(device.failures).toMatchObject([{ operation: 'Write', path: '/42800/0/2', cause: { message: 'unlucky' } }]);
  });

  test('ignores resources that the device has not', async () => {
    const device = new AnswererFixture([writable()]);
    const payload = '[{"bn":"/42800/0/","n":"1","vs":"kettle"},{"n":"77","v":1}]';
    expect(await device.code(write('POST', '/42800/0', payload))).toBe('2.04');
    expect(await read(device, '/42800/0/1')).toBe('kettle');
  });

  test('resourceInstancesMax: as many as it says, and no more', async () => {
    const device = new AnswererFixture([writable()], { limits: { resourceInstancesMax: 3 } });
    expect(await device.code(write('POST', '/42800/0/3', '[{"n":"/42800/0/3/7","vs":"x"}]'))).toBe('2.04');
    expect(await device.code(write('POST', '/42800/0/3', '[{"n":"/42800/0/3/8","vs":"x"}]'))).toBe('4.00');
    expect(await read(device, '/42800/0/3/8')).toBe('4.04');
  });
});

describe('Execute', () => {
  test('hands over the arguments', async () => {
    const seen: unknown[] = [];
    const device = new AnswererFixture([Gauge.instance({ name: 'x', reset: (args) => void seen.push(args) })]);
    await device.ask({ method: 'POST', path: segments('/42800/0/5'), payload: utf8("2='10.3',7") });
    await device.ask({ method: 'POST', path: segments('/42800/0/5'), contentFormat: 0 });
    expect(seen).toEqual([{ 2: '10.3', 7: undefined }, {}]);
  });
});

describe('a server that is not registered with', () => {
  test('is held until it is, up to heldRequestsMax', async () => {
    const device = new AnswererFixture([Temperature.instance({ sensorValue: 1 })], { limits: { heldRequestsMax: 2 } });
    let registered: (done: boolean) => void = () => undefined;
    device.registered = new Promise((resolve) => {
      registered = resolve;
    });
    const held = [device.code(get('/3303/0/5700')), device.code(get('/3303/0/5700'))];
    expect(await device.code(get('/3303/0/5700'))).toBe('5.03');
    registered(true);
    expect(await Promise.all(held)).toEqual(['2.05', '2.05']);
    expect(await device.code(get('/3303/0/5700'))).toBe('2.05');
  });

  test('is refused when the registration failed', async () => {
    const device = new AnswererFixture([Temperature.instance({ sensorValue: 1 })]);
    device.registered = Promise.resolve(false);
    expect(await device.code(get('/3303/0/5700'))).toBe('5.03');
  });
});

test('idle settles when every answer was sent, or is not wanted any more', async () => {
  const device = new AnswererFixture([someDevice()]);
  const listeners: (() => void)[] = [];
  const signal = {
    aborted: false,
    reason: undefined,
    addEventListener: (_type: 'abort', run: () => void) => void listeners.push(run),
    removeEventListener: () => undefined,
  };
  const first = await device.answerer.answer(requestOf(get('/3/0/0')));
  await device.answerer.answer(requestOf({ ...get('/3/0/0'), signal }));
  let idle = false;
  const settled = device.answerer.idle().then(() => {
    idle = true;
  });
  first.whenSent?.();
  await Promise.resolve();
  expect(idle).toBe(false);
  for (const abort of listeners) abort();
  await settled;
  expect(idle).toBe(true);
  await device.answerer.idle();
});

test('the answer to a stranger says nothing of the device', async () => {
  const device = new AnswererFixture([someDevice()]);
  const answer = await device.ask({ ...get('/3/0/0'), peer: `${SERVER}0` });
  expect(new TextDecoder().decode(bytesOf(answer))).toBe('not a server of this client');
});
