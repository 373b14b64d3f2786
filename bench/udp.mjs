// Servers on loopback, all pinned to core 0, the load generator to core 1:
// node udp.mjs [--rounds 5] [--seconds 1] [--windows 1,16,64] [--json]
// All servers take turns in every round, so that a slow phase of the machine meets all alike.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
    windows: { type: 'string', default: '1,16,64' },
    json: { type: 'boolean', default: false },
  },
});
const FIRST_PORT = 47_200;
const SERVER_CORE = '0';
const GENERATOR_CORE = '1';
const WARM_UP_SECONDS = 1.5;
const READY_WITHIN_MS = 5_000;

const here = (path) => new URL(path, import.meta.url).pathname;
const node = (file) => [process.execPath, here(`servers/${file}`)];
const coapLoad = ['--path', '/hello', '--expect', 'hello'];
const echoLoad = ['--raw', '64'];

const candidates = [
  { name: 'C echo', command: [here('tools/build/udpecho')], load: echoLoad },
  { name: 'dgram echo', command: node('dgram-echo.mjs'), load: echoLoad },
  { name: 'libcoap', command: [here('tools/build/srv_libcoap')], load: coapLoad },
  { name: 'motestack', command: node('motestack.mjs'), load: coapLoad },
  { name: 'node-coap 1.5.0', command: node('node-coap.mjs'), load: coapLoad },
];

const generator = here('tools/build/coapload');
if (!existsSync(generator)) throw new Error('no load generator: run `make` in bench/tools first');

const servers = [];
try {
  for (const candidate of candidates) {
    if (existsSync(candidate.command[0])) await start(candidate, FIRST_PORT + servers.length);
    else console.error(`SKIPPED: ${candidate.name} (${candidate.command[0]} is not built, see bench/README.md)`);
  }
  const results = measure();
  if (options.json) process.stdout.write(JSON.stringify(results));
  else print(results);
} finally {
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
  servers.push({ ...candidate, child, port });
  await ready;
}

function run({ name, child, port, load }, window, seconds, warmUp) {
  const target = ['--port', port, '--window', window, '--duration', seconds, '--warmup', warmUp];
  const all = [...load, ...target, '--server-pid', child.pid, '--json', '--label', name].map(String);
  const output = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] };
  try {
    return JSON.parse(execFileSync('taskset', ['-c', GENERATOR_CORE, generator, ...all], output));
  } catch (error) {
    // It ends with 1 when there were errors, which are in what it says.
    if (error.status === 1) return JSON.parse(error.stdout);
    throw error;
  }
}

function measure() {
  const windows = options.windows.split(',').map(Number);
  const before = loadavg()[0];
  for (const server of servers) run(server, 64, WARM_UP_SECONDS, 0);
  const samples = [];
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const window of windows) {
      for (const server of servers) samples.push(run(server, window, Number(options.seconds), 0.1));
    }
  }
  const rows = windows.flatMap((window) =>
    servers.map(({ name }) => {
      const own = samples.filter((sample) => sample.label === name && sample.window === window);
      const column = (field) => own.map((sample) => sample[field]);
      return {
        name,
        window,
        requestsPerSecond: median(column('req_s')),
        best: Math.max(...column('req_s')),
        cpuMicroseconds: median(column('cpu_us_per_req')),
        p50: median(column('p50_us')),
        p99: median(column('p99_us')),
        errors: column('errors').reduce((sum, errors) => sum + errors, 0),
        residentKb: Math.max(...column('rss1_kb')),
      };
    }),
  );
  return { rows, load: { before, after: loadavg()[0] } };
}

function median(values) {
  return values.toSorted((left, right) => left - right)[values.length >>> 1];
}

function print({ rows, load }) {
  console.log('| outstanding | server | requests/s median (best) | CPU µs/request | p50 / p99 µs | errors | RSS MB |');
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const row of rows) {
    const rate = `${Math.round(row.requestsPerSecond)} (${Math.round(row.best)})`;
    const latency = `${Math.round(row.p50)} / ${Math.round(row.p99)}`;
    const memory = Math.round(row.residentKb / 1024);
    const cells = [row.window, row.name, rate, row.cpuMicroseconds.toFixed(1), latency, row.errors, memory];
    console.log(`| ${cells.join(' | ')} |`);
  }
  console.log(`\nload average ${load.before.toFixed(2)} before, ${load.after.toFixed(2)} after`);
}
