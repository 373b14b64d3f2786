// GET /hello is answered 2.05 "hello" by @motestack/coap, through its router. node motestack.mjs PORT
import { CoapRouter, content, openCoapEndpoint } from '@motestack/coap/node';

const [, , port] = process.argv;
const found = content(new TextEncoder().encode('hello'));
const router = new CoapRouter();
router.get('/hello', () => found);
await openCoapEndpoint({ url: `coap://127.0.0.1:${port}`, handler: router.handler });
console.log('ready');
