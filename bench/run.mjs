// node run.mjs [--udp] [--processes 3]: the codec, and with --udp the servers too.
// The codec runs in fresh processes, since what an engine makes of a program differs from one to the next.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: { udp: { type: 'boolean', default: false }, processes: { type: 'string', default: '3' } },
});
const here = (path) => new URL(path, import.meta.url).pathname;
const median = (values) => values.toSorted((left, right) => left - right)[values.length >>> 1];

const runs = Array.from({ length: Number(options.processes) }, () => codecRun());
const rows = [...merged(runs.map((run) => run.rows)), ...libcoapRows()];
console.log(
  `Node ${process.version}, ${cpus()[0]?.model ?? 'unknown processor'}, ${new Date().toISOString().slice(0, 10)}`,
);
console.log(`load average ${runs.map(({ load }) => load.before.toFixed(2)).join(', ')} before each process\n`);
printTable(rows);
if (options.udp) {
  console.log();
  execFileSync(process.execPath, [here('udp.mjs')], { stdio: 'inherit' });
}

function codecRun() {
  const output = execFileSync(process.execPath, ['--expose-gc', here('codec.mjs'), '--json'], { encoding: 'utf8' });
  return JSON.parse(output);
}

/** The median over processes of their medians, and the best of all samples. */
function merged(tables) {
  return tables[0].map(({ message, name }, index) => ({
    message,
    name,
    median: median(tables.map((table) => table[index].median)),
    best: Math.min(...tables.map((table) => table[index].best)),
  }));
}

function libcoapRows() {
  const program = here('tools/build/bench_libcoap');
  if (!existsSync(program)) {
    console.error('SKIPPED: libcoap (tools/build/bench_libcoap is not built, see bench/README.md)');
    return [];
  }
  const lines = execFileSync(program, { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => {
    const [message, name, middle, best] = line.split('\t');
    return { message, name, median: Number(middle), best: Number(best) };
  });
}

function printTable(table) {
  const messages = [...new Set(table.map(({ message }) => message))];
  console.log(`| ns, median (best) | ${messages.join(' | ')} |`);
  console.log(`| --- |${' --- |'.repeat(messages.length)}`);
  for (const name of new Set(table.map((row) => row.name))) {
    const cells = messages.map((message) => {
      const row = table.find((one) => one.name === name && one.message === message);
      return row === undefined ? '' : `${row.median.toFixed(0)} (${row.best.toFixed(0)})`;
    });
    console.log(`| ${name} | ${cells.join(' | ')} |`);
  }
}
