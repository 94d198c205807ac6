// The paper's exploration, compared with an equivalent Python program (lightgbm + numpy): 2,432 candidates, 5 per
// round, 10 rounds and one that only measures, 20 members. Both use the same features, pool and initial training rows,
// and they run in turn. Prints times, ratios, errors and the machine.
//
//   npm run bench:campaign -- [--python PYTHON] [--data FILE] [--baseline FILE] [--seeds 3] [--from 1] [--rounds 10]
//
// The time of a round is the time from the opening of round 1 to the last selection, divided by the number of rounds.
// The CPU time is that of the whole command, including start-up. elastream's CPU time includes parsing and
// featurization, which the baseline does not do.
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  boosterArguments,
  candidateRow,
  checkPython,
  median,
  printMachine,
  runBaseline,
  runElastream,
  SHARED,
  scratchFolder,
  trainingRow,
  writeNpz,
} from './beside-python.mjs';

const { values: options } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    data: { type: 'string', default: join(SHARED, 'data/mp-elastic.jsonl.gz') },
    baseline: { type: 'string', default: join(SHARED, 'tools/active_learning_baseline.py') },
    seeds: { type: 'string', default: '3' },
    from: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '10' },
  },
});
const POOL = 2432;
const BATCH = 5;
const MEMBERS = 20;
/** elastream always has a test set. It is as small as possible, and the baseline does not get its rows either. */
const TEST_FRACTION = 0.0005;
const PRESETS = ['lightgbm', 'elastream'];
const TARGETS = ['g_vrh', 'k_vrh'];
const place = { python: options.python, folder: scratchFolder() };
const rounds = Number(options.rounds);

const version = checkPython(place.python);
printMachine();
console.log(
  `pool ${POOL}, batch ${BATCH}, ${MEMBERS} members, ${rounds + 1} rounds; beside LightGBM ${version} in Python\n`,
);
const runs = [];
const first = Number(options.from);
for (let seed = first; seed < first + Number(options.seeds); seed++) runs.push(await sideBySide(seed));
conclude();

async function sideBySide(seed) {
  const lightgbm = await elastream(seed, 'lightgbm');
  const baseline = python(seed, lightgbm);
  const own = await elastream(seed, 'elastream');
  const run = { lightgbm, elastream: own, baseline };
  // On a busy machine a program with more threads gets a larger share. Then the ratio of CPU times is the reliable one.
  console.log(`  load average over the last 15 minutes: ${loadavg()[2].toFixed(1)}`);
  for (const preset of PRESETS) show(`elastream, preset ${preset}`, run[preset]);
  show(`Python, ${baseline.threads} thread${baseline.threads > 1 ? 's' : ''}`, baseline);
  return run;
}

async function elastream(seed, preset) {
  const { history, reading, cpu } = await runElastream(place, {
    name: `campaign-${preset}-${seed}`,
    seed,
    data: [{ path: options.data, label_set: 'known' }],
    candidates: { from: 'data', count: POOL },
    features: 'paper',
    // The baseline also draws held-out rows from what it has acquired.
    sampling: { model: 2, test_fraction: TEST_FRACTION, hold_out_fraction: 0.2, train_acquired: false },
    ensemble: { members: MEMBERS, booster: { preset } },
    acquisition: { strategy: 'exploration', batch: BATCH },
    stop: { rounds },
    calculator: { kind: 'replay' },
  });
  const [first, last] = [history.rounds[0], history.rounds.at(-1)];
  const metrics = last.selected.metrics.filter(({ subset }) => subset === 'candidates');
  return {
    seconds: (Date.parse(last.selectedAt) - Date.parse(first.openedAt)) / 1000 / history.rounds.length,
    cpu,
    mae: TARGETS.map((target) => metrics.find((one) => one.target === target).mae),
    history,
    contents: reading.contents(first),
  };
}

/** Runs the baseline with one thread or two, whichever is faster for one round immediately before. */
function python(seed, { contents, history }) {
  const npz = join(place.folder, 'features.npz');
  const pool = contents.pool.flat().map(candidateRow);
  writeNpz(place, npz, [...pool, ...contents.training.map(trainingRow)], history, seed);
  console.log(
    `seed ${seed}: ${contents.training.length} labels and ${pool.length} candidates to begin with, ` +
      `${contents.test.length} of elastream's test set left out of both`,
  );
  const booster = boosterArguments(history.created.config.ensemble.booster);
  const run = (threads, number) => {
    const settings = { pool: POOL, batch: BATCH, members: MEMBERS, rounds: number, threads, seed };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
    return runBaseline(place, options.baseline, [npz, ...args, ...booster]);
  };
  const [one, two] = [1, 2].map((threads) => run(threads, 0).lines[0].seconds);
  console.log(`  Python, one round: ${one.toFixed(1)} s with one thread, ${two.toFixed(1)} s with two`);
  const threads = one < two ? 1 : 2;
  const { lines, cpu } = run(threads, rounds);
  return { threads, cpu, seconds: lines.at(-1).total_seconds / (rounds + 1), mae: lines.at(-2).mae };
}

function show(what, { seconds, cpu, mae }) {
  const errors = `MAE G ${mae[0].toFixed(2)}, K ${mae[1].toFixed(2)} GPa at the end`;
  console.log(`  ${what.padEnd(30)}${seconds.toFixed(2)} s per round, ${cpu.toFixed(0)} s CPU in all, ${errors}`);
}

function conclude() {
  const asked = { lightgbm: 1.5, elastream: 5 };
  for (const preset of PRESETS) {
    const ratio = (key) => median(runs.map((run) => run.baseline[key] / run[preset][key])).toFixed(2);
    const mean = (of) => TARGETS.map((_, t) => runs.reduce((sum, run) => sum + of(run).mae[t], 0) / runs.length);
    const [ours, theirs] = [mean((run) => run[preset]), mean((run) => run.baseline)];
    const errors = ours.map((mae, t) => `${'GK'[t]} ${(100 * (mae / theirs[t] - 1)).toFixed(2)} %`).join(', ');
    const settings = preset === 'lightgbm' ? 'the same LightGBM settings' : "elastream's defaults";
    console.log(
      `\n${settings} beside LightGBM's defaults in Python (medians of ${runs.length}):\n` +
        `  ${ratio('seconds')} times as fast per round (at least ${asked[preset]} asked for), ${ratio('cpu')} by CPU time\n` +
        `  mean MAE on the remaining candidates: ${errors} (at most 1 % asked for)`,
    );
  }
}
