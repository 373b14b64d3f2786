import { formatCode } from '@motestack/coap';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AnswererFixture, creatableGauges, Gauge, someDevice } from './answerer.fixture.ts';

/** The codes that LwM2M Transport 1.1.1 §6.7 allows, and 5.03 at a limit of ours. */
const ALLOWED = {
  GET: ['2.05', '4.00', '4.01', '4.04', '4.05', '4.06'],
  PUT: ['2.04', '4.00', '4.01', '4.04', '4.05', '4.15'],
  POST: ['2.01', '2.04', '4.00', '4.01', '4.04', '4.05', '4.15', '5.03'],
  DELETE: ['2.02', '4.01', '4.04', '4.05'],
  FETCH: ['2.05', '4.00', '4.01', '4.04', '4.05', '4.06', '4.15'],
  PATCH: ['4.01', '4.04', '4.05'],
  iPATCH: ['2.04', '4.00', '4.01', '4.04', '4.05', '4.15'],
} as const;

const segment = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('3', '0', '42800', '42801', '1', '2', '4', '6', '9', '13') },
  { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
);
const format = fc.option(fc.constantFrom(0, 40, 42, 60, 110, 112, 320, 322, 1_542, 11_542, 11_543, 11_544, 65_000), {
  nil: undefined,
});
const senml = fc
  .tuple(fc.constantFrom('/42800/0/', '/42800/1/', '/42801/2/', '/3/0/', ''), segment, fc.jsonValue())
  .map(([base, name, value]) => new TextEncoder().encode(JSON.stringify([{ bn: base, n: name, v: value }])));
const payload = fc.oneof(fc.uint8Array({ maxLength: 32 }), senml, fc.constant(new Uint8Array()));
const query = fc.array(
  fc.oneof(
    fc.constantFrom('pmin=1', 'pmax=9', 'gt=5', 'lt=-2', 'st=1', 'pmin', 'con=1', 'depth=1'),
    fc.string({ maxLength: 8 }),
  ),
  { maxLength: 3 },
);

test.each(['1.0', '1.1', '1.2'] as const)(
  'any request gets an answer that LwM2M %s allows, and no failure of ours',
  async (version) => {
    const objects = [
      someDevice(),
      Gauge.instance({
        name: 'x',
        reading: () => 1,
        labels: ['a'],
        limit: 5,
        link: { objectId: 3, objectInstanceId: 0 },
      }),
      { ...creatableGauges(), objectId: 42_801, definition: { ...Gauge.definition, id: 42_801 } },
    ];
    const device = new AnswererFixture(objects, { version });
    const methods = Object.keys(ALLOWED) as (keyof typeof ALLOWED)[];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...methods),
        fc.array(segment, { maxLength: 5 }),
        fc.record({
          query,
          contentFormat: format,
          accept: format,
          observe: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
          payload,
        }),
        async (method, path, rest) => {
          const code = formatCode((await device.ask({ method, path, ...rest })).code);
          expect(ALLOWED[method], `${method} /${path.join('/')}`).toContain(code);
          expect(device.failures).toEqual([]);
        },
      ),
      { numRuns: 1_000 },
    );
  },
);
