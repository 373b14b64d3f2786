// Starts servers on core 0 and runs the load generator on core 1 against them: what udp.mjs and load.mjs share.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

const FIRST_PORT = 47_200;
const SERVER_CORE = '0';
const GENERATOR_CORE = '1';
const READY_WITHIN_MS = 5_000;

/** A path in this folder. */
export const here = (path) => new URL(path, import.meta.url).pathname;
export const node = (file, ...flags) => [process.execPath, ...flags, here(`servers/${file}`)];
export const coapLoad = ['--path', '/hello', '--expect', 'hello'];

const generator = here('tools/build/coapload');

/** Starts each candidate `{ name, command, load }` on a port of its own; what is not built is skipped, and said. */
export async function startAll(candidates) {
  if (!existsSync(generator)) throw new Error('no load generator: run `make` in bench/tools first');
  const servers = [];
  try {
    for (const candidate of candidates) {
      if (existsSync(candidate.command[0])) servers.push(await start(candidate, FIRST_PORT + servers.length));
      else console.error(`SKIPPED: ${candidate.name} (${candidate.command[0]} is not built, see bench/README.md)`);
    }
  } catch (error) {
    stopAll(servers);
    throw error;
  }
  return servers;
}

export function stopAll(servers) {
  for (const { child } of servers) child.kill('SIGTERM');
}

async function start(candidate, port) {
  const command = [...candidate.command, String(port)];
  const child = spawn('taskset', ['-c', SERVER_CORE, ...command], { stdio: ['ignore', 'pipe', 'inherit'] });
  const isNode = candidate.command[0] === process.execPath;
  const ready = new Promise((resolve, reject) => {
    if (isNode) child.stdout.once('data', resolve);
    else setTimeout(resolve, 300);
    child.once('exit', () => reject(new Error(`${candidate.name} ended`)));
    setTimeout(() => reject(new Error(`${candidate.name} is not ready`)), READY_WITHIN_MS).unref();
  });
  await ready;
  return { ...candidate, child, port };
}

/** One run of the generator against a server; what it says, as an object. */
export function run({ name, child, port, load }, args) {
  const all = [...load, '--port', port, ...args, '--server-pid', child.pid, '--json', '--label', name].map(String);
  const output = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] };
  try {
    return JSON.parse(execFileSync('taskset', ['-c', GENERATOR_CORE, generator, ...all], output));
  } catch (error) {
    // It ends with 1 when there were errors, which are in what it says.
    if (error.status === 1) return JSON.parse(error.stdout);
    throw error;
  }
}

export function median(values) {
  return values.toSorted((left, right) => left - right)[values.length >>> 1];
}
