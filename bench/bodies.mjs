// A long body there (Block1) and back (Block2) over loopback, streamed: node bodies.mjs [--mib 100] [--rounds 3]
// Ours and libcoap's programs (package libcoap3-bin), as client and as server, take turns in every round. Server on core 0, client on core 1.
import { execFileSync, spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { createReadStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { mib: { type: 'string', default: '100' }, rounds: { type: 'string', default: '3' } },
});
const [mode, method, url, file] = positionals;
const MIB = 2 ** 20;
const FIRST_PORT = 47_300;
/** Memory before the first bytes of a body, and while it goes on. */
const WARM_UP_BYTES = 4 * MIB;

if (mode === 'client') await runClient();
else await compare();

async function runClient() {
  const { openCoapEndpoint } = await import('@motestack/coap/node');
  const parameters = { ackTimeoutMs: 100, maxLatencyMs: 50, piggybackWindowMs: 50, handlerTimeoutMs: 2000 };
  const endpoint = await openCoapEndpoint({ remote: url, parameters });
  const path = ['body'];
  let [begun, atStart, most, passed] = [performance.now(), 0, 0, 0];
  const watch = (bytes) => {
    passed += bytes;
    if (passed < WARM_UP_BYTES || passed % MIB > 1024) return;
    globalThis.gc();
    const { heapUsed, external } = process.memoryUsage();
    if (atStart === 0) atStart = heapUsed + external;
    most = Math.max(most, heapUsed + external);
  };
  if (method === 'put') {
    const payload = (async function* () {
      for await (const chunk of createReadStream(file)) {
        watch(chunk.length);
        yield chunk;
      }
    })();
    const { code } = await endpoint.request(endpoint.remote, { method: 'PUT', path, payload });
    if (code >>> 5 !== 2) throw new Error(`PUT was answered ${code >>> 5}.${code & 31}`);
  } else {
    const response = await endpoint.request(endpoint.remote, { method: 'GET', path }, { responseBody: 'stream' });
    const expected = readFileSync(file);
    begun = performance.now();
    for await (const chunk of response.body) {
      if (expected.compare(chunk, 0, chunk.length, passed, passed + chunk.length) !== 0)
        throw new Error('another body');
      watch(chunk.length);
    }
    if (passed !== expected.length) throw new Error(`${passed} bytes`);
  }
  console.log(JSON.stringify({ seconds: (performance.now() - begun) / 1000, grownBytes: most - atStart }));
  await endpoint.close();
}

async function compare() {
  const folder = mkdtempSync(join(tmpdir(), 'bodies-'));
  const body = join(folder, 'body');
  writeFileSync(body, randomFillSync(new Uint8Array(Number(values.mib) * MIB)));
  const servers = [
    { name: 'libcoap', command: ['coap-server-notls', '-A', '127.0.0.1', '-d', '10', '-p'] },
    { name: 'motestack', command: [process.execPath, here('servers/bodies.mjs')] },
  ];
  const started = [];
  const rates = new Map();
  try {
    for (const [index, { name, command }] of servers.entries()) {
      const port = FIRST_PORT + index;
      const child = spawn('taskset', ['-c', '0', ...command, String(port)], { stdio: 'ignore' });
      started.push({ name, child, address: `coap://127.0.0.1:${port}` });
    }
    await new Promise((resolve) => setTimeout(resolve, 1500));
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const server of started) measure(server, { folder, body }, rates);
    }
  } finally {
    for (const { child } of started) child.kill('SIGTERM');
    rmSync(folder, { recursive: true });
  }
  print(rates);
}

/** Both clients with one server, there and back. */
function measure({ name, child, address }, files, rates) {
  for (const [client, run] of [
    ['libcoap', libcoap],
    ['motestack', ours],
  ]) {
    for (const way of ['put', 'get']) {
      const { seconds, grownBytes } = run(way, address, files);
      const row = `${way} | ${client} | ${name}`;
      const all = rates.get(row) ?? { rates: [], grown: [], resident: [] };
      all.rates.push(Number(values.mib) / seconds);
      if (grownBytes !== undefined) all.grown.push(grownBytes / MIB);
      all.resident.push(residentMib(child.pid));
      rates.set(row, all);
    }
  }
}

function libcoap(way, address, { folder, body }) {
  const out = join(folder, 'out');
  const what = way === 'put' ? ['-f', body] : ['-o', out];
  const begun = performance.now();
  execFileSync('taskset', [
    '-c',
    '1',
    'coap-client-notls',
    '-B',
    '600',
    '-m',
    way,
    '-b',
    '1024',
    ...what,
    `${address}/body`,
  ]);
  const seconds = (performance.now() - begun) / 1000;
  if (way === 'get' && readFileSync(out).compare(readFileSync(body)) !== 0) throw new Error('another body');
  return { seconds };
}

function ours(way, address, { body }) {
  const command = ['-c', '1', process.execPath, '--expose-gc', here('bodies.mjs'), 'client', way, address, body];
  return JSON.parse(execFileSync('taskset', command, { encoding: 'utf8' }));
}

function here(path) {
  return new URL(path, import.meta.url).pathname;
}

function residentMib(pid) {
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kib) / 1024;
}

function print(rates) {
  const median = (list) => list.toSorted((left, right) => left - right)[list.length >>> 1];
  console.log(
    '| | client | server | MiB/s median (best) | of libcoap with libcoap | client grew by MiB | server RSS MiB |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const [row, { rates: all, grown, resident }] of rates) {
    const reference = median(rates.get(`${row.slice(0, 3)} | libcoap | libcoap`).rates);
    const memory = grown.length === 0 ? '' : Math.max(...grown).toFixed(1);
    const rate = `${median(all).toFixed(1)} (${Math.max(...all).toFixed(1)})`;
    console.log(
      `| ${row} | ${rate} | ${(median(all) / reference).toFixed(2)} | ${memory} | ${Math.round(Math.max(...resident))} |`,
    );
  }
}
