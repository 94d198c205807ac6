// `npm run faults`: runs campaigns on a whole cluster on this machine in which parts die, one fault after another. It
// checks that the result is the same as in one process without faults. It is a longer version of
// test/cluster/faults.int.test.ts.
import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareFaultCampaign } from '../test/support/cluster/faults/fault-campaign.ts';
import { FAULT_KINDS } from '../test/support/cluster/faults/fault-plan.ts';
import { type FaultRun, runWithFaults } from '../test/support/cluster/faults/fault-run.ts';
import { faultRunsPage, faultRunsTable } from '../test/support/cluster/faults/fault-table.ts';

/** Runs three campaigns at once: that of the file, and two with another strategy. */
const COMPARED = ['random', 'greedy'];

const HELP = `Usage: npm run faults -- [options]

Options:
  --runs N         runs (30)
  --from N         the first run's seed (1)
  --seed N         one run, that of this seed
  --markdown FILE  writes the table there, after every run
  -h, --help

Ctrl-C stops all that the run at work has started, and shows those before it.
Run it on a machine that does nothing else: times are compared. Logs of failed runs stay where the table says.
`;

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '30' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    markdown: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());

const dist = resolve(import.meta.dirname, '../dist');
if (options.help) process.stdout.write(HELP);
else if (existsSync(`${dist}/services/gateway/main.js`)) process.exit(await play());
else {
  note('the services are not built: npm run build');
  process.exit(2);
}

async function play(): Promise<number> {
  const from = Number(options.seed ?? options.from);
  const count = options.seed === undefined ? Number(options.runs) : 1;
  note('the campaign in one process');
  const campaign = await prepareFaultCampaign(dist, COMPARED);
  try {
    note('the campaign on a cluster without faults');
    const faultless = await runWithFaults({ dist, campaign, signal: stopping.signal });
    note(`  ${faultless.seconds.toFixed(1)} s ${faultless.problems.join('\n')}`);
    const runs: FaultRun[] = [];
    for (let seed = from; seed < from + count && !stopping.signal.aborted; seed++) {
      note(`seed ${seed}`);
      // Each kind of fault is the first one of some run, so that a few runs cover all kinds.
      const first = FAULT_KINDS[seed % FAULT_KINDS.length]!;
      const { signal } = stopping;
      const plan = { dist, campaign, seed, first, signal, tables: faultless.tables };
      const run = await runWithFaults({ ...plan, note: (line) => note(`  ${line}`) });
      if (signal.aborted) break;
      runs.push(run);
      note(`  ${run.seconds.toFixed(1)} s ${run.problems.join('\n')}`);
      if (options.markdown) writeFileSync(options.markdown, faultRunsPage(faultless, runs));
    }
    process.stdout.write(faultRunsTable(faultless, runs));
    if (stopping.signal.aborted) return 130;
    return runs.some(({ problems }) => problems.length > 0) ? 1 : 0;
  } finally {
    await campaign.remove();
  }
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
