import { describe, expect, test } from 'vitest';
import {
  codeClass,
  formatCode,
  isRequestCode,
  isResponseCode,
  Method,
  parseCode,
  ResponseCode,
  SignalingCode,
} from './code.ts';

const written = {
  '0.01': Method.Get,
  '0.02': Method.Post,
  '0.03': Method.Put,
  '0.04': Method.Delete,
  '0.05': Method.Fetch,
  '0.06': Method.Patch,
  '0.07': Method.IPatch,
  '2.01': ResponseCode.Created,
  '2.02': ResponseCode.Deleted,
  '2.03': ResponseCode.Valid,
  '2.04': ResponseCode.Changed,
  '2.05': ResponseCode.Content,
  '2.31': ResponseCode.Continue,
  '4.00': ResponseCode.BadRequest,
  '4.01': ResponseCode.Unauthorized,
  '4.02': ResponseCode.BadOption,
  '4.03': ResponseCode.Forbidden,
  '4.04': ResponseCode.NotFound,
  '4.05': ResponseCode.MethodNotAllowed,
  '4.06': ResponseCode.NotAcceptable,
  '4.08': ResponseCode.RequestEntityIncomplete,
  '4.09': ResponseCode.Conflict,
  '4.12': ResponseCode.PreconditionFailed,
  '4.13': ResponseCode.RequestEntityTooLarge,
  '4.15': ResponseCode.UnsupportedContentFormat,
  '4.22': ResponseCode.UnprocessableEntity,
  '4.29': ResponseCode.TooManyRequests,
  '5.00': ResponseCode.InternalServerError,
  '5.01': ResponseCode.NotImplemented,
  '5.02': ResponseCode.BadGateway,
  '5.03': ResponseCode.ServiceUnavailable,
  '5.04': ResponseCode.GatewayTimeout,
  '5.05': ResponseCode.ProxyingNotSupported,
  '5.08': ResponseCode.HopLimitReached,
  '7.01': SignalingCode.Csm,
  '7.02': SignalingCode.Ping,
  '7.03': SignalingCode.Pong,
  '7.04': SignalingCode.Release,
  '7.05': SignalingCode.Abort,
};

describe('codes', () => {
  test.each(Object.entries(written))('%s', (text, code) => {
    expect(formatCode(code)).toBe(text);
    expect(parseCode(text)).toBe(code);
  });

  test('every constant is named', () => {
    const constants = [Method, ResponseCode, SignalingCode].flatMap((codes) => Object.values<number>(codes));
    expect(new Set(constants)).toEqual(new Set(Object.values<number>(written)));
  });

  test('every byte is written and read', () => {
    for (let code = 0; code < 256; code++) expect(parseCode(formatCode(code))).toBe(code);
  });

  test.each(['', '2', '2.5', '2.32', '8.00', '2.050', ' 2.05', '2,05', '-2.05'])('%j is no code', (text) => {
    expect(() => parseCode(text)).toThrow(TypeError);
  });

  test('classes', () => {
    const codes = ['0.00', '0.01', '0.31', '1.00', '2.00', '2.31', '3.00', '4.00', '5.31', '6.00', '7.01'].map(
      parseCode,
    );
    expect(codes.map(codeClass)).toEqual([0, 0, 0, 1, 2, 2, 3, 4, 5, 6, 7]);
    expect(codes.filter(isRequestCode).map(formatCode)).toEqual(['0.01', '0.31']);
    expect(codes.filter(isResponseCode).map(formatCode)).toEqual(['2.00', '2.31', '4.00', '5.31']);
  });
});
