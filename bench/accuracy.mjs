// Accuracy of the ensemble, compared with the same ensemble trained by Python's lightgbm on the same rows: the paper's
// features and Model 3, 20 members, a fifth of the materials as test set, all other labels for training.
// Prints mean and STDEV of the R2 and MAE of the single members (the paper's way of reporting), and separately R2 and
// MAE of the members' mean.
//
//   npm run bench:accuracy -- [--python PYTHON] [--data FILE] [--baseline FILE]
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { splitRows } from '../dist/src/learning/ensemble/split-rows.js';
import {
  boosterArguments,
  checkPython,
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
  },
});
const TARGETS = ['g_vrh', 'k_vrh'];
/** Goals for the members with the data of the Materials Project. */
const ASKED = { g_vrh: { r2: 0.8, mae: 10.2 }, k_vrh: { r2: 0.88, mae: 14.8 } };
const place = { python: options.python, folder: scratchFolder() };

const version = checkPython(place.python);
printMachine();
for (const preset of ['elastream', 'lightgbm']) await compare(preset);

async function compare(preset) {
  const { history, reading } = await runElastream(place, {
    name: `accuracy-${preset}`,
    data: [{ path: options.data, label_set: 'known' }],
    // A campaign needs a candidate: there is one, and the second round also learns from it.
    candidates: { from: 'data', count: 1 },
    features: 'paper',
    sampling: { model: 3, test_fraction: 0.2 },
    ensemble: { booster: { preset } },
    acquisition: { strategy: 'exploration', batch: 1 },
    calculator: { kind: 'replay' },
  });
  const last = history.rounds.at(-1);
  const contents = reading.contents(last);
  const [split, npz] = [join(place.folder, 'split.json'), join(place.folder, 'features.npz')];
  writeFileSync(split, JSON.stringify(splitRows(contents, history.created)));
  writeNpz(place, npz, [...contents.training, ...contents.test].map(trainingRow), history);
  const booster = boosterArguments(history.created.config.ensemble.booster);
  const [theirs] = runBaseline(place, options.baseline, [npz, '--split', split, '--threads', '1', ...booster]).lines;
  console.log(`\npreset ${preset}: ${contents.training.length} labels, ${contents.test.length} in the test set`);
  for (const [t, target] of TARGETS.entries()) show(target, last.selected.metrics.find(of(target)), theirs, t);
}

function of(target) {
  return (metrics) => metrics.subset === 'test' && metrics.target === target;
}

function show(target, ours, theirs, t) {
  const member = {
    r2: { value: ours.memberR2, sd: ours.memberR2StandardDeviation, digits: 4, unit: '' },
    mae: { value: ours.memberMae, sd: ours.maeStandardDeviation, digits: 2, unit: ' GPa' },
  };
  for (const [name, { value, sd, digits, unit }] of Object.entries(member)) {
    const [mean, theirSd] = [theirs[`members_${name}`][t], theirs[`members_${name}_sd`][t]];
    const deviations = Math.abs(value - mean) / theirSd;
    const asked = ASKED[target][name];
    const kept = name === 'r2' ? value >= asked : value <= asked;
    const limit = `${kept ? 'keeps' : 'MISSES'} the ${name === 'r2' ? 'at least' : 'at most'} ${asked}`;
    console.log(
      `  ${target} members' ${name.toUpperCase().padEnd(4)}${value.toFixed(digits)} +- ${sd.toFixed(digits)}${unit} (${limit}), ` +
        `LightGBM ${version} ${mean.toFixed(digits)} +- ${theirSd.toFixed(digits)}: ${deviations.toFixed(2)} of its STDEV apart`,
    );
  }
  console.log(
    `  ${target} of their mean: R2 ${ours.r2.toFixed(4)}, MAE ${ours.mae.toFixed(2)} GPa; ` +
      `LightGBM ${theirs.ensemble_r2[t].toFixed(4)}, ${theirs.ensemble_mae[t].toFixed(2)} GPa`,
  );
}
