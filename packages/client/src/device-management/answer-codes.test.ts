import { describe, expect, test } from 'vitest';
import { RequestRefusedError } from '../request-refused-error.ts';
import {
  AnswererFixture,
  creatableGauges,
  Gauge,
  type RequestPart,
  segments,
  someDevice,
  utf8,
} from './answerer.fixture.ts';
import { implementObject } from './implemented-object.ts';

const TEXT = 0;
const LINK = 40;
const OPAQUE = 42;
const SENML_JSON = 110;
const TLV = 11_542;
const LWM2M_JSON = 11_543;

function gauge(): ReturnType<typeof Gauge.instance> {
  return Gauge.instance({
    reading: () => 21.5,
    name: 'boiler',
    limit: 50,
    labels: ['a', 'b'],
    key: new Uint8Array([1]),
    reset: () => undefined,
    link: { objectId: 3, objectInstanceId: 0 },
    active: () => true,
  });
}

function fixture(): AnswererFixture {
  return new AnswererFixture([someDevice(), gauge()]);
}

/** `GET /3/0/0 Accept 40` and the like. */
function request(method: RequestPart['method'], path: string, rest: Partial<RequestPart> = {}): RequestPart {
  return { method, path: segments(path), ...rest };
}

const put = (path: string, contentFormat: number, text: string): RequestPart =>
  request('PUT', path, { contentFormat, payload: utf8(text) });
const post = (path: string, contentFormat: number, text: string): RequestPart =>
  request('POST', path, { contentFormat, payload: utf8(text) });

