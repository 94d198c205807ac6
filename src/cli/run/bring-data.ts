import { openFileSource } from '../../adapters/sources/files/file-source.ts';
import type { CampaignConfig } from '../../learning/campaign/campaign-config.ts';
import { createTensorCollector } from '../../learning/data/tensor-collector.ts';
import { moduliOfTensor } from '../../learning/data/tensor-moduli.ts';
import { AppError } from '../../model/app-error.ts';
import { assertUnits, SAYING } from '../campaign/check-units.ts';
import { sourceSummary, withoutMaterial } from '../campaign/source-summary.ts';
import type { CampaignHost } from './campaign-host.ts';
import { isOther, type NamedSource, newIn, untilFormed } from './grown-data.ts';
import { resolveDataPath } from './read-campaign.ts';
import type { RunDisplay } from './run-display.ts';

export interface DataRequest {
  readonly campaignFile: string;
  readonly config: CampaignConfig;
}

/** Labels that stand in a file of candidates belong to no set that a campaign accepts by itself. */
const CANDIDATE_LABELS = 'candidates';

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
      tensors: createTensorCollector,
      moduliOf: moduliOfTensor,
      onSkipped: (file) => void skipped.push(file),
      onNote: (line) => void notes.push(line),
    });
    // The same file under another label set is another source.
    sources.push({ source: { ...source, id: `${source.id}#${labelSet}` }, path, labelSet, table, skipped, notes });
  }
  return sources;
}

/**
 * Brings what is missing of a campaign's data into the log. Files of labelled data may have grown since the campaign
 * began: what is new in them is added.
 * @returns the ids of its sources: of the data, then of the candidates
 * @throws AppError `input_unreadable`, `invalid_argument` where its candidates are not what it began with
 */
export async function bringData(
  request: DataRequest,
  host: CampaignHost,
  display: RunDisplay,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { config } = request;
  const sources = await openSources(request, signal);
  const { created } = host.state(config.name);
  const begun = created?.sources ?? sources.map(({ source }) => source.id);
  const changed = sources.flatMap((one, i) => (one.source.id === begun[i] ? [] : [{ ...one, before: begun[i] ?? '' }]));
  const candidates = changed.find(({ before }) => begun.indexOf(before) >= config.data.length);
  if (candidates) throw isOther(candidates.path, config);
  const done = await host.ingested();
  const grown =
    changed.length > 0
      ? await newIn(changed, { name: config.name, sources: begun }, host.ports.log, done, display.note)
      : [];
  const unchanged = sources.filter((one, i) => one.source.id === begun[i]);
  for (const { source, path, labelSet, table, skipped, notes } of [...unchanged, ...grown]) {
    if (done.has(source.id)) continue;
    if (labelSet !== CANDIDATE_LABELS)
      await assertUnits(resolveDataPath(request.campaignFile, path), table, SAYING.keys);
    const onProgress = ({ materials }: { materials: number }) => display.ingesting(materials);
    const tally = await host.ingest(source, { labelSet, signal, onProgress });
    for (const line of [...new Set(notes), ...sourceSummary(path, tally, skipped)]) display.note(line);
    if (grown.some((one) => one.source === source)) {
      display.note(`${path} has grown since ${config.name} began: what is new in it counts from the next round on`);
    } else if (tally.materials === 0) {
      throw new AppError('input_unreadable', await withoutMaterial(path, host.ports.log));
    }
  }
  await untilFormed(host.ports.log, new Set(grown.map(({ source }) => source.id)), signal);
  return begun;
}
