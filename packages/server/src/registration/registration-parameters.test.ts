import { describe, expect, test } from 'vitest';
import { defaultRegistrationLeniencies } from './registration-leniencies.ts';
import { resolveRegistrationLimits } from './registration-limits.ts';
import { type ParameterRules, parseRegisterParameters, parseUpdateParameters } from './registration-parameters.ts';

const rules: ParameterRules = { limits: resolveRegistrationLimits(), leniencies: defaultRegistrationLeniencies };
const register = (query: string, own: ParameterRules = rules) => parseRegisterParameters(query.split('&'), own);
const limited = (limits: Partial<ParameterRules['limits']>): ParameterRules => ({
  ...rules,
  limits: resolveRegistrationLimits(limits),
});

describe('parseRegisterParameters', () => {
  test.each([
    ['ep=node&lt=86400&lwm2m=1.0&b=UQ', { lwm2mVersion: '1.0', binding: 'UQ', queueModeFlag: false }],
    ['b=U&lwm2m=1.1&Q&lt=86400&ep=node', { lwm2mVersion: '1.1', binding: 'U', queueModeFlag: true }],
    ['ep=node&lt=86400&lwm2m=1.1&b=UTSN', { binding: 'UTSN' }],
    ['ep=node&lt=86400&lwm2m=1.2&b=MH', { lwm2mVersion: '1.2', binding: 'MH' }],
    [
      'ep=node&lt=86400&lwm2m=1.1',
      { endpoint: 'node', lifetimeSeconds: 86_400, binding: undefined, smsNumber: undefined },
    ],
    ['ep=node&lt=0&lwm2m=1.1', { lifetimeSeconds: 0 }],
    ['ep=node&lt=60&lwm2m=1.1&sms=491711234567', { smsNumber: '491711234567' }],
    ['ep=urn:imei:1=2&lt=60&lwm2m=1.1', { endpoint: 'urn:imei:1=2' }],
    ['ep=gerät ß&lt=60&lwm2m=1.1', { endpoint: 'gerät ß' }],
  ])('reads %s', (query, expected) => {
    expect(register(query)).toMatchObject({ ok: true, value: expected });
  });

  test('keeps what it does not know', () => {
    const read = register('ep=a&lt=60&lwm2m=1.1&site=7&probe&empty=&__proto__=x');
    expect(read.ok && Object.entries(read.value.additional)).toEqual([
      ['site', '7'],
      ['probe', null],
      ['empty', ''],
      ['__proto__', 'x'],
    ]);
  });

  test.each([
    ['ep=a&lt=60', 0x80],
    ['lt=60&lwm2m=1.1', 0x80],
    ['ep=&lt=60&lwm2m=1.1', 0x80],
    ['ep&lt=60&lwm2m=1.1', 0x80],
    ['ep=a\u0000b&lt=60&lwm2m=1.1', 0x80],
    ['ep=a&lt=abc&lwm2m=1.1', 0x80],
    ['ep=a&lt=-1&lwm2m=1.1', 0x80],
    ['ep=a&lt=1.5&lwm2m=1.1', 0x80],
    ['ep=a&lt=&lwm2m=1.1', 0x80],
    ['ep=a&lt&lwm2m=1.1', 0x80],
    ['ep=a&lt=60&lwm2m=x', 0x80],
    ['ep=a&lt=60&lwm2m', 0x80],
    ['ep=a&lt=60&lwm2m=9.0', 0x8c],
    ['ep=a&lt=60&lwm2m=1.3', 0x8c],
    ['ep=a&lt=60&lwm2m=1.1&Q=1', 0x80],
    ['ep=a&lt=60&lwm2m=1.0&Q', 0x80],
    ['ep=a&lt=60&lwm2m=1.1&b=', 0x80],
    ['ep=a&lt=60&lwm2m=1.1&b=u', 0x80],
    ['ep=a&lt=60&lwm2m=1.1&sms=+49171', 0x80],
    ['ep=a&lt=60&lwm2m=1.1&sms', 0x80],
    ['ep=a&ep=b&lt=60&lwm2m=1.1', 0x80],
    ['ep=a&lt=60&lwm2m=1.1&x=1&x=2', 0x80],
    ['ep=a&lt=60&lwm2m=1.1&=1', 0x80],
  ])('refuses %j', (query, code) => {
    expect(register(query)).toMatchObject({ ok: false, fault: { code, reason: expect.stringMatching(/./) } });
  });

  test('without the leniency a parameter that is not known is refused, and pid is known', () => {
    const strict = { ...rules, leniencies: { ...defaultRegistrationLeniencies, unknownParameters: false } };
    expect(register('ep=a&lt=60&lwm2m=1.1&foo=1', strict)).toMatchObject({ ok: false, fault: { code: 0x80 } });
    expect(register('ep=a&lt=60&lwm2m=1.2&pid=6:00000000', strict)).toMatchObject({ ok: true });
  });

  test('a lifetime that is not said is 86,400 seconds; without the leniency it is refused [Core §6.2.1]', () => {
    expect(register('ep=a&lwm2m=1.1')).toMatchObject({ ok: true, value: { lifetimeSeconds: 86_400 } });
    const strict = { ...rules, leniencies: { ...defaultRegistrationLeniencies, missingLifetime: false } };
    expect(register('ep=a&lwm2m=1.1', strict)).toMatchObject({ ok: false, fault: { code: 0x80 } });
  });

  test('the name of the credentials stands in for ep, and ep goes before it [Core §6.2.1]', () => {
    const query = ['lt=60', 'lwm2m=1.2'];
    expect(parseRegisterParameters(query, rules, 'proved')).toMatchObject({ ok: true, value: { endpoint: 'proved' } });
    expect(parseRegisterParameters([...query, 'ep=a'], rules, 'proved')).toMatchObject({ value: { endpoint: 'a' } });
  });

  test('Profile IDs are read, and what is none is refused [Core 1.2 §6.2.1]', () => {
    expect(register('ep=a&lt=60&lwm2m=1.2&pid=6:27354b9a')).toMatchObject({ value: { profileIds: ['6:27354b9a'] } });
    expect(register('ep=a&lt=60&lwm2m=1.2&pid="oma:1,acme:2"')).toMatchObject({
      value: { profileIds: ['oma:1', 'acme:2'] },
    });
    for (const pid of ['pid', 'pid=', 'pid=6:xy']) {
      expect(register(`ep=a&lt=60&lwm2m=1.2&${pid}`)).toMatchObject({ ok: false, fault: { code: 0x80 } });
    }
  });

  test('lifetimeSecondsMin and lifetimeSecondsMax hold at their value and not one past it; 0 is without end', () => {
    const own = limited({ lifetimeSecondsMin: 30, lifetimeSecondsMax: 300 });
    expect(register('ep=a&lt=30&lwm2m=1.1', own).ok).toBe(true);
    expect(register('ep=a&lt=29&lwm2m=1.1', own).ok).toBe(false);
    expect(register('ep=a&lt=300&lwm2m=1.1', own).ok).toBe(true);
    expect(register('ep=a&lt=301&lwm2m=1.1', own).ok).toBe(false);
    expect(register('ep=a&lt=0&lwm2m=1.1', own).ok).toBe(true);
    expect(register('ep=a&lt=4294967295&lwm2m=1.1').ok).toBe(true);
    expect(register('ep=a&lt=4294967296&lwm2m=1.1').ok).toBe(false);
  });

  test('endpointBytesMax counts bytes', () => {
    expect(register(`ep=${'ß'.repeat(4)}&lt=60&lwm2m=1.1`, limited({ endpointBytesMax: 8 })).ok).toBe(true);
    expect(register(`ep=${'ß'.repeat(4)}a&lt=60&lwm2m=1.1`, limited({ endpointBytesMax: 8 })).ok).toBe(false);
  });

  test('additionalParametersMax holds at its value and not one past it', () => {
    expect(register('ep=a&lt=60&lwm2m=1.1&x&y', limited({ additionalParametersMax: 2 })).ok).toBe(true);
    expect(register('ep=a&lt=60&lwm2m=1.1&x&y&z', limited({ additionalParametersMax: 2 })).ok).toBe(false);
  });
});

describe('parseUpdateParameters', () => {
  test('takes nothing, or what changed', () => {
    expect(parseUpdateParameters([], rules)).toMatchObject({ ok: true, value: { lifetimeSeconds: undefined } });
    expect(parseUpdateParameters(['lt=20', 'b=U', 'Q'], rules)).toMatchObject({
      ok: true,
      value: { lifetimeSeconds: 20, binding: 'U', queueModeFlag: true },
    });
  });

  test.each(['ep=b', 'lwm2m=1.1', 'lt=x', 'Q=1'])('refuses %s', (parameter) => {
    expect(parseUpdateParameters([parameter], rules)).toMatchObject({ ok: false, fault: { code: 0x80 } });
  });
});

describe('resolveRegistrationLimits', () => {
  test('fills defaults and refuses what means nothing', () => {
    expect(resolveRegistrationLimits({ registrationsMax: 3 })).toMatchObject({
      registrationsMax: 3,
      objectLinksMax: 1_000,
    });
    expect(() => resolveRegistrationLimits({ registrationsMax: 0 })).toThrow(RangeError);
    expect(() => resolveRegistrationLimits({ objectLinksMax: 1.5 })).toThrow(RangeError);
  });
});
