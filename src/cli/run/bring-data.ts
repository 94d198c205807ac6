import { openFileSource } from '../../adapters/sources/files/file-source.ts';
import type { CampaignConfig } from '../../learning/campaign/campaign-config.ts';
import { AppError } from '../../model/app-error.ts';
import type { MaterialSource } from '../../ports/material-source.ts';
import { sourceSummary, withoutMaterial } from '../campaign/source-summary.ts';
import type { CampaignHost } from './campaign-host.ts';
import { resolveDataPath } from './read-campaign.ts';
import type { RunDisplay } from './run-display.ts';

export interface DataRequest {
  readonly campaignFile: string;
  readonly config: CampaignConfig;
}

/** Labels that stand in a file of candidates belong to no set that a campaign accepts by itself. */
const CANDIDATE_LABELS = 'candidates';

interface NamedSource {
  readonly source: MaterialSource;
  readonly path: string;
  readonly labelSet: string;
  /** Files in a folder that are of no known kind; filled as it is read. */
  readonly skipped: readonly string[];
  /** What was found in tables; filled as they are read. */
  readonly notes: readonly string[];
}

/** A file of candidates that is also data is the same table. */
function candidateData({ candidates, data }: CampaignConfig): CampaignConfig['data'] {
  const paths = candidates.from === 'files' ? candidates.paths : [];
  return paths.map((path) => ({
    ...data.find((one) => one.path === path),
    ...{ kind: 'file', path, labelSet: CANDIDATE_LABELS },
  }));
}

async function openSources({ config, campaignFile }: DataRequest, signal: AbortSignal): Promise<NamedSource[]> {
  const sources: NamedSource[] = [];
  for (const { kind: _, path, labelSet, ...said } of [...config.data, ...candidateData(config)]) {
    const skipped: string[] = [];
    const notes: string[] = [];
    const { structures } = said;
    const table = { ...said, ...(structures && { structures: resolveDataPath(campaignFile, structures) }) };
    const source = await openFileSource(resolveDataPath(campaignFile, path), {
      names: [path],
      signal,
      table,
      onSkipped: (file) => void skipped.push(file),
      onNote: (line) => void notes.push(line),
    });
    // The same file under another label set is another source.
    sources.push({ source: { ...source, id: `${source.id}#${labelSet}` }, path, labelSet, skipped, notes });
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
  for (const { source, path, labelSet, skipped, notes } of sources) {
    if (done.has(source.id)) continue;
    const onProgress = ({ materials }: { materials: number }) => display.ingesting(materials);
    const tally = await host.ingest(source, { labelSet, signal, onProgress });
    for (const line of [...new Set(notes), ...sourceSummary(path, tally, skipped)]) display.note(line);
    if (tally.materials === 0) throw new AppError('input_unreadable', await withoutMaterial(path, host.ports.log));
  }
  return sources.map(({ source }) => source.id);
}

/** A campaign keeps to the data that it began with: to go on with other data would mix two campaigns. */
function assertUnchanged({ config }: DataRequest, sources: readonly NamedSource[], host: CampaignHost): void {
  const { created } = host.state(config.name);
  const changed = created && sources.find(({ source }, i) => source.id !== created.sources[i]);
  if (!changed) return;
  const message = `${changed.path} is not what it was when campaign ${config.name} began here: restore it, or use another directory (--dir)`;
  throw new AppError('invalid_argument', message);
}
