// One notification to many observers, and the memory of an idle relation: node observers.mjs [--observers 10000]
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { here } from './load-runs.mjs';

const { values: options } = parseArgs({ options: { observers: { type: 'string', default: '10000' } } });
const count = Number(options.observers);
const PORT = 47_300;
/** How long the observers stay: the machine may be slow. */
const HOLD_SECONDS = 20;
const generator = here('tools/build/coapload');
const flags = ['--expose-gc', here('servers/observers.mjs'), String(PORT)];
const server = spawn('taskset', ['-c', '0', process.execPath, ...flags], { stdio: ['pipe', 'pipe', 'inherit'] });
const lines = createInterface({ input: server.stdout })[Symbol.asyncIterator]();
const nextLine = async () => (await lines.next()).value;
try {
  await nextLine();
  // What any request leaves behind (the engine's warm code, the memory for duplicates) is not a relation's.
  load(['--path', '/state', '--requests', count]);
  const before = await ask('heap');
  const observing = observe();
  await until(async () => (await ask('stats')).observers === count);
  const after = await ask('heap');
  const { datagramsOut } = await ask('stats');
  load(['--path', '/change', '--method', 'POST', '--requests', 1]);
  let stats;
  await until(async () => {
    stats = await ask('stats');
    return stats.datagramsOut > datagramsOut + count && stats.transmissions === 0;
  });
  const report = JSON.parse(await observing);
  console.log(`observers                        ${stats.observers}`);
  console.log(`heap of a relation, bytes        ${Math.round((after.heapBytes - before.heapBytes) / count)}`);
  console.log(`notifications received           ${report.notifications}`);
  console.log(`retransmissions by the server    ${stats.retransmissions}`);
  console.log(`event loop blocked at most, ms   ${stats.blockedMs.toFixed(1)}`);
} finally {
  server.kill('SIGTERM');
}

async function ask(question) {
  server.stdin.write(`${question}\n`);
  return JSON.parse(await nextLine());
}

function load(args) {
  execFileSync('taskset', ['-c', '1', generator, '--port', PORT, ...args].map(String), { stdio: 'ignore' });
}

function observe() {
  const args = ['--path', '/state', '--observe', '--requests', count, '--hold', HOLD_SECONDS, '--window', 32];
  const child = spawn(
    'taskset',
    ['-c', '1', generator, '--port', PORT, '--src-ports', 200, '--json', ...args].map(String),
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  return once(child, 'close').then(() => output);
}

async function until(holds) {
  const endAt = performance.now() + 1000 * HOLD_SECONDS;
  while (!(await holds())) {
    if (performance.now() > endAt) throw new Error(`it did not come to that: ${JSON.stringify(await ask('stats'))}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
