import { fromHex, toHex } from '@motestack/bytes';
import type { CallerAnswer, CallerRequest, CoapCaller } from './coap-caller.ts';
import type { PeerLine, PeerProcess } from './peer-process.ts';
import { readAnswer } from './read-answer.ts';

function commandOf(url: string, init: CallerRequest): PeerLine {
  const path = (init.path ?? []).map(encodeURIComponent).join('/');
  const query = (init.query ?? []).length === 0 ? '' : `?${(init.query ?? []).join('&')}`;
  const { method, confirmable, contentFormat, accept } = init;
  return {
    method,
    uri: `${url}/${path}${query}`,
    ...(init.payload === undefined ? {} : { payload: toHex(init.payload) }),
    ...(confirmable === undefined ? {} : { confirmable }),
    ...(contentFormat === undefined ? {} : { contentFormat }),
    ...(accept === undefined ? {} : { accept }),
    ...(init.options === undefined ? {} : { options: init.options.map(({ number, value }) => [number, toHex(value)]) }),
  };
}

function answerOf(line: PeerLine): CallerAnswer {
  if (line.error !== undefined) throw new Error(String(line.error));
  const options = (line.options ?? []).map(([number, value]) => ({
    number,
    value: fromHex(value),
  }));
  const type = typeof line.type === 'string' ? line.type : undefined;
  return readAnswer({ code: String(line.code), type, options, payload: fromHex(String(line.payload)) });
}

/** A peer's client program, driven by JSON lines, at the server of `url`. */
export function peerCaller(client: PeerProcess, url: string): CoapCaller {
  return {
    request: async (init) => answerOf(await client.call('request', commandOf(url, init))),
    observe: async (init) => {
      const line = await client.call('observe', commandOf(url, init));
      const first = answerOf(line);
      const { observation } = line;
      const isNext = (event: PeerLine): boolean => event.observation === observation;
      const next = async (): Promise<CallerAnswer> => answerOf(await client.event('notification', isNext));
      const cancel = async (): Promise<void> => void (await client.call('cancel', { observation }));
      const forget = async (): Promise<void> => void (await client.call('forget', { observation }));
      return { first, next, cancel, forget };
    },
  };
}
