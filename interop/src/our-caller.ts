import type { CoapEndpoint, CoapResponse } from '@motestack/coap/node';
import { formatCode } from '@motestack/coap/node';
import type { CallerAnswer, CoapCaller } from './coap-caller.ts';
import { eventually } from './eventually.ts';
import { readAnswer } from './read-answer.ts';
import { remoteOf } from './remote-of.ts';

function answerOf(response: CoapResponse): CallerAnswer {
  const { options, payload } = response;
  return readAnswer({ code: formatCode(response.code), type: undefined, options, payload });
}

/** Our client, for an endpoint that was opened with `remote`. */
export function ourCaller(endpoint: CoapEndpoint): CoapCaller {
  const peer = remoteOf(endpoint);
  return {
    request: async (init) => answerOf(await endpoint.request(peer, init)),
    observe: async (init) => {
      const notified: CoapResponse[] = [];
      const callbacks = { onNotification: (response: CoapResponse) => notified.push(response), onEnd: () => {} };
      const observation = await endpoint.observe(peer, init, callbacks);
      if (!observation.established) throw new Error('the observation was not taken');
      const next = async (): Promise<CallerAnswer> => {
        await eventually('a notification', () => notified.length > 0);
        return answerOf(notified.shift() as CoapResponse);
      };
      const cancel = async (): Promise<void> => void (await observation.cancel());
      const forget = async (): Promise<void> => observation.forget();
      return { first: answerOf(observation.response), next, cancel, forget };
    },
  };
}