const rows: readonly (readonly [code: string, title: string, part: RequestPart])[] = [
  // LwM2M Transport 1.1.1 §6.7, Read
  ['2.05', 'Read of an object', request('GET', '/3')],
  ['2.05', 'Read of an instance', request('GET', '/3/0')],
  ['2.05', 'Read of a resource', request('GET', '/3/0/0')],
  ['2.05', 'Read of a resource instance', request('GET', '/42800/0/3/1')],
  ['4.04', 'Read of an unknown object', request('GET', '/9')],
  ['4.04', 'Read of an unknown instance', request('GET', '/3/1')],
  ['4.04', 'Read of an unknown resource', request('GET', '/3/0/99')],
  ['4.04', 'Read of a resource that the device has not', request('GET', '/3/0/14')],
  ['4.04', 'Read of an unknown resource instance', request('GET', '/42800/0/3/7')],
  ['4.04', 'Read of a resource instance of a single resource', request('GET', '/3/0/0/0')],
  ['4.05', 'Read of an executable resource', request('GET', '/3/0/4')],
  ['4.05', 'Read of a resource that may only be written', request('GET', '/42800/0/4')],
  ['4.05', 'Read of the root', request('GET', '/')],
  ['4.06', 'Read with an Accept that nobody knows', request('GET', '/3/0/0', { accept: 4_711 })],
  ['4.06', 'Read of an instance as text', request('GET', '/3/0', { accept: TEXT })],
  ['4.06', 'Read of a multiple resource as text', request('GET', '/42800/0/3', { accept: TEXT })],
  ['4.06', 'Read of a text as opaque', request('GET', '/3/0/0', { accept: OPAQUE })],
  ['4.06', 'Read as the JSON of 1.0', request('GET', '/3/0', { accept: LWM2M_JSON })],
  // Paths
  ['4.05', 'a path with a skipped level', request('GET', '/3//0')],
  ['4.05', 'a path of five levels', request('GET', '/3/0/1/2/3')],
  ['4.04', 'a path that is none of LwM2M', request('GET', '/.well-known/core')],
  ['4.04', 'an id beyond 65534', request('GET', '/3/65535')],
  ['4.04', 'a Bootstrap-Finish', request('POST', '/bs')],
  // Objects that hold keys
  ['4.01', 'Read of Security', request('GET', '/0')],
  ['4.01', 'Read of a key', request('GET', '/0/0/5')],
  ['4.01', 'Discover of Security', request('GET', '/0', { accept: LINK })],
  ['4.01', 'Write of Security', put('/0/0/0', TEXT, 'coap://evil')],
  ['4.01', 'Write-Attributes of Security', request('PUT', '/0/0/0', { query: ['pmin=1'] })],
  ['4.01', 'Create of Security', post('/0', SENML_JSON, '[]')],
  ['4.01', 'Delete of Security', request('DELETE', '/0/0')],
  ['4.01', 'Observe of Security', request('GET', '/0/0', { observe: 0 })],
  ['4.01', 'Read of OSCORE', request('GET', '/21/0')],
  // Discover
  ['2.05', 'Discover of an object', request('GET', '/3', { accept: LINK })],
  ['2.05', 'Discover of an instance', request('GET', '/3/0', { accept: LINK })],
  ['2.05', 'Discover of a resource', request('GET', '/3/0/0', { accept: LINK })],
  ['4.04', 'Discover of nothing', request('GET', '/9', { accept: LINK })],
  ['4.04', 'Discover of a resource that is not here', request('GET', '/3/0/14', { accept: LINK })],
  ['4.05', 'Discover of a resource instance', request('GET', '/42800/0/3/0', { accept: LINK })],
  ['4.05', 'Discover of the root', request('GET', '/', { accept: LINK })],
  // Write
  ['2.04', 'Write of a resource', put('/42800/0/1', TEXT, 'kettle')],
  ['2.04', 'Write of a resource instance', put('/42800/0/3/1', TEXT, 'c')],
  ['2.04', 'Write of an instance', put('/42800/0', SENML_JSON, '[{"bn":"/42800/0/","n":"1","vs":"kettle"}]')],
  ['2.04', 'Partial Update', post('/42800/0', SENML_JSON, '[{"n":"/42800/0/2","v":7}]')],
  ['2.04', 'Partial Update of a multiple resource', post('/42800/0/3', SENML_JSON, '[{"n":"/42800/0/3/9","vs":"z"}]')],
  ['4.00', 'Write without Content-Format', request('PUT', '/42800/0/1', { payload: utf8('x') })],
  ['4.00', 'Write of a number beyond the range', put('/42800/0/2', TEXT, '101')],
  ['4.00', 'Write of text where a number belongs', put('/42800/0/2', TEXT, 'ten')],
  ['4.00', 'Write of SenML that cannot be read', put('/42800/0', SENML_JSON, '[{')],
  [
    '4.00',
    'Write of TLV that is cut',
    request('PUT', '/42800/0', { contentFormat: TLV, payload: Uint8Array.of(0xc1, 0x02) }),
  ],
  ['4.00', 'Write of a path outside of the target', put('/42800/0', SENML_JSON, '[{"n":"/3/0/14","vs":"x"}]')],
  ['4.00', 'Write of a link to nothing', put('/42800/0/6', TEXT, '9:0')],
  ['2.04', 'Write of a link to an object', put('/42800/0/6', TEXT, '3:65535')],
  ['2.04', 'Write of a link to nowhere', put('/42800/0/6', TEXT, '65535:65535')],
  ['4.04', 'Write of an unknown instance', put('/42800/1', SENML_JSON, '[{"n":"/42800/1/1","vs":"x"}]')],
  ['4.04', 'Write of an unknown resource', put('/42800/0/99', TEXT, 'x')],
  ['4.04', 'Write of an unknown resource instance', put('/42800/0/3/7', TEXT, 'x')],
  ['4.05', 'Write of a resource that is read', put('/3/0/0', TEXT, 'Evil')],
  ['4.05', 'Write of an executable resource', put('/3/0/4', TEXT, 'x')],
  ['4.05', 'Write of an object', put('/3', SENML_JSON, '[]')],
  ['4.05', 'POST to a resource instance', post('/42800/0/3/0', TEXT, 'x')],
  ['4.15', 'Write in a format that nobody knows', put('/42800/0/1', 4_711, 'x')],
  ['4.15', 'Write in a format of composites', put('/42800/0/1', 320, '[]')],
  ['4.15', 'Write of an instance as text', put('/42800/0', TEXT, 'x')],
  ['4.15', 'Write of a multiple resource as text', put('/42800/0/3', TEXT, 'c')],
  // Write-Attributes
  ['2.04', 'Write-Attributes of an object', request('PUT', '/3', { query: ['pmin=1'] })],
  ['2.04', 'Write-Attributes of an instance', request('PUT', '/3/0', { query: ['pmin=1', 'pmax=9'] })],
  ['2.04', 'Write-Attributes of a resource', request('PUT', '/42800/0/0', { query: ['gt=20', 'lt=-5.5', 'st=1'] })],
  ['2.04', 'Write-Attributes of a resource instance', request('PUT', '/42800/0/3/0', { query: ['pmin=1'] })],
  ['4.00', 'PUT with nothing at all', request('PUT', '/3/0/0')],
  ['4.00', 'Write-Attributes of a threshold for a text', request('PUT', '/3/0/0', { query: ['gt=1'] })],
  ['4.00', 'Write-Attributes of a threshold for an instance', request('PUT', '/3/0', { query: ['gt=1'] })],
  ['4.00', 'Write-Attributes of an attribute that is none', request('PUT', '/3/0', { query: ['dim=1'] })],
  ['4.00', 'Write-Attributes that exclude each other', request('PUT', '/42800/0/0', { query: ['gt=1', 'lt=2'] })],
  ['4.04', 'Write-Attributes of nothing', request('PUT', '/9', { query: ['pmin=1'] })],
  ['4.04', 'Write-Attributes of no instance', request('PUT', '/3/7', { query: ['pmin=1'] })],
  ['4.04', 'Write-Attributes of no resource', request('PUT', '/3/0/99', { query: ['pmin=1'] })],
  ['4.04', 'Write-Attributes of no resource instance', request('PUT', '/42800/0/3/7', { query: ['pmin=1'] })],
  // Execute
  ['2.04', 'Execute', request('POST', '/3/0/4')],
  ['2.04', 'Execute with arguments', request('POST', '/42800/0/5', { payload: utf8("0='a',3") })],
  ['4.00', 'Execute with arguments that are none', request('POST', '/42800/0/5', { payload: utf8('what?') })],
  ['4.00', 'Execute with bytes that are no text', request('POST', '/42800/0/5', { payload: Uint8Array.of(0xff) })],
  ['4.00', 'Execute with TLV', request('POST', '/42800/0/5', { contentFormat: TLV, payload: Uint8Array.of(0) })],
  ['4.04', 'Execute of nothing', request('POST', '/3/0/99')],
  ['4.05', 'Execute of a value', request('POST', '/3/0/0')],
  // Create, Delete
  ['4.04', 'Create of an unknown object', post('/9', SENML_JSON, '[]')],
  ['4.05', 'Create of a single object', post('/3', SENML_JSON, '[{"n":"/3/1/15","vs":"x"}]')],
  ['4.05', 'Create where instances are fixed', post('/42800', SENML_JSON, '[{"n":"/42800/1/1","vs":"x"}]')],
  ['4.04', 'Delete of an unknown instance', request('DELETE', '/42800/7')],
  ['4.05', 'Delete of the Device', request('DELETE', '/3/0')],
  ['4.05', 'Delete where instances are fixed', request('DELETE', '/42800/0')],
  ['4.05', 'Delete of an object', request('DELETE', '/42800')],
  ['4.05', 'Delete of a resource', request('DELETE', '/42800/0/1')],
  ['4.05', 'Delete of the root', request('DELETE', '/')],
  // Composite operations
  ['4.05', 'PATCH', request('PATCH', '/3/0/0')],
  // Observe
  ['2.05', 'Observe', request('GET', '/3/0/9', { observe: 0 })],
  ['2.05', 'Cancel Observation', request('GET', '/3/0/9', { observe: 1 })],
  ['4.00', 'Observe with the parameters of 1.2', request('GET', '/3/0/9', { observe: 0, query: ['pmin=1'] })],
  ['4.04', 'Observe of nothing', request('GET', '/9', { observe: 0 })],
  ['4.05', 'Observe of an executable resource', request('GET', '/3/0/4', { observe: 0 })],
  // Strangers
  ['4.01', 'a request of a stranger', request('GET', '/3/0/0', { peer: '10.6.6.6:5683' })],
];

