// Featurization, compared in one run with matminer (Python) and voro++ (C++). elastream runs with and without the space
// group, with one worker and two, and on a cell of 10,000 atoms. Prints times, ratios and the machine.
//
//   npm run bench:featurize -- [--quick] [--python PYTHON] [--shared DIR]
//
// Needs ../shared (data and the programs to compare with). matminer runs if PYTHON can import it (pip install
// matminer), voro++ if g++ finds its headers (Debian: voro++-dev); otherwise a line tells what is missing.
// Compared programs run in turn, and the results are medians, so a change of the machine's speed has little effect.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parseRow } from '../dist/src/formats/json/parse-row.js';
import { tessellate } from '../dist/src/kernels/voronoi/tessellate.js';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    python: { type: 'string', default: 'python3' },
    shared: { type: 'string', default: fileURLToPath(new URL('../../shared', import.meta.url)) },
  },
});
const CLI = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));
const DATA = join(options.shared, 'data/mp-elastic.jsonl.gz');
const RUNS = options.quick ? 1 : 5;
const MATMINER_ROWS = options.quick ? 10 : 40;
/** A thread's warm-up costs as much as some thousands of structures, so two workers are compared on a long input. */
const COPIES_FOR_WORKERS = options.quick ? 4 : 8;
const LARGE_CELL_EDGE = 13;

