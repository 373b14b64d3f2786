import { toHex } from '@motestack/bytes';
import { decodeUint, type Option, OptionNumber } from '@motestack/coap/wire';
import type { CallerAnswer } from './coap-caller.ts';

/** Takes from the options what cases ask for. */
export function readAnswer(message: {
  readonly code: string;
  readonly type: string | undefined;
  readonly options: readonly Option[];
  readonly payload: Uint8Array;
}): CallerAnswer {
  const { code, type, payload, options } = message;
  const all = (number: number): Uint8Array[] =>
    options.filter((option) => option.number === number).map(({ value }) => value);
  const uint = (number: number): number | undefined => {
    const [value] = all(number);
    return value === undefined ? undefined : decodeUint(value);
  };
  const texts = (number: number): string[] => all(number).map((value) => Buffer.from(value).toString());
  const [eTag] = all(OptionNumber.ETag);
  return {
    code,
    type,
    payload,
    contentFormat: uint(OptionNumber.ContentFormat),
    observe: uint(OptionNumber.Observe),
    locationPath: texts(OptionNumber.LocationPath),
    locationQuery: texts(OptionNumber.LocationQuery),
    maxAgeSeconds: uint(OptionNumber.MaxAge),
    eTag: eTag === undefined ? undefined : toHex(eTag),
  };
}
