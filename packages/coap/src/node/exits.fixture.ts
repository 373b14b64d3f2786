// Run by a test in a process of its own: does everything, closes, and must then end by itself.
import { openCoapEndpoint, ResponseCode } from './index.ts';

const server = await openCoapEndpoint({
  url: 'coap://127.0.0.1:0',
  handler: (request) => {
    if (request.observe === 0) request.acceptObserver();
    if (request.path[0] === 'never') return new Promise(() => {});
    return { code: ResponseCode.Content };
  },
});
const peer = server.localUrl.slice('coap://'.length);
const client = await openCoapEndpoint({ remote: server.localUrl });
const { code } = await client.request(peer, { method: 'GET' });
await client.observe(peer, { method: 'GET' }, { onNotification() {}, onEnd() {} });
const unanswered = client.request(peer, { method: 'GET', path: ['never'] }).catch((error: Error) => error.name);
await client.close();
await server.close();
process.stdout.write(`${code} ${await unanswered}\n`);
