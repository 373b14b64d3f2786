// A node-coap client, driven by JSON lines.
import { Agent, request as send } from 'coap';
import { describe, emit, readLines } from './json-lines.mjs';

/** The largest block, 1024 bytes: node-coap cuts a request only when Block1 is set. */
const BLOCK_1024 = 6;
const BLOCK_BYTES = 1024;
const names = { 23: 'Block2' };

const agent = new Agent({ type: 'udp4' });
const observations = new Map();

function build(command, observe) {
  const { hostname, port, pathname, search } = new URL(command.uri);
  const query = search.slice(1);
  const { method = 'GET', confirmable = true } = command;
  const message = send({ hostname, port, pathname, query, method, confirmable, observe, agent });
  if (command.contentFormat !== undefined) message.setOption('Content-Format', command.contentFormat);
  if (command.accept !== undefined) message.setOption('Accept', command.accept);
  for (const [number, value] of command.options ?? [])
    message.setOption(names[number] ?? String(number), Buffer.from(value, 'hex'));
  return message;
}

function request(command) {
  const message = build(command, false);
  const payload = Buffer.from(command.payload ?? '', 'hex');
  if (payload.length > BLOCK_BYTES) message.setOption('Block1', Buffer.of(BLOCK_1024));
  message.on('response', (response) => emit({ id: command.id, ...describe(response._packet, response.payload) }));
  message.on('error', (error) => emit({ id: command.id, error: String(error) }));
  message.end(payload);
}

function observe(command) {
  const observation = String(command.id);
  const message = build(command, true);
  let answered = false;
  message.on('response', (stream) => {
    observations.set(observation, stream);
    stream.on('data', (payload) => {
      const line = { observation, ...describe(stream._packet, payload) };
      emit(answered ? { event: 'notification', ...line } : { id: command.id, ...line });
      answered = true;
    });
  });
  message.on('error', (error) => emit({ id: command.id, error: String(error) }));
  message.end();
}

function cancel(command) {
  observations.get(command.observation).close();
  emit({ id: command.id });
}

emit({ event: 'ready' });
readLines((command) => ({ request, observe, cancel })[command.do](command));
