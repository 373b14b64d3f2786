import { type ChildProcess, spawn } from 'node:child_process';
import { freePort, type PeerNetwork, urlOn } from './peer-network.ts';

/** One message that `coap-client` says it sent or received. */
export interface LibcoapMessage {
  readonly direction: 'sent' | 'received';
  readonly type: string;
  /** `GET`, `2.05`, `0.00` */
  readonly code: string;
  readonly messageId: string;
  readonly token: string;
  /** `Observe:0, Uri-Path:time` */
  readonly options: string;
  readonly payload: string | undefined;
}

const RUN_TIMEOUT_MS = 15_000;
const START_MS = 3_000;
const messageLine = /^v:1 t:(\w+) c:(\S+) i:([0-9a-f]{4}) \{(\w*)\} \[ ?(.*?) ?\](?: :: (?:'(.*)'|.*))?$/;

/** Reads the messages out of what `coap-client -v 7` prints; a message that it only plans to send is not told. */
function parseLibcoapLog(log: string): LibcoapMessage[] {
  const messages: LibcoapMessage[] = [];
  let direction: 'sent' | 'received' | undefined;
  for (const line of log.split('\n')) {
    const message = messageLine.exec(line);
    if (message !== null && direction !== undefined) {
      const [, type = '', code = '', messageId = '', token = '', options = '', payload] = message;
      messages.push({ direction, type, code, messageId, token, options, payload });
    }
    direction = / : (sent|received) \d+ bytes$/.exec(line)?.[1] as 'sent' | 'received' | undefined;
  }
  return messages;
}

/** What libcoap is built with: nothing for TLS, or OpenSSL. */
export type LibcoapBuild = 'notls' | 'openssl';

/** Runs `coap-client` once, to its end, and gives the messages that it sent and received. */
export function runLibcoapClient(...args: readonly string[]): Promise<LibcoapMessage[]> {
  return runLibcoapBuild('notls', args);
}

/** As `runLibcoapClient`, of one build. @param args `-B` among them says how long, else 10 s */
export function runLibcoapBuild(build: LibcoapBuild, args: readonly string[]): Promise<LibcoapMessage[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(`coap-client-${build}`, ['-v', '7', '-B', '10', ...args], { timeout: RUN_TIMEOUT_MS });
    let log = '';
    child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
    child.once('error', reject);
    child.once('close', () => resolve(parseLibcoapLog(log)));
  });
}

/** How a libcoap server is started. */
interface LibcoapServerOptions {
  readonly network?: PeerNetwork;
  readonly build?: LibcoapBuild;
  readonly args?: readonly string[];
}

/**
 * A libcoap server with /, /time, /async and whatever PUT creates, over UDP and TCP.
 *
 * @returns `url` of the network that was asked for, `tlsUrl` for `coaps+tcp`, where it has keys
 */
export async function startLibcoapServer(
  options: LibcoapServerOptions = {},
): Promise<{ readonly stop: () => Promise<void>; readonly url: string; readonly tlsUrl: string }> {
  const { network = 'udp', build = 'notls', args = [] } = options;
  const port = await freePort(network);
  const child = spawn(`coap-server-${build}`, ['-A', '127.0.0.1', '-p', String(port), '-d', '10', ...args], {
    stdio: 'ignore',
  });
  const url = urlOn(network, port);
  await untilAnswered(url);
  return { url, tlsUrl: `coaps+tcp://127.0.0.1:${port + 1}`, stop: () => ended(child) };
}

async function untilAnswered(url: string): Promise<void> {
  const until = performance.now() + START_MS;
  while (performance.now() < until) {
    const messages = await runLibcoapClient(`${url}/`);
    if (messages.some((message) => message.code === '2.05')) return;
  }
  throw new Error(`libcoap's server does not answer at ${url}`);
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill();
  });
}
