// The payload codecs beside cbor-x, cborg, lwm2m-codec, JSON and libcoap: node codecs.mjs [--only text] [--processes 3] [--json]
//
// Each group runs in processes of its own, and in each the cases take turns in slices of two milliseconds of CPU time. A
// figure is the median, over all slices of all processes, of the ratio of two slices that followed each other.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { groups, retained } from './codecs-cases.mjs';

const ROUNDS = 101;
const SLICE_MICROSECONDS = 2000;
const WARM_UP_MICROSECONDS = 300_000;
/** Rounds from one run of the program in C to the next. */
const LIBCOAP_EVERY = 20;
const LIBCOAP_CASE = 'libcoap parse + walk over options';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    processes: { type: 'string', default: '3' },
    group: { type: 'string' },
    heap: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const libcoap = fileURLToPath(new URL('tools/build/bench_libcoap', import.meta.url));
const median = (values) => values.toSorted((left, right) => left - right)[values.length >>> 1];
const least = (values) => values.reduce((left, right) => Math.min(left, right));
const measure = (value) => (value instanceof Uint8Array || Array.isArray(value) ? value.length : 1);
let sink = 0;

/** The CPU time of this process in microseconds: what others do meanwhile counts less than in the time of the clock. */
function cpuMicroseconds() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function slice(run, iterations) {
  const start = cpuMicroseconds();
  for (let index = 0; index < iterations; index++) sink += measure(run());
  return (cpuMicroseconds() - start) / iterations;
}

/** How many calls one slice takes: some are done untimed first, since a cold function would say too few. */
function iterationsOf(run) {
  let iterations = 1;
  for (let spent = 0; spent < WARM_UP_MICROSECONDS; ) {
    const took = Math.max(1e-3, slice(run, iterations)) * iterations;
    spent += took;
    iterations = Math.max(1, Math.round(iterations * Math.min(10, SLICE_MICROSECONDS / took)));
  }
  return iterations;
}

/** Microseconds of each case and of libcoap, one of each round. */
function measureGroup(name) {
  // Results that live on, as they do in a server: a collection throws away optimized code whose objects all died.
  const cases = groups[name]().map(([, run]) => ({ run, iterations: iterationsOf(run), kept: run(), samples: [] }));
  const yardstick = [];
  for (let round = 0; round < ROUNDS; round++) {
    // Each comes first as often as last.
    for (const one of round % 2 === 0 ? cases : cases.toReversed()) one.samples.push(slice(one.run, one.iterations));
    if (name.startsWith('tlv') && round % LIBCOAP_EVERY === 0) yardstick.push(...libcoapSample());
  }
  assert.ok(cases.every(({ kept }) => kept !== undefined) && sink > 0);
  return { samples: cases.map(({ samples }) => samples), yardstick };
}

/** What libcoap takes to parse and walk over message (b) of the codec's benchmark; nothing if it is not built. */
function libcoapSample() {
  if (!existsSync(libcoap)) return [];
  const lines = execFileSync(libcoap, ['b'], { encoding: 'utf8' }).split('\n');
  const cells = lines.map((line) => line.split('\t')).find(([, name]) => name === LIBCOAP_CASE);
  assert.ok(cells !== undefined, `no line for ${LIBCOAP_CASE}`);
  return [{ median: Number(cells[2]) / 1000, best: Number(cells[3]) / 1000 }];
}

function childRun(...parameters) {
  const script = fileURLToPath(import.meta.url);
  return JSON.parse(execFileSync(process.execPath, ['--expose-gc', script, ...parameters], { encoding: 'utf8' }));
}

/** One row for each case of a group: its time, and the ratio of the first case to it. */
function rowsOf(name, runs) {
  const names = groups[name]().map(([label]) => label);
  const [ours, ...others] = names.map((label, index) => ({ label, runs: runs.map(({ samples }) => samples[index]) }));
  const timed = ({ label, runs: samples }) => ({
    group: name,
    name: label,
    median: median(samples.flat()),
    best: least(samples.flat()),
  });
  const first = timed(ours);
  const rows = others.map((other) => {
    const ratios = other.runs.flatMap((samples, run) => samples.map((sample, index) => ours.runs[run][index] / sample));
    const row = timed(other);
    return { ...row, ratio: median(ratios), bestRatio: first.best / row.best };
  });
  const yardsticks = runs.flatMap(({ yardstick }) => yardstick);
  if (yardsticks.length > 0) {
    const row = { median: median(yardsticks.map((one) => one.median)), best: least(yardsticks.map((one) => one.best)) };
    const ratio = first.median / row.median;
    rows.push({ group: name, name: 'libcoap, message (b)', ...row, ratio, bestRatio: first.best / row.best });
  }
  return [first, ...rows];
}

function report() {
  const loadBefore = loadavg()[0];
  const names = Object.keys(groups).filter((name) => name.includes(options.only));
  const runs = new Map(names.map((name) => [name, []]));
  for (let index = 0; index < Number(options.processes); index++) {
    for (const name of names) runs.get(name).push(childRun('--group', name));
  }
  const rows = names.flatMap((name) => rowsOf(name, runs.get(name)));
  const heap = childRun('--heap');
  const load = { before: loadBefore, after: loadavg()[0] };
  if (options.json) process.stdout.write(JSON.stringify({ rows, heap, load }));
  else print(rows, heap, load);
}

function print(rows, heap, load) {
  if (!existsSync(libcoap)) console.error('SKIPPED: libcoap (tools/build/bench_libcoap is not built, see README.md)');
  console.log(`Node ${process.version}, ${cpus()[0]?.model}, ${new Date().toISOString().slice(0, 10)}`);
  console.log(`load average ${load.before.toFixed(2)} before, ${load.after.toFixed(2)} after\n`);
  console.log('| what | | µs, median (best) | ours is of it, median (best) |\n| --- | --- | --- | --- |');
  for (const row of rows) {
    const digits = row.median < 1 ? 3 : row.median < 100 ? 2 : 0;
    const ratio = row.ratio === undefined ? '' : `${row.ratio.toPrecision(3)} (${row.bestRatio.toPrecision(3)})`;
    console.log(
      `| ${row.group} | ${row.name} | ${row.median.toFixed(digits)} (${row.best.toFixed(digits)}) | ${ratio} |`,
    );
  }
  const times = (heap.decoded / heap.plain).toFixed(2);
  console.log(
    `\nheap kept by 100 decoded values: ${heap.decoded.toFixed(0)} B, ${times} of a plain copy's ${heap.plain.toFixed(0)} B`,
  );
}

if (options.group !== undefined) process.stdout.write(JSON.stringify(measureGroup(options.group)));
else if (options.heap) process.stdout.write(JSON.stringify(retained()));
else report();
