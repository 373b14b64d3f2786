// Servers on loopback, all pinned to core 0, the load generator to core 1:
// node udp.mjs [--rounds 5] [--seconds 1] [--windows 1,16,64] [--json]
// All servers take turns in every round, so that a slow phase of the machine meets all alike.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { coapLoad, here, median, node, run, startAll, stopAll } from './load-runs.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
    windows: { type: 'string', default: '1,16,64' },
    json: { type: 'boolean', default: false },
  },
});
const WARM_UP_SECONDS = 1.5;
const echoLoad = ['--raw', '64'];

const candidates = [
  { name: 'C echo', command: [here('tools/build/udpecho')], load: echoLoad },
  { name: 'dgram echo', command: node('dgram-echo.mjs'), load: echoLoad },
  { name: 'libcoap', command: [here('tools/build/srv_libcoap')], load: coapLoad },
  { name: 'motestack', command: node('motestack.mjs'), load: coapLoad },
  { name: 'node-coap 1.5.0', command: node('node-coap.mjs'), load: coapLoad },
];

const servers = await startAll(candidates);
try {
  const results = measure();
  if (options.json) process.stdout.write(JSON.stringify(results));
  else print(results);
} finally {
  stopAll(servers);
}

function windowed(server, window, seconds, warmUp) {
  return run(server, ['--window', window, '--duration', seconds, '--warmup', warmUp]);
}

function measure() {
  const windows = options.windows.split(',').map(Number);
  const before = loadavg()[0];
  for (const server of servers) windowed(server, 64, WARM_UP_SECONDS, 0);
  const samples = [];
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const window of windows) {
      for (const server of servers) samples.push(windowed(server, window, Number(options.seconds), 0.1));
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
