// GET /hello is answered 2.05 "hello" by @motestack/coap. node motestack.mjs PORT
import { openCoapEndpoint } from '@motestack/coap/node';
import { ResponseCode } from '@motestack/coap/wire';

const [, , port] = process.argv;
const found = { code: ResponseCode.Content, payload: new TextEncoder().encode('hello') };
const notFound = { code: ResponseCode.NotFound };
await openCoapEndpoint({
  url: `coap://127.0.0.1:${port}`,
  handler: ({ path }) => (path.length === 1 && path[0] === 'hello' ? found : notFound),
});
console.log('ready');
