// GET /hello is answered 2.05 "hello" by npm's coap. node node-coap.mjs PORT
import coap from 'coap';

const [, , port] = process.argv;
const server = coap.createServer((request, response) => {
  response.code = request.url === '/hello' ? '2.05' : '4.04';
  response.end('hello');
});
server.listen(Number(port), '127.0.0.1', () => console.log('ready'));
