// GET /hello is answered 2.05 "hello" by @motestack/coap over @motestack/dtls. node motestack-dtls.mjs PORT
import { CoapRouter, content, openCoapEndpoint } from '@motestack/coap/node';
import { CipherSuiteId, openDtlsServer } from '@motestack/dtls/node';

const [, , port] = process.argv;
const key = new TextEncoder().encode('sixteen-byte-key');
const cipherSuites = [CipherSuiteId.PskAes128Ccm8];
const transport = await openDtlsServer({ host: '127.0.0.1', port: Number(port), pskOf: () => key, cipherSuites });
const found = content(new TextEncoder().encode('hello'));
const router = new CoapRouter();
router.get('/hello', () => found);
await openCoapEndpoint({ transport, handler: router.handler });
console.log('ready');
