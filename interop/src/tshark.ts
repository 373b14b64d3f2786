import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { delay } from './eventually.ts';
import { places } from './places.ts';

/** One datagram as tshark took it apart. */
export interface DissectedMessage {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** The whole datagram, in hex. */
  readonly datagram: string;
  readonly version: number;
  readonly type: number;
  readonly code: number;
  readonly messageId: number;
  readonly token: string;
  readonly optionNumbers: readonly number[];
  readonly optionLengths: readonly number[];
  readonly payloadLength: number;
  /** What tshark finds wrong, in any layer of the packet. */
  readonly faults: readonly string[];
}

export interface Capture {
  /** Ends the capture and gives what was seen, in order. */
  stop(): Promise<DissectedMessage[]>;
  /** What tshark says of other fields, once stopped: for each message and field every occurrence, in order. */
  fieldsOf(names: readonly string[]): string[][][];
}

const START_TIMEOUT_MS = 10_000;
/** The kernel hands packets over in batches; what was sent last needs a moment to arrive. */
const DRAIN_MS = 700;
/** Wireshark's severity of an error; notes on retransmissions and the like are lower. */
const EXPERT_ERROR = 0x0080_0000;

const fields = [
  'udp.srcport',
  'udp.dstport',
  'udp.payload',
  'coap.version',
  'coap.type',
  'coap.code',
  'coap.mid',
  'coap.token',
  'coap.opt.desc',
  'coap.opt.length',
  'coap.opt.length_ext',
  'coap.payload_length',
  '_ws.malformed',
  '_ws.expert.severity',
  '_ws.expert.message',
] as const;

/**
 * Captures UDP to and from `port` on the loopback interface. Ends by itself after `limitSeconds`.
 *
 * @param keyLog a file with the secrets of DTLS; without it the datagrams are CoAP in the clear
 */
export async function startCapture(port: number, limitSeconds = 60, keyLog?: string): Promise<Capture> {
  const file = join(places.target, `capture-${port}.pcapng`);
  rmSync(file, { force: true });
  const args = ['-i', 'lo', '-f', `udp port ${port}`, '-a', `duration:${limitSeconds}`, '-w', file];
  const child = spawn('tshark', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    let log = '';
    const timer = setTimeout(() => reject(new Error(`tshark does not capture: ${log}`)), START_TIMEOUT_MS);
    child.once('error', reject);
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      if (!log.includes('Capture started')) return;
      clearTimeout(timer);
      resolve();
    });
  });
  const decodedAs = dissection(port, keyLog);
  return {
    stop: async () => {
      await delay(DRAIN_MS);
      child.kill('SIGINT');
      await exited;
      return read(file, decodedAs, fields).map(dissected);
    },
    fieldsOf: (names) =>
      read(file, decodedAs, names).map((line) => line.split('|').map((column) => column.split(';').filter(Boolean))),
  };
}

/** How tshark learns what a port carries. */
function dissection(port: number, keyLog: string | undefined): readonly string[] {
  if (keyLog === undefined) return ['-d', `udp.port==${port},coap`];
  return ['-d', `udp.port==${port},dtls`, '-d', `dtls.port==${port},coap`, '-o', `tls.keylog_file:${keyLog}`];
}

/** A line for each message, with a column for each field. */
function read(file: string, decodedAs: readonly string[], names: readonly string[]): string[] {
  const shape = ['-T', 'fields', '-E', 'separator=|', '-E', 'occurrence=a', '-E', 'aggregator=;'];
  const wanted = names.flatMap((field) => ['-e', field]);
  const args = ['-r', file, ...decodedAs, ...shape, ...wanted];
  const result = spawnSync('tshark', args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (result.status !== 0) throw new Error(`tshark cannot read ${file}: ${result.stderr}`);
  return result.stdout.split('\n').filter(Boolean);
}

function dissected(line: string): DissectedMessage {
  const columns = line.split('|');
  const one = (field: (typeof fields)[number]): string => columns[fields.indexOf(field)] ?? '';
  const many = (field: (typeof fields)[number]): string[] => one(field).split(';').filter(Boolean);
  const errors = many('_ws.expert.severity').map((severity) => Number(severity) >= EXPERT_ERROR);
  const faults = many('_ws.expert.message').filter((_, index) => errors[index]);
  if (one('_ws.malformed') !== '') faults.push(`malformed: ${one('_ws.malformed')}`);
  if (one('coap.version') === '') faults.push('not dissected as CoAP');
  return {
    sourcePort: Number(one('udp.srcport')),
    destinationPort: Number(one('udp.dstport')),
    datagram: one('udp.payload'),
    version: Number(one('coap.version')),
    type: Number(one('coap.type')),
    code: Number(one('coap.code')),
    messageId: Number(one('coap.mid')),
    token: one('coap.token'),
    // Each option's description begins with its number: "Type 11, Critical, Unsafe".
    optionNumbers: many('coap.opt.desc').map((text) => Number(/^Type (\d+)/.exec(text)?.[1])),
    optionLengths: optionLengths(many('coap.opt.length'), many('coap.opt.length_ext')),
    payloadLength: Number(one('coap.payload_length') || '0'),
    faults,
  };
}

/** A length nibble of 13 or 14 is followed by an extended length, which tshark lists apart (RFC 7252 §3.1). */
function optionLengths(nibbles: readonly string[], extended: readonly string[]): number[] {
  const rest = [...extended];
  return nibbles.map((nibble) => {
    const length = Number(nibble);
    if (length < 13) return length;
    return Number(rest.shift()) + (length === 13 ? 13 : 269);
  });
}
