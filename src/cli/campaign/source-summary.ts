import type { SubmittedTally } from '../../adapters/remote/submit-source.ts';
import type { EventLogReader } from '../../ports/event-log.ts';
import { readRejections, rejectionCounts } from '../../reading/rejection-counts.ts';
import { grouped } from '../../text/progress-text.ts';

const FILES_SHOWN_MAX = 3;

/**
 * Lines for people: what became of a source.
 * @param skipped files in a folder that are of no known kind
 */
export function sourceSummary(path: string, tally: SubmittedTally, skipped: readonly string[]): string[] {
  const refused = tally.rejected > 0 ? `, ${grouped(tally.rejected)} rejected` : '';
  const lines = [`${path}: ${grouped(tally.materials)} materials, ${grouped(tally.labels)} labels${refused}`];
  if (skipped.length > 0) lines.push(`${path}: passed over, being of no known kind: ${listed(skipped)}`);
  return lines;
}

function listed(files: readonly string[]): string {
  const shown = files.slice(0, FILES_SHOWN_MAX).join(', ');
  return files.length > FILES_SHOWN_MAX ? `${shown} and ${files.length - FILES_SHOWN_MAX} more` : shown;
}

/** Why a path gave no material, from its rejections. */
export async function withoutMaterial(path: string, log: EventLogReader): Promise<string> {
  const rejections = (await readRejections(log)).filter(({ rejection }) => rejection.source.startsWith(path));
  const [first] = rejections;
  const nothing = `${path} holds no material that can be used`;
  if (!first) return `${nothing}: there is no file of a known kind in it ('elastream featurize --help' names them)`;
  if (rejections.length === 1) return `${nothing}: ${first.rejection.message}`;
  const { locator, message } = first.rejection;
  return `${nothing}: ${rejectionCounts(rejections)}; one of them, at ${locator ?? 'its beginning'}: ${message}`;
}
