// Shared by bench/campaign.mjs and bench/accuracy.mjs: runs elastream's command and the Python program on the same
// features and measures the CPU time of both in the same way.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCampaignLog } from '../dist/src/cli/campaign/campaign-directory.js';
import { readHistories } from '../dist/src/reading/campaign-history.js';
import { TOPICS } from '../dist/src/reading/campaign-log.js';
import { modelColumns, readCampaignData } from '../dist/src/reading/campaign-reading.js';
import { chooseCampaign } from '../dist/src/reading/chosen-campaign.js';

export const SHARED = fileURLToPath(new URL('../../shared', import.meta.url));
const CLI = fileURLToPath(new URL('../dist/src/cli/main.js', import.meta.url));

/**
 * Runs a command, passes its output on, and writes the CPU time of the command and all its child processes to a file.
 */
const WITH_CPU_TIME = `import resource, subprocess, sys
code = subprocess.run(sys.argv[2:]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
open(sys.argv[1], 'w').write(str(used.ru_utime + used.ru_stime))
sys.exit(code)`;

/**
 * Writes the .npz file. With a seed, it reorders the rows so that the baseline's shuffle restores the order of this
 * program.
 */
const TO_NPZ = `import json, sys, numpy as np
folder, seed = sys.argv[1], int(sys.argv[2])
ids = np.array(json.load(open(folder + '/ids.json')))
X = np.fromfile(folder + '/x.f64').reshape(len(ids), -1); y = np.fromfile(folder + '/y.f64').reshape(len(ids), 2)
place = np.random.default_rng(seed).permutation(len(ids)) if seed >= 0 else np.arange(len(ids))
out = [np.empty_like(a) for a in (X, y, ids)]
for to, a in zip(out, (X, y, ids)): to[place] = a
np.savez(sys.argv[3], X=out[0], y=out[1], ids=out[2])`;

/** Creates a folder that is removed when the process exits. */
export function scratchFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'elastream-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function printMachine() {
  console.log(`${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, Node ${process.version}`);
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Runs a command. Returns its output and its CPU time in seconds, including start-up. */
function timed({ python, folder }, command) {
  const used = join(folder, 'cpu');
  const run = spawnSync(python, ['-c', WITH_CPU_TIME, used, ...command], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (run.status !== 0) throw new Error(run.stderr || String(run.error));
  return { stdout: run.stdout, cpu: Number(readFileSync(used, 'utf8')) };
}

/** Runs the baseline. Returns the objects that it printed, and its CPU time. */
export function runBaseline(place, baseline, args) {
  const { stdout, cpu } = timed(place, [place.python, baseline, ...args]);
  return {
    lines: stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
    cpu,
  };
}

/** Runs a campaign to its end, or on from where it was stopped. */
export function runCampaign(file, directory) {
  const command = [CLI, 'run', file, '--dir', directory, '--quiet', '--no-report'];
  const run = spawnSync(process.execPath, command, { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr || String(run.error));
}

/** Runs a campaign in its own directory. Returns the campaign as read from its log, and its CPU time. */
export async function runElastream(place, config) {
  const [file, directory] = [join(place.folder, `${config.name}.yaml`), join(place.folder, config.name)];
  const data = config.data.map((one) => ({ ...one, path: resolve(one.path) }));
  writeFileSync(file, JSON.stringify({ ...config, data }));
  const { cpu } = timed(place, [process.execPath, CLI, 'run', file, '--dir', directory, '--quiet', '--no-report']);
  const log = openCampaignLog(directory);
  try {
    const history = chooseCampaign(await readHistories(log, TOPICS), config.name);
    return { history, reading: await readCampaignData(log, history), cpu };
  } finally {
    await log.close();
  }
}

/** Returns the baseline's LightGBM options for a campaign's booster. */
export function boosterArguments({ trees, leavesMax, learningRate, featureFraction, binsMax }) {
  const options = {
    trees,
    leaves: leavesMax,
    lr: learningRate,
    'feature-fraction': featureFraction,
    'max-bin': binsMax,
  };
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

/** Writes rows in the baseline's format: exactly the numbers that the campaign's members train on. */
export function writeNpz({ python, folder }, path, rows, history, seed = -1) {
  const columns = modelColumns(history);
  const x = Float64Array.from(rows.flatMap(({ vector }) => Array.from(columns, (column) => vector[column])));
  const y = Float64Array.from(rows.flatMap(({ values }) => [values.g_vrh, values.k_vrh]));
  writeFileSync(join(folder, 'ids.json'), JSON.stringify(rows.map(({ id }) => id)));
  writeFileSync(join(folder, 'x.f64'), x);
  writeFileSync(join(folder, 'y.f64'), y);
  const run = spawnSync(python, ['-c', TO_NPZ, folder, String(seed), path], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr || String(run.error));
}

export function trainingRow({ facts, vector, label }) {
  return { id: facts.materialId, vector, values: label.values };
}

export function candidateRow({ facts, vector, truth }) {
  return { id: facts.materialId, vector, values: truth };
}

/** Returns the version of lightgbm in Python, or ends the process and tells what is missing. */
export function checkPython(python) {
  const run = spawnSync(python, ['-c', 'import lightgbm, sklearn; print(lightgbm.__version__)'], { encoding: 'utf8' });
  if (run.status === 0) return run.stdout.trim();
  console.error(`${python} cannot run the baseline: pip install lightgbm scikit-learn numpy, or name another --python`);
  process.exit(2);
}
