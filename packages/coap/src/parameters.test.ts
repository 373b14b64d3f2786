import { vectors } from '@motestack/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  defaultTransmissionParameters as defaults,
  derivedTimes,
  resolveTransmissionParameters,
  retransmissionSchedule,
  type TransmissionParameters,
} from './parameters.ts';

const rows = vectors<{ timing: { name: string; value: number; unit: string }[] }>('coap-messages').timing;
const times = derivedTimes(defaults);

/** The RFC's names for what is computed or set here, in the RFC's units. */
const values: Record<string, number> = {
  ACK_TIMEOUT: defaults.ackTimeoutMs / 1000,
  ACK_RANDOM_FACTOR: defaults.ackRandomFactor,
  MAX_RETRANSMIT: defaults.maxRetransmit,
  NSTART: defaults.nstart,
  DEFAULT_LEISURE: defaults.defaultLeisureMs / 1000,
  PROBING_RATE: defaults.probingRateBytesPerSecond,
  MAX_TRANSMIT_SPAN: times.maxTransmitSpanMs / 1000,
  MAX_TRANSMIT_WAIT: times.maxTransmitWaitMs / 1000,
  MAX_LATENCY: defaults.maxLatencyMs / 1000,
  PROCESSING_DELAY: times.processingDelayMs / 1000,
  MAX_RTT: times.maxRttMs / 1000,
  EXCHANGE_LIFETIME: times.exchangeLifetimeMs / 1000,
  NON_LIFETIME: times.nonLifetimeMs / 1000,
};

describe('derivedTimes', () => {
  test.each(rows)('$name is $value $unit', ({ name, value }) => {
    expect(values[name]).toBe(value);
  });

  test('every row is used', () => {
    expect(new Set(Object.keys(values))).toEqual(new Set(rows.map(({ name }) => name)));
  });
});

describe('retransmissionSchedule', () => {
  test('the example of its documentation', () => {
    expect(retransmissionSchedule(defaults, 0, 0)).toEqual([0, 2000, 6000, 14000, 30000, 62000]);
  });

  test('the largest draw gives the span and the wait of the RFC', () => {
    const schedule = retransmissionSchedule(defaults, 1000, 1);
    expect(schedule.at(-2)).toBe(1000 + times.maxTransmitSpanMs);
    expect(schedule.at(-1)).toBe(1000 + times.maxTransmitWaitMs);
  });

  test('waits double, and never leave their bounds', () => {
    const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(draw, fc.nat(20), (random, maxRetransmit) => {
        const schedule = retransmissionSchedule({ ...defaults, maxRetransmit }, 0, random);
        expect(schedule).toHaveLength(maxRetransmit + 2);
        const waits = schedule.slice(1).map((at, index) => at - (schedule[index] ?? 0));
        for (const [attempt, wait] of waits.entries()) {
          expect(wait).toBeGreaterThanOrEqual(2000 * 2 ** attempt - 1e-3);
          expect(wait).toBeLessThan(3000 * 2 ** attempt + 1e-3);
        }
      }),
    );
  });
});

describe('resolveTransmissionParameters', () => {
  test('fills in the defaults', () => {
    expect(resolveTransmissionParameters()).toEqual(defaults);
    expect(resolveTransmissionParameters({ nstart: 4 })).toEqual({ ...defaults, nstart: 4 });
  });

  test.each<Partial<TransmissionParameters>>([
    { ackTimeoutMs: 0 },
    { ackTimeoutMs: Number.NaN },
    { ackTimeoutMs: Number.POSITIVE_INFINITY },
    { ackRandomFactor: 0.99 },
    { maxRetransmit: -1 },
    { maxRetransmit: 1.5 },
    { maxRetransmit: 21 },
    { nstart: 0 },
    { nstart: 1.5 },
    { defaultLeisureMs: -1 },
    { probingRateBytesPerSecond: 0 },
    { maxLatencyMs: -1 },
  ])('%o is refused', (parameters) => {
    expect(() => resolveTransmissionParameters(parameters)).toThrow(RangeError);
  });

  test.each<Partial<TransmissionParameters>>([
    { ackRandomFactor: 1 },
    { maxRetransmit: 0 },
    { maxRetransmit: 20 },
    { nstart: 1 },
    { defaultLeisureMs: 0 },
    { maxLatencyMs: 0 },
  ])('%o is allowed', (parameters) => {
    expect(resolveTransmissionParameters(parameters)).toEqual({ ...defaults, ...parameters });
  });
});
