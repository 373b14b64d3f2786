// DTLS: CPU of handshakes beside their cryptography, memory of associations that rest: node dtls.mjs [--associations 20000]
import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: { associations: { type: 'string', default: '20000' }, rounds: { type: 'string', default: '5' } },
});
const here = (path) => new URL(path, import.meta.url).pathname;
const run = (...args) => execFileSync(process.execPath, args, { stdio: 'inherit' });

console.log(`Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, load ${loadavg()[0]?.toFixed(2)}`);
run(here('dtls-handshakes.mjs'), options.rounds);
run('--expose-gc', here('dtls-memory.mjs'), options.associations);
run('--expose-gc', here('dtls-flood.mjs'));
