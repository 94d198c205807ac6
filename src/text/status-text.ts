import { raisedLimits } from '../learning/campaign/stop-rule.ts';
import type { CampaignStatus } from '../reading/campaign-status.ts';
import type { DataRead } from '../reading/data-read.ts';
import { grouped } from './progress-text.ts';
import { roundLine } from './round-line.ts';
import { stopEntries } from './stop-text.ts';
import { PLAIN, type TextStyle, wrapped } from './text-style.ts';
import { uncertaintyEntries } from './uncertainty-text.ts';

/** A few lines per campaign, aligned. */
export function statusText(campaigns: readonly CampaignStatus[], { columns, paint }: TextStyle = PLAIN): string {
  const lines = (status: CampaignStatus) => linesOf(status).map((line) => coloured(wrapped(line, columns, 16), paint));
  return `${campaigns.map((status) => lines(status).join('\n')).join('\n\n')}\n`;
}

/** Where no campaign has begun yet: how far its data are. */
export function dataReadText({ materials, labels, featurized, rejected, isAtWork, pid }: DataRead): string {
  const lines = ['no campaign has begun here yet'];
  if (pid !== null) lines[0] += `: process ${pid} is reading its data`;
  const isAny = materials + labels + rejected > 0;
  if (isAny) lines.push(entry('materials', `${grouped(materials)} read, ${grouped(featurized)} of them featurized`));
  if (isAny) lines.push(entry('labels', grouped(labels)));
  if (rejected > 0) lines.push(entry('rejected', grouped(rejected)));
  if (isAny && !isAtWork) lines.push(entry('interrupted', "'elastream run' with its file goes on"));
  return `${lines.join('\n')}\n`;
}

function linesOf(status: CampaignStatus): string[] {
  const { labels, members, calculations, last_round, rejections, alarms, stop_raised } = status;
  const wanted = labels.wanted === null ? '' : ` of ${grouped(labels.wanted)}`;
  const { labelled, pending, failed } = calculations;
  const refused = Object.entries(rejections).map(([code, count]) => `${grouped(count)} ${code}`);
  return [
    `${status.campaign}: ${stateText(status)}`,
    ...(status.parked_reason === null ? [] : [entry('parked', status.parked_reason)]),
    entry('labels', `${grouped(labels.added)}${wanted} added`),
    ...(stop_raised ? [entry('stop rule', `raised: ${raisedLimits(stop_raised.from, stop_raised.to)}`)] : []),
    ...stopEntries(status).map((text) => entry('stops', text)),
    entry('pool', `${grouped(status.pool_left)} candidates left`),
    status.round === 0
      ? entry('round', 'none yet: the data are being read')
      : entry(`round ${status.round}`, `${members.trained} of ${members.total} members trained`),
    ...(labelled + pending + failed > 0
      ? [entry('calculations', `${grouped(labelled)} labelled, ${grouped(pending)} pending, ${grouped(failed)} failed`)]
      : []),
    ...(last_round ? [entry('last result', roundLine(last_round))] : []),
    ...(last_round ? uncertaintyEntries(last_round).map(([label, text]) => entry(label, text)) : []),
    ...(refused.length > 0 ? [entry('rejected', refused.join(', '))] : []),
    ...alarms.map((alarm) => entry('ALARM', alarm)),
  ];
}

function stateText({ state, stop_reason, pid, round }: CampaignStatus): string {
  const by = pid === null ? '' : `, process ${pid}`;
  if (state === 'finished') return `finished after round ${round} (${stop_reason})`;
  if (state === 'interrupted') return "interrupted; 'elastream run' with its file goes on";
  if (state === 'parked') return "parked; 'elastream resume', or in a directory 'elastream run' with its file, goes on";
  if (state === 'waiting') return `waits for your results${by}; 'elastream ask' says for which`;
  return `${state}${by}`;
}

/** What somebody must look after. */
function coloured(line: string, paint: TextStyle['paint']): string {
  return line.replace(/^ {2}(ALARM|parked)/, (_, label) => `  ${paint('red', label)}`);
}

function entry(label: string, text: string): string {
  return `  ${label.padEnd(14)}${text}`;
}
