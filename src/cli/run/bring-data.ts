import { openFileSource } from '../../adapters/sources/files/file-source.ts';
import type { CampaignConfig } from '../../learning/campaign/campaign-config.ts';
import { AppError } from '../../model/app-error.ts';
import type { EventLogReader } from '../../ports/event-log.ts';
import type { MaterialSource } from '../../ports/material-source.ts';
import { readRejections, rejectionCounts } from '../campaign/rejections.ts';
import { grouped } from '../progress/progress-text.ts';
import type { CampaignHost } from './campaign-host.ts';
import { resolveDataPath } from './read-campaign.ts';
import type { RunDisplay } from './run-display.ts';

export interface DataRequest {
  readonly campaignFile: string;
  readonly config: CampaignConfig;
}

const FILES_SHOWN_MAX = 3;
/** Labels that stand in a file of candidates belong to no set that a campaign accepts by itself. */
const CANDIDATE_LABELS = 'candidates';

interface NamedSource {
  readonly source: MaterialSource;
  readonly path: string;
  readonly labelSet: string;
  /** Files in a folder that are of no known kind; filled as it is read. */
  readonly skipped: readonly string[];
}

async function openSources({ config, campaignFile }: DataRequest, signal: AbortSignal): Promise<NamedSource[]> {
  const { candidates } = config;
  const unlabelled =
    candidates.from === 'files'
      ? candidates.paths.map((path) => ({ kind: 'file' as const, path, labelSet: CANDIDATE_LABELS }))
      : [];
  const sources: NamedSource[] = [];
  for (const { path, labelSet } of [...config.data, ...unlabelled]) {
    const skipped: string[] = [];
    const onSkipped = (file: string) => void skipped.push(file);
    const source = await openFileSource(resolveDataPath(campaignFile, path), { names: [path], signal, onSkipped });
    // The same file under another label set is another source.
    sources.push({ source: { ...source, id: `${source.id}#${labelSet}` }, path, labelSet, skipped });
  }
  return sources;
}

/**
 * Brings what is missing of a campaign's data into the log.
 * @returns the ids of its sources: of the data, then of the candidates
 * @throws AppError `input_unreadable`, `invalid_argument` where they are not what the campaign began with
 */
export async function bringData(
  request: DataRequest,
  host: CampaignHost,
  display: RunDisplay,
  signal: AbortSignal,
): Promise<string[]> {
  const sources = await openSources(request, signal);
  assertUnchanged(request, sources, host);
  const done = await host.ingested();
  for (const { source, path, labelSet, skipped } of sources) {
    if (done.has(source.id)) continue;
    const onProgress = ({ materials }: { materials: number }) => display.ingesting(materials);
    const tally = await host.ingest(source, { labelSet, signal, onProgress });
    const refused = tally.rejected > 0 ? `, ${grouped(tally.rejected)} rejected` : '';
    display.note(`${path}: ${grouped(tally.materials)} materials, ${grouped(tally.labels)} labels${refused}`);
    if (skipped.length > 0) display.note(`${path}: passed over, being of no known kind: ${listed(skipped)}`);
    if (tally.materials === 0) throw new AppError('input_unreadable', await withoutMaterial(path, host.ports.log));
  }
  return sources.map(({ source }) => source.id);
}

function listed(files: readonly string[]): string {
  const shown = files.slice(0, FILES_SHOWN_MAX).join(', ');
  return files.length > FILES_SHOWN_MAX ? `${shown} and ${files.length - FILES_SHOWN_MAX} more` : shown;
}

async function withoutMaterial(path: string, log: EventLogReader): Promise<string> {
  const rejections = (await readRejections(log)).filter(({ rejection }) => rejection.source.startsWith(path));
  const [first] = rejections;
  const nothing = `${path} holds no material that can be used`;
  if (!first) return `${nothing}: there is no file of a known kind in it ('elastream featurize --help' names them)`;
  if (rejections.length === 1) return `${nothing}: ${first.rejection.message}`;
  const { locator, message } = first.rejection;
  return `${nothing}: ${rejectionCounts(rejections)}; one of them, at ${locator ?? 'its beginning'}: ${message}`;
}

/** A campaign keeps to the data that it began with: to go on with other data would mix two campaigns. */
function assertUnchanged({ config }: DataRequest, sources: readonly NamedSource[], host: CampaignHost): void {
  const { created } = host.state(config.name);
  const changed = created && sources.find(({ source }, i) => source.id !== created.sources[i]);
  if (!changed) return;
  const message = `${changed.path} is not what it was when campaign ${config.name} began here: restore it, or use another directory (--dir)`;
  throw new AppError('invalid_argument', message);
}
