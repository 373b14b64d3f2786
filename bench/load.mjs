// Servers under an open loop, and ours at full load for a while: node load.mjs [--seconds 5] [--full 30] [--rounds 3]
// Open loop: requests leave at a fixed rate, whether or not the last were answered; a latency counts from when a request
// should have left.
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { coapLoad, here, median, node, run, startAll, stopAll } from './load-runs.mjs';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    full: { type: 'string', default: '30' },
    rounds: { type: 'string', default: '3' },
  },
});
const RATES = [10_000, 20_000, 50_000];
/** node-coap cannot do more than the first. */
const candidates = [
  { name: 'libcoap', command: [here('tools/build/srv_libcoap')], load: coapLoad, rateMax: 50_000 },
  { name: 'motestack', command: node('motestack.mjs'), load: coapLoad, rateMax: 50_000 },
  { name: 'node-coap 1.5.0', command: node('node-coap.mjs'), load: coapLoad, rateMax: 10_000 },
];

console.log(`load average ${loadavg()[0].toFixed(2)} before\n`);
await openLoop();
for (const { name, command, load } of candidates.filter(({ name }) => name !== 'libcoap')) {
  await fullLoad({ name, command, load });
}

async function openLoop() {
  const servers = await startAll(candidates);
  try {
    for (const server of servers) run(server, ['--window', 64, '--duration', 3, '--warmup', 0]);
    console.log('| requests/s | server | p50 µs | p99 µs | p99.9 µs | errors |');
    console.log('| --- | --- | --- | --- | --- | --- |');
    for (const rate of RATES) {
      const samples = [];
      for (let round = 0; round < Number(options.rounds); round++) {
        for (const server of servers.filter(({ rateMax }) => rate <= rateMax)) {
          const args = ['--rate', rate, '--duration', options.seconds, '--warmup', 1, '--src-ports', 8];
          samples.push(run(server, args));
        }
      }
      for (const name of new Set(samples.map(({ label }) => label))) {
        const own = samples.filter(({ label }) => label === name);
        const column = (field) => median(own.map((sample) => sample[field]));
        const cells = [rate, name, column('p50_us'), column('p99_us'), column('p999_us'), column('errors')];
        console.log(`| ${cells.map((cell) => (typeof cell === 'number' ? Math.round(cell) : cell)).join(' | ')} |`);
      }
    }
  } finally {
    stopAll(servers);
  }
}

/** Stretches of five seconds, one behind the other. */
async function fullLoad(candidate) {
  const stretches = Math.round(Number(options.full) / 5);
  const [server] = await startAll([candidate]);
  if (server === undefined) return;
  try {
    console.log(`\n${candidate.name}, 64 outstanding, ${options.full} s:\n`);
    console.log('| seconds | requests/s | CPU µs/request | p99 µs | errors | RSS MB at the end |');
    console.log('| --- | --- | --- | --- | --- | --- |');
    for (let stretch = 0; stretch < stretches; stretch++) {
      const sample = run(server, ['--window', 64, '--duration', 5, '--warmup', 0, '--src-ports', 16]);
      const cells = [
        `${5 * stretch} to ${5 * stretch + 5}`,
        Math.round(sample.req_s),
        sample.cpu_us_per_req.toFixed(1),
        Math.round(sample.p99_us),
        sample.errors,
        Math.round(sample.rss1_kb / 1024),
      ];
      console.log(`| ${cells.join(' | ')} |`);
    }
  } finally {
    stopAll([server]);
  }
}
