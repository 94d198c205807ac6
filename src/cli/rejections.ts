import { Command, InvalidArgumentError, Option } from 'commander';
import { REJECTION_CODES } from '../model/rejection.ts';
import { TOPICS } from '../reading/campaign-log.ts';
import { createLabelDoubts, LABEL_DOUBTS } from '../reading/label-doubts.ts';
import { readToEnd } from '../reading/read-to-end.ts';
import { readRejections } from '../reading/rejection-counts.ts';
import { rejectionGroups, rejectionPlace } from '../reading/rejection-groups.ts';
import { rejectionReason } from '../reading/rejection-reasons.ts';
import { grouped } from '../text/progress-text.ts';
import { styleOf, wrapped } from '../text/text-style.ts';
import { openCampaignLog } from './campaign/campaign-directory.ts';

const HELP_AFTER = `
Codes, the most frequent first: how many, what they mean and what mends them, and where some of them stand. Then labels
that were kept though something speaks against them: moduli below 0, below 2 or above 1000 GPa, clamped ions, and labels
of one structure by one method that disagree. All of it is in the log; nothing is dropped without a word. What has been
mended is brought again with 'elastream submit', under a file name or content of its own.
With --json one object per code: code, kept, count, reason, examples.

Examples:
  elastream rejections --dir quickstart
  elastream rejections --dir quickstart --code unstable_tensor --examples 100
  elastream rejections --cluster grpc://127.0.0.1:7400 --json | jq -r '[.code, .count] | @tsv'
  elastream export --dir quickstart --what rejections -o rejections.csv   # each of them, as a table`;

const CODES = [...REJECTION_CODES, ...LABEL_DOUBTS] as const;
const INDENT = 2;

interface RejectionsFlags {
  readonly code?: string;
  readonly examples: number;
  readonly json?: true;
}

/** `elastream rejections --dir DIR`: what was refused or doubted, and why. */
export function rejectionsCommand(): Command {
  return new Command('rejections')
    .summary('what was refused, and what was kept with a doubt: by reason, with remedies')
    .description('Lists what a directory or a cluster has refused, grouped by reason, each with its remedy.')
    .argument('<dir>')
    .addOption(new Option('--code <code>', 'of this reason alone').choices(CODES))
    .option('--examples <n>', 'how many of each to show', exampleCount, 3)
    .option('--json', 'one object per reason on standard output')
    .addHelpText('after', HELP_AFTER)
    .action(listRejections);
}

async function listRejections(place: string, { code, examples, json }: RejectionsFlags): Promise<void> {
  const groups = (await readGroups(place, examples)).filter((group) => code === undefined || group.code === code);
  if (json) {
    process.stdout.write(groups.map((group) => `${JSON.stringify(group)}\n`).join(''));
    return;
  }
  const { columns } = styleOf(process.stdout);
  process.stdout.write(`${groupsText(groups, columns).join('\n')}\n`);
}

type Group = Awaited<ReturnType<typeof readGroups>>[number];

async function readGroups(place: string, examples: number) {
  const log = openCampaignLog(place);
  try {
    const refused = (await readRejections(log)).map(({ rejection }) => {
      return { code: rejection.code, place: rejectionPlace(rejection), message: rejection.message };
    });
    const doubts = createLabelDoubts(TOPICS);
    await readToEnd(log, doubts);
    const doubted = doubts.all().map(({ materialId, ...doubt }) => ({ ...doubt, place: materialId }));
    return [
      ...rejectionGroups(refused, examples).map((group) => ({
        ...group,
        kept: false,
        reason: rejectionReason(group.code),
      })),
      ...rejectionGroups(doubted, examples).map((group) => ({
        ...group,
        kept: true,
        reason: rejectionReason(group.code),
      })),
    ];
  } finally {
    await log.close();
  }
}

function groupsText(groups: readonly Group[], columns: number): string[] {
  const refused = groups.filter(({ kept }) => !kept);
  const doubted = groups.filter(({ kept }) => kept);
  const total = (of: readonly Group[]) => grouped(of.reduce((sum, { count }) => sum + count, 0));
  if (groups.length === 0) return ['nothing was refused, and no label is in doubt'];
  return [
    ...(refused.length > 0 ? [`${total(refused)} refused`] : []),
    ...refused.flatMap((group) => groupText(group, columns)),
    ...(doubted.length > 0 ? [`${refused.length > 0 ? '\n' : ''}${total(doubted)} kept in doubt`] : []),
    ...doubted.flatMap((group) => groupText(group, columns)),
  ];
}

function groupText({ code, count, reason, examples }: Group, columns: number): string[] {
  const more = count - examples.length;
  return [
    '',
    wrapped(`${grouped(count)} ${code}: ${reason}`, columns, INDENT),
    ...examples.map(({ place, message }) => wrapped(`  ${place}: ${message}`, columns, 2 * INDENT)),
    ...(more > 0 && examples.length > 0 ? [`  and ${grouped(more)} more`] : []),
  ];
}

function exampleCount(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('Give a whole number from 0.');
}
