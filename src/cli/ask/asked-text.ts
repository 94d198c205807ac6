import { definitionOf } from '../../learning/campaign/campaign-config.ts';
import type { Target } from '../../model/target.ts';
import { targetWords } from '../../model/target-words.ts';
import { PLAIN, type TextStyle, wrapped } from '../../text/text-style.ts';
import type { Asked, AskedMaterial } from './asked-materials.ts';

const WARNING_INDENT = 8;

/** One object per line, with all digits. */
export function askedJson({ history }: Asked, one: AskedMaterial): string {
  const { created } = history;
  const { candidate, round, rank, formula, attempt, lastFailure, why, isOutsideDomain, warnings } = one;
  const byTarget = (values: readonly number[]) =>
    Object.fromEntries(created.config.targets.map((target, t) => [target, values[t]]));
  return `${JSON.stringify({
    campaign: created.campaign,
    ...{ round, rank, material_id: candidate.materialId, formula, calculation: candidate.calculationId, attempt },
    last_failure: lastFailure ?? null,
    ...{ score: candidate.score, why, mean: byTarget(candidate.mean), stdev: byTarget(candidate.standardDeviation) },
    ...{ outside_training_domain: isOutsideDomain, warnings },
  })}\n`;
}

/** A table for people; what must be known of a material stands below it. */
export function askedText(asked: Asked, { columns, paint }: TextStyle = PLAIN): string {
  const { created, rounds } = asked.history;
  const { targets } = created.config;
  const head = ['rank', 'material', 'formula', ...targets.map((target) => title(asked, target)), 'attempt', 'why'];
  const rows = asked.materials.map(({ candidate, rank, formula, attempt, why }) => [
    ...[`${rank}`, candidate.materialId, formula],
    ...targets.map((_, t) => `${candidate.mean[t]!.toFixed(1)} ± ${candidate.standardDeviation[t]!.toFixed(1)}`),
    ...[`${attempt}`, why],
  ]);
  const widths = head.map((_, c) => Math.max(...[head, ...rows].map((row) => row[c]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, c) => (c === 0 ? cell.padStart(widths[0]!) : cell.padEnd(widths[c]!)))
      .join('  ')
      .trimEnd();
  const lines = asked.materials.flatMap((one, i) => [
    wrapped(line(rows[i]!), columns, WARNING_INDENT),
    ...warningsOf(one).map((warning) => paint('yellow', wrapped(`      ! ${warning}`, columns, WARNING_INDENT))),
  ]);
  const shown = asked.materials.length < asked.open.length ? `; the best ${asked.materials.length}` : '';
  const begun = `${created.campaign}, round ${rounds.length}, waits for ${results(asked.open.length)}${shown}`;
  return `${[begun, '', wrapped(line(head), columns, WARNING_INDENT), ...lines].join('\n')}\n`;
}

function warningsOf({ warnings, attempt, lastFailure }: AskedMaterial): string[] {
  return lastFailure === undefined ? [...warnings] : [`attempt ${attempt - 1} failed: ${lastFailure}`, ...warnings];
}

/** `3 results` */
export function results(count: number): string {
  return `${count} ${count === 1 ? 'result' : 'results'}`;
}

function title({ history }: Asked, target: Target): string {
  const { unit } = definitionOf(history.created.config, target);
  const { symbol } = targetWords(target);
  return unit === '' ? symbol : `${symbol} (${unit})`;
}
