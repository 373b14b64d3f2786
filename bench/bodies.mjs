// A long body there (Block1) and back (Block2) over loopback, streamed: node bodies.mjs [--mib 100] [--rounds 3] [--schemes coap,coap+tcp]
// Ours and libcoap's programs (package libcoap3-bin), as client and as server, take turns in every round. Server on core 0, client on core 1.
import { execFileSync, spawn } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openCoapEndpoint } from '@motestack/coap/node';
import { MemoryWatch } from './memory-watch.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mib: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '3' },
    schemes: { type: 'string', default: 'coap,coap+tcp' },
    port: { type: 'string', default: '47300' },
  },
});
const [mode, method, url, file] = positionals;
const MIB = 2 ** 20;
const BLOCK_BYTES = 1024;
/** What the times of processes are counted in. */
const TICK_US = 10_000;

if (mode === 'client') await runClient();
else await compare();

async function runClient() {
  const parameters = { ackTimeoutMs: 100, maxLatencyMs: 50, piggybackWindowMs: 50, handlerTimeoutMs: 2000 };
  const endpoint = await openCoapEndpoint({ remote: url, parameters });
  const path = ['body'];
  const watch = new MemoryWatch();
  // Over TCP with what the peer takes, which its CSM says: else a body that begins a connection goes in blocks of 1 KiB.
  await endpoint.ping(endpoint.remote);
  let begun = performance.now();
  if (method === 'put') {
    const payload = (async function* () {
      for await (const chunk of createReadStream(file)) {
        watch.pass(chunk.length);
        yield chunk;
      }
    })();
    // libcoap 4.3.1 takes a body by BERT only where it knows how long it is.
    const payloadSize = statSync(file).size;
    const { code } = await endpoint.request(endpoint.remote, { method: 'PUT', path, payload, payloadSize });
    if (code >>> 5 !== 2) throw new Error(`PUT was answered ${code >>> 5}.${code & 31}`);
  } else {
    const expected = readFileSync(file);
    begun = performance.now();
    const response = await endpoint.request(endpoint.remote, { method: 'GET', path }, { responseBody: 'stream' });
    let passed = 0;
    for await (const chunk of response.body) {
      if (expected.compare(chunk, 0, chunk.length, passed, passed + chunk.length) !== 0)
        throw new Error('another body');
      passed += chunk.length;
      watch.pass(chunk.length);
    }
    if (passed !== expected.length) throw new Error(`${passed} bytes`);
  }
  console.log(JSON.stringify({ seconds: (performance.now() - begun) / 1000, grownBytes: watch.grownBytes }));
  await endpoint.close();
}

async function compare() {
  const folder = mkdtempSync(join(tmpdir(), 'bodies-'));
  const body = join(folder, 'body');
  writeFileSync(body, randomFillSync(new Uint8Array(Number(values.mib) * MIB)));
  const servers = [
    { name: 'libcoap', command: ['coap-server-notls', '-A', '127.0.0.1', '-d', '10', '-p'] },
    { name: 'motestack', command: [process.execPath, '--expose-gc', here('servers/bodies.mjs')] },
  ];
  const started = [];
  const rows = new Map();
  const [loadBefore] = loadavg();
  try {
    for (const [index, { name, command }] of servers.entries()) {
      const port = Number(values.port) + index;
      const child = spawn('taskset', ['-c', '0', ...command, String(port)], { stdio: 'ignore' });
      started.push({ name, child, port });
    }
    await new Promise((resolve) => setTimeout(resolve, 1500));
    for (let round = 0; round < Number(values.rounds); round++) {
      for (const scheme of values.schemes.split(',')) {
        for (const server of started) await measure(scheme, server, { folder, body }, rows);
      }
    }
  } finally {
    for (const { child } of started) child.kill('SIGTERM');
    rmSync(folder, { recursive: true });
  }
  print(rows);
  console.log(`load average ${loadBefore.toFixed(1)} before, ${loadavg()[0].toFixed(1)} after`);
}

/** Both clients with one server, there and back. */
async function measure(scheme, { name, child, port }, files, rows) {
  const address = `${scheme}://127.0.0.1:${port}`;
  for (const [client, run] of [
    ['libcoap', libcoap],
    ['motestack', ours],
  ]) {
    for (const way of ['put', 'get']) {
      const key = [scheme, way, client, name].join(' | ');
      const row = rows.get(key) ?? {
        rates: [],
        clientCpu: [],
        serverCpu: [],
        clientGrown: [],
        serverGrown: [],
        resident: [],
      };
      const [clientBefore, serverBefore] = [cpuTicks('self', true), cpuTicks(child.pid)];
      const { seconds, grownBytes } = run(way, address, files);
      const blocks = (Number(values.mib) * MIB) / BLOCK_BYTES;
      row.rates.push(Number(values.mib) / seconds);
      row.clientCpu.push(((cpuTicks('self', true) - clientBefore) * TICK_US) / blocks);
      row.serverCpu.push(((cpuTicks(child.pid) - serverBefore) * TICK_US) / blocks);
      if (grownBytes !== undefined) row.clientGrown.push(grownBytes / MIB);
      if (name === 'motestack') row.serverGrown.push((await grownOf(port)) / MIB);
      row.resident.push(residentMib(child.pid));
      rows.set(key, row);
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
    // Over TCP it takes as much for a message as the peer does (BERT), unless it is told otherwise.
    ...(address.startsWith('coap:') ? ['-b', String(BLOCK_BYTES)] : []),
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

/** By how many bytes the memory of our server grew during the latest body. */
async function grownOf(port) {
  const endpoint = await openCoapEndpoint({ remote: `coap://127.0.0.1:${port}` });
  const { payload } = await endpoint.request(endpoint.remote, { method: 'GET', path: ['grown'] });
  await endpoint.close();
  return Number(Buffer.from(payload).toString());
}

function here(path) {
  return new URL(path, import.meta.url).pathname;
}

/** The CPU time of a process, or of its children that have ended. */
function cpuTicks(pid, ofChildren = false) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const first = ofChildren ? 13 : 11;
  return Number(fields[first]) + Number(fields[first + 1]);
}

function residentMib(pid) {
  const [, kib] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(kib) / 1024;
}

function print(rows) {
  const median = (list) => list.toSorted((left, right) => left - right)[list.length >>> 1];
  const most = (list) => (list.length === 0 ? '' : Math.max(...list).toFixed(1));
  console.log(
    '| scheme | | client | server | MiB/s median (best) | of libcoap with libcoap | CPU µs a KiB: client, server | grown by MiB: client, server | server RSS MiB |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const [key, { rates, clientCpu, serverCpu, clientGrown, serverGrown, resident }] of rows) {
    const [scheme, way] = key.split(' | ');
    const reference = rows.get([scheme, way, 'libcoap', 'libcoap'].join(' | '));
    const ratio = reference === undefined ? '' : (median(rates) / median(reference.rates)).toFixed(2);
    const rate = `${median(rates).toFixed(1)} (${Math.max(...rates).toFixed(1)})`;
    const cpu = `${median(clientCpu).toFixed(0)}, ${median(serverCpu).toFixed(0)}`;
    const grown = `${most(clientGrown)}, ${most(serverGrown)}`;
    console.log(`| ${key} | ${rate} | ${ratio} | ${cpu} | ${grown} | ${Math.round(Math.max(...resident))} |`);
  }
}
