// JSON lines on standard input and output, and node-coap's options by number.
import { createInterface } from 'node:readline';

/** The options that node-coap reads into something else than bytes, or knows by name. */
const numbers = {
  ETag: 4,
  Observe: 6,
  'Location-Path': 8,
  'Content-Format': 12,
  'Max-Age': 14,
  'Location-Query': 20,
  Block2: 23,
  Block1: 27,
  Size2: 28,
  Size1: 60,
};

export function emit(line) {
  console.log(JSON.stringify(line));
}

/** Calls `handle` for each command; ends the program at `quit` or the end of standard input. */
export function readLines(handle) {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (text) => {
    const command = JSON.parse(text);
    if (command.do === 'quit') process.exit(0);
    handle(command);
  });
  lines.on('close', () => process.exit(0));
}

const formats = { 'text/plain': 0, 'application/octet-stream': 42, 'application/link-format': 40 };

/** node-coap hands out numbers, names of formats and bytes; here all are bytes in hex. */
function hexOf(value) {
  if (Buffer.isBuffer(value)) return value.toString('hex');
  const number = typeof value === 'string' && value in formats ? formats[value] : value;
  if (typeof number === 'string') return Buffer.from(number).toString('hex');
  if (number === 0) return '';
  const digits = number.toString(16);
  return digits.padStart(digits.length + (digits.length % 2), '0');
}

/** A packet as the cases read it. */
export function describe(packet, payload) {
  const types = [packet.ack && 'ACK', packet.confirmable && 'CON'];
  return {
    code: packet.code,
    type: types.find(Boolean) ?? 'NON',
    payload: payload.toString('hex'),
    options: packet.options.map(({ name, value }) => [numbers[name] ?? Number(name), hexOf(value)]),
  };
}
