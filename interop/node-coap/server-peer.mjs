// A node-coap server on loopback. Argument: the UDP port.
import { createServer } from 'coap';
import { emit, readLines } from './json-lines.mjs';

const SEPARATE_DELAY_MS = 700;
const TICK_MS = 200;
const LARGE_BYTES = 10_000;

/** The same bytes as the cases expect. */
function pattern(seed) {
  return Buffer.from(Array.from({ length: LARGE_BYTES }, (_, index) => (index * 7 + (index >> 8) * 13 + seed) & 0xff));
}

function respond(response, code, contentFormat, content = '') {
  response.code = code;
  if (contentFormat !== undefined) response.setOption('Content-Format', contentFormat);
  response.end(content);
}

let stored;
let count = 0;
const text = 'text/plain';
const bytes = 'application/octet-stream';

function store(request, response) {
  const existed = stored !== undefined;
  switch (request.method) {
    case 'GET':
      respond(response, existed ? '2.05' : '4.04', existed ? text : undefined, stored);
      return;
    case 'PUT':
      stored = request.payload;
      respond(response, existed ? '2.04' : '2.01');
      return;
    case 'POST':
      stored = Buffer.concat([stored ?? Buffer.alloc(0), request.payload]);
      respond(response, '2.04');
      return;
    default:
      stored = undefined;
      respond(response, '2.02');
  }
}

function ticking(contentFormat, content) {
  return (request, response) => {
    response.code = '2.05';
    response.setOption('Content-Format', contentFormat);
    if (request.headers.Observe !== 0) {
      response.end(content());
      return;
    }
    emit({ event: 'observed' });
    response.write(content());
    const ticker = setInterval(() => response.write(content()), TICK_MS);
    response.on('finish', () => {
      clearInterval(ticker);
      emit({ event: 'cancelled' });
    });
  };
}

const routes = {
  '/hello': (request, response) => {
    if (request.method === 'GET') respond(response, '2.05', text, 'hello');
    else respond(response, '4.05');
  },
  '/echo': (request, response) => {
    const code = request.method === 'FETCH' ? '2.05' : '2.04';
    respond(response, code, request.headers['Content-Format'], request.payload);
  },
  '/separate': (_, response) => setTimeout(() => respond(response, '2.05', text, 'later'), SEPARATE_DELAY_MS),
  '/store': store,
  '/large': (_, response) => respond(response, '2.05', bytes, pattern(0)),
  '/observe': ticking(text, () => String(count)),
  '/large-observe': ticking(bytes, () => pattern(count & 0xff)),
};

setInterval(() => {
  count += 1;
}, TICK_MS);
const server = createServer((request, response) => {
  const route = routes[request.url.split('?')[0]] ?? ((_, unknown) => respond(unknown, '4.04'));
  route(request, response);
});
server.listen(Number(process.argv[2]), '127.0.0.1', () => emit({ event: 'listening' }));
readLines(() => {});