describe('the code of the answer', () => {
  test.each(rows)('%s: %s', async (code, _title, part) => {
    const device = fixture();
    expect(await device.code(part)).toBe(code);
    expect(device.failures).toEqual([]);
  });

  test('Create with and without id, and Delete', async () => {
    const deleted: number[] = [];
    const device = new AnswererFixture([someDevice(), creatableGauges(deleted)], { limits: { objectInstancesMax: 2 } });
    const chosen = await device.ask(post('/42800', SENML_JSON, '[{"n":"/42800/4/1","vs":"x"}]'));
    expect(chosen).toMatchObject({ code: 0x41 });
    expect(chosen.locationPath).toBeUndefined();
    // TLV without an object instance: resource 1, "y"
    const tlv = request('POST', '/42800', { contentFormat: TLV, payload: Uint8Array.of(0xc1, 0x01, 0x79) });
    expect((await device.ask(tlv)).locationPath).toEqual(['42800', '0']);
    expect(await device.text(request('GET', '/42800/0/1', { accept: TEXT }))).toBe('y');
    // one past the limit
    expect(await device.code(tlv)).toBe('5.03');
    expect(await device.code(request('DELETE', '/42800/0'))).toBe('2.02');
    expect(deleted).toEqual([0]);
    expect(await device.code(request('GET', '/42800/0'))).toBe('4.04');
    expect(device.changes).toEqual([
      'instances',
      'changed /42800/4',
      'instances',
      'changed /42800/0',
      'instances',
      'changed /42800/0',
    ]);
  });

  test.each([
    ['4.00', 'an id that is taken', '[{"n":"/42800/4/1","vs":"x"}]'],
    ['4.00', 'a mandatory resource that is missing', '[{"n":"/42800/5/2","v":1}]'],
    ['4.00', 'a value beyond its range', '[{"bn":"/42800/5/","n":"1","vs":"x"},{"n":"2","v":101}]'],
    ['2.01', 'a read-only value, which is ignored', '[{"bn":"/42800/5/","n":"1","vs":"x"},{"n":"0","v":99}]'],
    ['2.01', 'an unknown resource, which is ignored', '[{"bn":"/42800/5/","n":"1","vs":"x"},{"n":"77","v":99}]'],
  ])('%s: Create with %s', async (code, _title, payload) => {
    const device = new AnswererFixture([someDevice(), creatableGauges()]);
    await device.ask(post('/42800', SENML_JSON, '[{"n":"/42800/4/1","vs":"x"}]'));
    expect(await device.code(post('/42800', SENML_JSON, payload))).toBe(code);
    expect(await device.code(request('GET', '/42800/5'))).toBe(code === '2.01' ? '2.05' : '4.04');
  });

  test('the application is not asked for an instance that is there', async () => {
    let asked = 0;
    const object = implementObject(Gauge, {
      create: ({ values }) => {
        asked += 1;
        return { name: '', ...values };
      },
    });
    const device = new AnswererFixture([object]);
    const create = post('/42800', SENML_JSON, '[{"n":"/42800/4/1","vs":"x"}]');
    expect([await device.code(create), await device.code(create)]).toEqual(['2.01', '4.00']);
    expect(asked).toBe(1);
  });

  test('a handler that refuses by name is answered so, and is no failure', async () => {
    const reset = (): never => {
      throw new RequestRefusedError('4.05', 'not now');
    };
    const device = new AnswererFixture([Gauge.instance({ name: 'x', reset })]);
    const answer = await device.ask(request('POST', '/42800/0/5'));
    expect(answer).toMatchObject({ code: 0x85, payload: utf8('not now') });
    expect(device.failures).toEqual([]);
  });

  test('a handler that throws is a 5.00 without a reason, and is told', async () => {
    const cause = new Error('secret');
    const broken = (): never => {
      throw cause;
    };
    const device = new AnswererFixture([Gauge.instance({ name: 'x', reading: broken, reset: broken })]);
    for (const part of [request('POST', '/42800/0/5'), request('GET', '/42800/0')]) {
      const answer = await device.ask(part);
      expect(answer.code).toBe(0xa0);
      expect(answer.payload).toBeUndefined();
    }
    expect(device.failures).toEqual([
      { operation: 'Execute', path: '/42800/0/5', cause },
      { operation: 'Read', path: '/42800/0/0', cause },
    ]);
  });

  test('a function that gives another type is a 5.00, and is told', async () => {
    const device = new AnswererFixture([Gauge.instance({ name: 'x', reading: () => 'warm' as unknown as number })]);
    expect(await device.code(request('GET', '/42800/0/0'))).toBe('5.00');
    expect(device.failures).toMatchObject([{ path: '/42800/0/0', cause: { name: 'ValueError', code: 'wrong-type' } }]);
  });
});
