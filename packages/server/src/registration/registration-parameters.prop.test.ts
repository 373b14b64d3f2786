import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultRegistrationLeniencies } from './registration-leniencies.ts';
import { resolveRegistrationLimits } from './registration-limits.ts';
import { parseRegisterParameters, parseUpdateParameters } from './registration-parameters.ts';

const rules = { limits: resolveRegistrationLimits(), leniencies: defaultRegistrationLeniencies };
const name = fc.constantFrom('ep', 'lt', 'lwm2m', 'b', 'Q', 'sms', 'pid', '', 'x');
const parameter = fc.oneof(
  fc.tuple(name, fc.string({ maxLength: 12 })).map(([key, value]) => `${key}=${value}`),
  name,
  fc.string({ unit: 'binary', maxLength: 12 }),
);

describe('registration parameters', () => {
  test('any query is read or refused with 4.00 or 4.12 and a reason', () => {
    fc.assert(
      fc.property(fc.array(parameter, { maxLength: 24 }), (query) => {
        for (const read of [parseRegisterParameters(query, rules), parseUpdateParameters(query, rules)]) {
          if (read.ok) continue;
          expect([0x80, 0x8c]).toContain(read.fault.code);
          expect(read.fault.reason).not.toBe('');
        }
      }),
    );
  });

  test('every well-formed query is read, whatever its order', () => {
    const query = fc.record({
      ep: fc.stringMatching(/^[a-z:0-9-]{1,40}$/),
      lt: fc.integer({ min: 1, max: 0xffff_ffff }),
      lwm2m: fc.constantFrom('1.1', '1.2'),
      b: fc.constantFrom('U', 'UQ', 'UT', 'S', 'N'),
    });
    const parts = query.chain((said) =>
      fc.tuple(
        fc.constant(said),
        fc.shuffledSubarray(
          Object.entries(said).map(([key, value]) => `${key}=${value}`),
          { minLength: 4 },
        ),
      ),
    );
    fc.assert(
      fc.property(parts, ([said, text]) => {
        expect(parseRegisterParameters(text, rules)).toMatchObject({
          ok: true,
          value: { endpoint: said.ep, lifetimeSeconds: said.lt, lwm2mVersion: said.lwm2m, binding: said.b },
        });
      }),
    );
  });
});
