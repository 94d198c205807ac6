// Whether intervals hold what they say: a campaign with a reserve, and of each round how many values of the test set,
// which no round trains on, chooses or calibrates with, lie within the intervals; beside it the same of the batches.
// docs/uncertainty.md has its figures.
//
//   npm run bench:calibration -- [--data FILE] [--rounds 40] [--batch 50] [--pool 2432] [--reserve 1000] [--seeds 1,2,3]
//     [--strategy exploration] [--test-fraction 0.167] [--keep DIR] [--json]
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { openCampaignLog } from '../dist/src/cli/campaign/campaign-directory.js';
import { readHistories } from '../dist/src/reading/campaign-history.js';
import { TOPICS } from '../dist/src/reading/campaign-log.js';
import { printMachine, runCampaign, SHARED, scratchFolder } from './beside-python.mjs';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: join(SHARED, 'data/mp-elastic.jsonl.gz') },
    rounds: { type: 'string', default: '40' },
    batch: { type: 'string', default: '50' },
    pool: { type: 'string', default: '2432' },
    reserve: { type: 'string', default: '1000' },
    seeds: { type: 'string', default: '1' },
    strategy: { type: 'string', default: 'exploration' },
    'test-fraction': { type: 'string', default: '0.167' },
    keep: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
/** What the intervals are to keep to on the test set: percentage points at 68 and 95 %, and limits of the mean squared z. */
const ASKED = { points: { 0.68: 4, 0.95: 2 }, meanSquaredZ: [0.8, 1.25] };
const folder = options.keep ? resolve(options.keep) : scratchFolder();
mkdirSync(folder, { recursive: true });

if (!options.json) printMachine();
for (const seed of options.seeds.split(',').map(Number)) await measure(seed);

async function measure(seed) {
  const [pool, reserve] = [Number(options.pool), Number(options.reserve)];
  const name = `calibration-${options.strategy}-${seed}`;
  const directory = join(folder, name);
  const file = join(folder, `${name}.yaml`);
  const campaign = {
    ...{ name, seed },
    data: [{ path: resolve(options.data), label_set: 'known' }],
    candidates: { from: 'data', count: pool + reserve },
    reserve: { count: reserve },
    sampling: { model: 2, test_fraction: Number(options['test-fraction']) },
    acquisition: { strategy: options.strategy, batch: Number(options.batch) },
    stop: { rounds: Number(options.rounds) },
    calculator: { kind: 'replay' },
  };
  if (!existsSync(file)) writeFileSync(file, JSON.stringify(campaign));
  const begun = performance.now();
  runCampaign(file, directory);
  const log = openCampaignLog(directory);
  const history = (await readHistories(log, TOPICS)).get(name);
  await log.close();
  const rounds = history.rounds.filter(({ selected }) => selected?.uncertainty !== undefined);
  if (options.json) {
    for (const { round, selected } of rounds) console.log(JSON.stringify({ seed, round, ...selected.uncertainty }));
    return;
  }
  console.log(`\n${options.strategy}, seed ${seed}: ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  for (const target of ['g_vrh', 'k_vrh']) show(rounds, target);
}

function show(rounds, target) {
  console.log(
    `${target}, test set       raw 68  95 %   conformal 68  95 %   scaled 68  95 %   z^2 raw    scaled          batch 68  95 %`,
  );
  for (const { round, selected } of rounds) {
    const of = (subset) =>
      selected.uncertainty.metrics.find((m) => m.target === target && m.subset === subset && m.group === '');
    const [test, batch] = [of('test'), of('batch')];
    const both = (metrics, by) => (metrics ? [0, 2].map((l) => share(metrics, by, l)).join(' ') : '');
    const { low, high } = test.scaledMeanSquaredZInterval;
    console.log(
      `  round ${String(round).padStart(3)} n ${test.count}   ${both(test, 'raw')}     ${both(test, 'conformal')}          ${both(test, 'scaled')}` +
        `      ${test.meanSquaredZ.toFixed(1).padStart(5)}   ${test.scaledMeanSquaredZ.toFixed(2)} (${low.toFixed(2)}-${high.toFixed(2)})   ${both(batch, 'conformal')}`,
    );
  }
  const tests = rounds.map(({ selected }) =>
    selected.uncertainty.metrics.find((m) => m.target === target && m.subset === 'test' && m.group === ''),
  );
  const part = (holds) => `${tests.filter(holds).length} of ${tests.length}`;
  for (const [level, points] of Object.entries(ASKED.points)) {
    const within = (metrics) => {
      const one = metrics.coverage.find((coverage) => String(coverage.level) === level);
      return Math.abs((100 * one.conformal.inside) / metrics.count - 100 * Number(level)) <= points;
    };
    console.log(`  within ${points} points of ${100 * Number(level)} %: ${part(within)} rounds`);
  }
  const [least, most] = ASKED.meanSquaredZ;
  const meets = ({ scaledMeanSquaredZInterval: { low, high } }) => low <= most && high >= least;
  console.log(`  interval of the mean squared z meets ${least} to ${most}: ${part(meets)} rounds`);
}

function share({ coverage, count }, by, level) {
  return ((100 * coverage[level][by].inside) / count).toFixed(1).padStart(5);
}