if (!existsSync(DATA)) {
  console.error(`there is no ${DATA}; name the folder that holds data/ and tools/ with --shared`);
  process.exit(2);
}
const scratch = mkdtempSync(join(tmpdir(), 'elastream-bench-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const rows = gunzipSync(readFileSync(DATA)).toString().trimEnd().split('\n');

console.log(`${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, Node ${process.version}`);
console.log(`${rows.length} structures of ${DATA.split('/').at(-1)}\n`);
const withSpaceGroup = wholeCommand();
whereSpaceGroupIsSought();
besideMatminer();
besideVoro();
workers();
largeCell();

function print(what, value, note = '') {
  console.log(`${what.padEnd(62)}${value.padEnd(14)}${note}`);
}

function ms(seconds) {
  return `${(1e3 * seconds).toPrecision(3)} ms`;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Writes rows to a new file and returns its path. */
function inputOf(name, texts) {
  const path = join(scratch, name);
  const text = `${texts.join('\n')}\n`;
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(text) : text);
  return path;
}

/** Runs the command once. Returns seconds of CPU time (all threads) and wall time, and the peak memory in MiB. */
function featurize(input, ...args) {
  const usage = join(scratch, 'usage.json');
  const report = `import {writeFileSync} from 'node:fs';import {isMainThread} from 'node:worker_threads';
    if (isMainThread) process.on('exit', () => writeFileSync(${JSON.stringify(usage)}, JSON.stringify(process.resourceUsage())))`;
  const command = ['--import', `data:text/javascript,${encodeURIComponent(report)}`, CLI, 'featurize', input];
  const start = performance.now();
  const run = spawnSync(
    process.execPath,
    [...command, '-o', join(scratch, `out${input.endsWith('.gz') ? '.jsonl.gz' : '.jsonl'}`), ...args],
    {
      encoding: 'utf8',
    },
  );
  const wall = (performance.now() - start) / 1e3;
  if (run.status !== 0) throw new Error(run.stderr);
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(readFileSync(usage, 'utf8'));
  return { cpu: (userCPUTime + systemCPUTime) / 1e6, wall, mebibytes: maxRSS / 1024 };
}

function wholeCommand() {
  const cpu = median(Array.from({ length: RUNS }, () => featurize(DATA, '--workers', '1').cpu)) / rows.length;
  print('elastream featurize, JSON and gzip in and out, per structure', ms(cpu), 'CPU; at most 0.6 ms asked for');
  return cpu;
}

function whereSpaceGroupIsSought() {
  const without = rows.map((text) => JSON.stringify({ ...JSON.parse(text), space_group: undefined }));
  const input = inputOf('no-space-group.jsonl.gz', without);
  const cpu = median(Array.from({ length: RUNS }, () => featurize(input, '--workers', '1').cpu)) / rows.length;
  print('  more where the crystal system must be found', ms(cpu - withSpaceGroup), 'CPU');
}

function besideMatminer() {
  const step = Math.floor(rows.length / MATMINER_ROWS);
  const some = rows.filter((_, i) => i % step === 0).slice(0, MATMINER_ROWS);
  const input = inputOf('some.jsonl.gz', some);
  const program = join(options.shared, 'tools/matminer_features.py');
  const run = spawnSync(options.python, [program, input, join(scratch, 'm.jsonl.gz')], { encoding: 'utf8' });
  const seconds = Number(/([\d.]+) s per structure/.exec(run.stdout ?? '')?.[1]);
  if (run.status !== 0 || Number.isNaN(seconds)) {
    return print(
      'matminer',
      'not measured',
      `${options.python} cannot run it: pip install matminer pymatgen, or --python`,
    );
  }
  // Enough copies to make the input as long as the whole, so that start-up has the same small weight.
  const copies = Array.from({ length: Math.ceil(rows.length / some.length) }, (_, copy) => renamed(some, copy)).flat();
  const ours = featurize(inputOf('copies.jsonl.gz', copies), '--workers', '1').cpu / copies.length;
  print(`matminer, ${MATMINER_ROWS} of them, features alone`, ms(seconds), 'CPU');
  print('  elastream on the same, whole command', ms(ours), `${Math.round(seconds / ours)} times as fast`);
}

/** Returns the same rows with other ids: an id must not occur twice. */
function renamed(texts, copy) {
  return texts.map((text) => text.replace('"material_id":"', `"material_id":"${copy}-`));
}

function besideVoro() {
  const [program, input] = [join(scratch, 'voronoi_baseline'), join(scratch, 'voronoi.txt')];
  const source = join(options.shared, 'tools/voronoi_baseline.cc');
  if (spawnSync('g++', ['-O2', source, '-o', program, '-lvoro++']).status !== 0) {
    return print('voro++', 'not measured', 'g++ cannot build it: apt-get install g++ voro++-dev');
  }
  const structures = rows.map((text) => parseRow(text).material.structure);
  writeFileSync(input, structures.map(lowerTriangular).join(''));
  const theirs = [];
  const ours = [];
  for (const structure of structures) tessellate(structure);
  for (let run = 0; run < RUNS; run++) {
    const { stdout } = spawnSync(program, [input], { encoding: 'utf8' });
    theirs.push(Number(/([\d.]+) us\/structure/.exec(stdout)[1]) / 1e6);
    const start = performance.now();
    for (const structure of structures) tessellate(structure);
    ours.push((performance.now() - start) / 1e3 / structures.length);
  }
  print('voro++, tessellation alone', ms(median(theirs)));
  const ratios = theirs.map((seconds, run) => seconds / ours[run]);
  print('  elastream, tessellation alone', ms(median(ours)), `${median(ratios).toFixed(2)} times as fast`);
}

/** Returns the baseline's input: the cell with a along x and b in the xy plane, and Cartesian positions. */
function lowerTriangular({ lattice: { matrix: m }, atomicNumbers, fracCoords: f }) {
  const dot = (i, j) => m[3 * i] * m[3 * j] + m[3 * i + 1] * m[3 * j + 1] + m[3 * i + 2] * m[3 * j + 2];
  const ax = Math.sqrt(dot(0, 0));
  const bx = dot(0, 1) / ax;
  const by = Math.sqrt(dot(1, 1) - bx * bx);
  const cx = dot(0, 2) / ax;
  const cy = (dot(1, 2) - bx * cx) / by;
  const cz = Math.sqrt(dot(2, 2) - cx * cx - cy * cy);
  let text = `${atomicNumbers.length} ${ax} ${bx} ${by} ${cx} ${cy} ${cz}\n`;
  for (let i = 0; i < f.length; i += 3) {
    text += `${f[i] * ax + f[i + 1] * bx + f[i + 2] * cx} ${f[i + 1] * by + f[i + 2] * cy} ${f[i + 2] * cz}\n`;
  }
  return text;
}

function workers() {
  const copies = Array.from({ length: COPIES_FOR_WORKERS }, (_, copy) => renamed(rows, copy)).flat();
  // Plain files, because gzip runs on its own thread and would let one worker use both cores.
  const input = inputOf('long.jsonl', copies);
  const ratios = [];
  for (let run = 0; run < RUNS; run++) {
    const one = featurize(input, '--workers', '1').wall;
    ratios.push(one / featurize(input, '--workers', '2').wall);
  }
  print(
    `--workers 2 beside 1, ${copies.length} structures`,
    `${median(ratios).toFixed(2)} times`,
    'wall; at least 1.8 asked for',
  );
}

function largeCell() {
  const edge = LARGE_CELL_EDGE;
  // About 10,000 atoms of a disordered alloy on a strained fcc lattice, each displaced at random.
  let state = 1;
  const random = () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    return ((state ^ (state >>> 16)) >>> 0) / 2 ** 32;
  };
  const [species, coords] = [[], []];
  for (let cell = 0; cell < edge ** 3; cell++) {
    const at = [cell % edge, Math.floor(cell / edge) % edge, Math.floor(cell / edge ** 2)];
    for (const site of [
      [0, 0, 0],
      [0, 1, 1],
      [1, 0, 1],
      [1, 1, 0],
      [1, 1, 1],
    ].slice(0, cell % 7 === 0 ? 5 : 4)) {
      species.push(['Ni', 'Al', 'Cr'][Math.floor(3 * random())]);
      coords.push(at.map((x, k) => (x + site[k] / 2 + 0.1 * random()) / edge));
    }
  }
  const lattice = [
    [3.6 * edge, 0, 0],
    [0.2 * edge, 3.7 * edge, 0],
    [0, 0, 3.8 * edge],
  ];
  const text = JSON.stringify({ material_id: 'large', lattice, species, frac_coords: coords });
  const { wall, mebibytes } = featurize(inputOf('large.jsonl.gz', [text]), '--workers', '1');
  print(
    `one cell of ${species.length} atoms, whole command`,
    `${wall.toFixed(1)} s`,
    `${mebibytes.toFixed(0)} MiB; at most 10 s and 1,024 MiB asked for`,
  );
}
