// CPU of a CoAP request over an established DTLS association (PSK, CCM_8, 64 outstanding), beside the same endpoint in the
// clear and Californium on one core. Servers are pinned to core 0, the load generator to core 1, and take turns:
// node coaps.mjs [--rounds 5] [--seconds 2] [--warm-up 60] [--californium ../interop/californium/target/lib]
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { here, median, node } from './load-runs.mjs';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    'warm-up': { type: 'string', default: '60' },
    californium: { type: 'string', default: here('../interop/californium/target/lib') },
  },
});
const FIRST_PORT = 47_400;
/** Compilers of both kinds want to have seen a function some thousand times. */
const WARM_UP_REQUESTS = 60_000;
/** The least of each sample: CPU is counted in hundredths of a second. */
const REQUESTS = 20_000;
const READY_WITHIN_MS = 30_000;
const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const java = ['java', '-XX:ActiveProcessorCount=1', '-cp', `${options.californium}/*`];
const candidates = [
  { name: 'motestack, in the clear', kind: 'udp', command: node('motestack.mjs'), warmUp: 0 },
  { name: 'motestack, DTLS', kind: 'dtls', command: node('motestack-dtls.mjs'), warmUp: 0 },
  ...(existsSync(options.californium)
    ? [
        {
          name: 'Californium, DTLS',
          kind: 'dtls',
          command: [...java, here('servers/californium-dtls.java')],
          warmUp: Number(options['warm-up']),
        },
      ]
    : []),
];
if (candidates.length < 3)
  console.error(`SKIPPED: Californium (${options.californium} is not there, see interop/README.md)`);

async function start(candidate, index) {
  const port = FIRST_PORT + index;
  const child = spawn('taskset', ['-c', '0', ...candidate.command, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise((resolve, reject) => {
    child.stdout.once('data', resolve);
    child.once('exit', () => reject(new Error(`${candidate.name} ended`)));
    setTimeout(() => reject(new Error(`${candidate.name} is not ready`)), READY_WITHIN_MS).unref();
  });
  const args = ['-c', '1', process.execPath, here('coaps-load.mjs'), candidate.kind, String(port)];
  const generator = spawn('taskset', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: generator.stdout })[Symbol.asyncIterator]();
  return { ...candidate, child, generator, answers, samples: [] };
}

/** Microseconds that a process has had of the processor, all threads. */
function spent(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1e6) / TICKS_PER_SECOND;
}

async function load({ child, generator, answers }, seconds, requests) {
  const before = spent(child.pid);
  generator.stdin.write(`${JSON.stringify({ seconds, requests })}\n`);
  const { answered, seconds: took } = JSON.parse((await answers.next()).value);
  return { requestsPerSecond: answered / took, cpuMicroseconds: (spent(child.pid) - before) / answered };
}

const servers = [];
try {
  for (const [index, candidate] of candidates.entries()) servers.push(await start(candidate, index));
  const before = loadavg()[0];
  for (const server of servers) await load(server, server.warmUp, WARM_UP_REQUESTS);
  for (let round = 0; round < Number(options.rounds); round++)
    for (const server of servers) server.samples.push(await load(server, Number(options.seconds), REQUESTS));
  const [clear] = servers;
  const cpuOf = ({ samples }) => median(samples.map(({ cpuMicroseconds }) => cpuMicroseconds));
  console.log('| server | requests/s | CPU µs/request | requests for the CPU of one in the clear |');
  console.log('| --- | --- | --- | --- |');
  for (const server of servers) {
    const rate = median(server.samples.map(({ requestsPerSecond }) => requestsPerSecond));
    const share = cpuOf(clear) / cpuOf(server);
    console.log(`| ${server.name} | ${Math.round(rate)} | ${cpuOf(server).toFixed(1)} | ${share.toFixed(2)} |`);
  }
  console.log(`\nload average ${before.toFixed(2)} before, ${loadavg()[0].toFixed(2)} after`);
} finally {
  for (const { child, generator } of servers) {
    child.kill('SIGTERM');
    generator.kill('SIGTERM');
  }
}
