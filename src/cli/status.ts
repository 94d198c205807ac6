import { Command } from 'commander';
import { systemClock } from '../adapters/in-process/system-clock.ts';
import { type CampaignStatus, createStatusReader } from '../reading/campaign-status.ts';
import { namedCampaign } from '../reading/chosen-campaign.ts';
import { readDataRead } from '../reading/data-read.ts';
import { dataReadText, statusText } from '../text/status-text.ts';
import { styleOf } from '../text/text-style.ts';
import { openCampaignLog } from './campaign/campaign-directory.ts';
import { listenForInterruption } from './interruption.ts';

const HELP_AFTER = `
Reads the campaign's log only: it disturbs no run and needs neither LightGBM nor the tables.
Before a campaign has begun it tells how much of the data has been read.
With --json an array of objects: campaign, state (running, waiting for your results, paused, parked, interrupted, finished), stop_reason,
parked_reason (a failure that no retry cures), pid, round, labels {added, wanted}, pool_left, members {trained, total}, calculations {labelled, pending, failed}, last_round (as of
'elastream run --json'), rejections (of the whole directory, by code), alarms; and where its
stop rule has been raised, stop_raised {from, to}.

Examples:
  elastream status --dir quickstart
  elastream status --dir quickstart --watch
  elastream status --dir quickstart --json | jq '.[].labels'`;

interface StatusFlags {
  readonly json?: true;
  readonly campaign?: string;
  readonly watch?: true;
}

const WATCH_MS = 1_000;

/** `elastream status --dir DIR`: where its campaigns stand. */
export function statusCommand(): Command {
  return new Command('status')
    .summary('where a campaign stands')
    .description('Says how far the campaigns of a directory are, also beside the process that runs them.')
    .argument('<dir>')
    .option('--json', 'one array of objects')
    .option('--campaign <name>', 'only this one')
    .option('--watch', 'again every second, until Ctrl-C')
    .addHelpText('after', HELP_AFTER)
    .action(status);
}

async function status(directory: string, { json, campaign, watch }: StatusFlags): Promise<void> {
  const log = openCampaignLog(directory);
  try {
    const reader = createStatusReader(log);
    const read = async () => chosen(await reader.read(), campaign);
    const text = async () => {
      const campaigns = await read();
      if (json) return `${JSON.stringify(campaigns)}\n`;
      return campaigns.length === 0
        ? dataReadText(await readDataRead(log))
        : statusText(campaigns, styleOf(process.stdout));
    };
    if (watch) await repeat(text, { redrawn: process.stdout.isTTY && !json });
    else process.stdout.write(await text());
  } finally {
    await log.close();
  }
}

function chosen(all: readonly CampaignStatus[], name: string | undefined): readonly CampaignStatus[] {
  if (name === undefined) return all;
  const wanted = namedCampaign(
    all.map(({ campaign }) => campaign),
    name,
  );
  return all.filter(({ campaign }) => campaign === wanted);
}

/** In a terminal over what was there; elsewhere again where it has changed. Ctrl-C is its normal end. */
async function repeat(text: () => Promise<string>, { redrawn }: { readonly redrawn: boolean }): Promise<void> {
  const ended = new AbortController();
  const interruption = listenForInterruption(() => ended.abort());
  try {
    let shown = '';
    while (!ended.signal.aborted) {
      const next = await text();
      if (next !== shown) process.stdout.write(redrawn && shown ? erased(shown) + next : next);
      shown = next;
      await systemClock.sleep(WATCH_MS, ended.signal);
    }
  } finally {
    interruption.dispose();
  }
}

/** Goes up as many lines as the text takes in this terminal, and erases from there on. */
function erased(text: string): string {
  const columns = process.stdout.columns || Infinity;
  const lines = text.trimEnd().split('\n');
  const rows = lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0);
  return `\u001b[${rows}A\u001b[J`;
}
