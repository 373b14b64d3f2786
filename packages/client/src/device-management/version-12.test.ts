import { expect, test } from 'vitest';
import { AnswererFixture, Gauge, segments, someDevice } from './answerer.fixture.ts';

const LINK = 40;

function device(version: '1.1' | '1.2' = '1.2', rootPath?: string): AnswererFixture {
  const objects = [someDevice(), Gauge.instance({ name: 'a', labels: ['x', 'y'], reading: 1 })];
  return new AnswererFixture(objects, { version, ...(rootPath === undefined ? {} : { rootPath }) });
}

test.each([
  ['/42800', 0, '</42800>'],
  ['/42800', 1, '</42800>,</42800/0>'],
  ['/42800', 2, '</42800>,</42800/0>,</42800/0/0>,</42800/0/1>,</42800/0/3>;dim=2'],
  ['/42800', 3, '</42800>,</42800/0>,</42800/0/0>,</42800/0/1>,</42800/0/3>;dim=2,</42800/0/3/0>,</42800/0/3/1>'],
  ['/42800/0', 0, '</42800/0>'],
  ['/42800/0', 1, '</42800/0>,</42800/0/0>,</42800/0/1>,</42800/0/3>;dim=2'],
  ['/42800/0/3', 0, '</42800/0/3>;dim=2'],
  ['/42800/0/3', 1, '</42800/0/3>;dim=2,</42800/0/3/0>,</42800/0/3/1>'],
])('[int-264] [int-266] Discover of %s to the depth %d (Core 1.2 §6.3.2)', async (path, depth, links) => {
  const request = { method: 'GET', path: segments(path), accept: LINK, query: [`depth=${depth}`] } as const;
  expect(await device().text(request)).toBe(links);
});

test.each([['depth=4'], ['depth=x'], ['depth']])('Discover ignores %s', async (parameter) => {
  const request = { method: 'GET', path: segments('/42800/0/3'), accept: LINK } as const;
  expect(await device().text({ ...request, query: [parameter] })).toBe(await device().text(request));
});

test('Discover of 1.1 knows no depth', async () => {
  const request = { method: 'GET', path: ['42800'], accept: LINK, query: ['depth=0'] } as const;
  expect(await device('1.1').text(request)).toContain('</42800/0/3>;dim=2');
});

test('Delete of a resource instance (Core 1.2 §6.3.7)', async () => {
  const gauges = device();
  expect(await gauges.code({ method: 'DELETE', path: segments('/42800/0/3/0') })).toBe('2.02');
  expect(gauges.changes).toEqual(['changed /42800/0/3/0']);
  expect(await gauges.code({ method: 'GET', path: segments('/42800/0/3/0') })).toBe('4.04');
  expect(await gauges.text({ method: 'GET', path: segments('/42800/0/3/1'), accept: 0 })).toBe('y');
});

test.each([
  ['1.2', '/42800/0/3/7', '4.04'],
  ['1.2', '/42800/0/0/0', '4.05'],
  ['1.2', '/42800/9/3/0', '4.04'],
  ['1.2', '/42800/0/3', '4.05'],
  ['1.1', '/42800/0/3/0', '4.05'],
] as const)('LwM2M %s: Delete of %s is %s', async (version, path, code) => {
  expect(await device(version).code({ method: 'DELETE', path: segments(path) })).toBe(code);
});

test('Observe parameters stand for the attached attributes (Core 1.2 §6.4.1)', async () => {
  const gauges = device();
  const observe = { method: 'GET', path: segments('/42800/0/0'), observe: 0 } as const;
  expect(await gauges.code({ ...observe, query: ['pmin=5', 'gt=3'] })).toBe('2.05');
  expect(gauges.observed[0]?.parameters).toEqual({ pmin: 5, gt: 3 });
  expect(await gauges.code({ ...observe, path: ['42800', '0', '1'], query: ['gt=3'] })).toBe('4.00');
  expect(await gauges.code({ ...observe, query: ['foo=3'] })).toBe('4.00');
});

test('an alternate root stands before every path (Core 1.1.1 §6.2.1)', async () => {
  const gauges = device('1.1', '/lwm2m/x');
  expect(await gauges.text({ method: 'GET', path: ['lwm2m', 'x', '42800', '0', '1'], accept: 0 })).toBe('a');
  expect(await gauges.code({ method: 'GET', path: ['42800', '0', '1'], accept: 0 })).toBe('4.04');
  expect(await gauges.text({ method: 'GET', path: ['lwm2m', 'x', '42800', '0', '0'], accept: LINK })).toBe(
    '</lwm2m/x/42800/0/0>',
  );
});

test('objects 0, 21 and 23 are nobody’s business: 4.01 (Core 1.1.1 §6.3)', async () => {
  for (const id of ['0', '21', '23']) {
    expect(await device().code({ method: 'GET', path: [id, '0'] })).toBe('4.01');
  }
});
