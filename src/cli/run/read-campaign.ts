import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { campaignDocument, type Place } from '../../campaign-file/campaign-document.ts';
import { type CampaignIssue, issueText, parseCampaign } from '../../campaign-file/parse-campaign.ts';
import type { CampaignConfig } from '../../learning/campaign/campaign-config.ts';
import { AppError } from '../../model/app-error.ts';
import { readText, sourceName } from '../read-text.ts';
import { fillPseudopotentials } from './fill-pseudopotentials.ts';

const FILE_LIMIT = { bytesMax: 2 ** 20, remedy: 'this is no campaign file' };
const ISSUES_SHOWN_MAX = 20;

export interface ReadCampaign {
  readonly config: CampaignConfig;
  /** The file as it was read. */
  readonly text: string;
  /** Its content, as YAML has it. */
  readonly document: Readonly<Record<string, unknown>>;
}

interface Mistake {
  readonly place: Place;
  readonly message: string;
}

/**
 * Reads and checks a campaign file, and that its data is there.
 * @throws AppError `invalid_argument` that lists all mistakes as FILE:LINE:COLUMN: KEY: MESSAGE, `input_unreadable`;
 *   RejectedInput `too_large`, `bad_encoding`
 */
export async function readCampaign(path: string): Promise<ReadCampaign> {
  const text = await readText(path, FILE_LIMIT);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no text holds them, and YAML forbids them
  const binary = /[\0-\x08\x0e-\x1f]/.exec(text);
  if (binary) throw refused(path, [{ place: { line: 1, column: 1 }, message: 'binary data: a campaign is YAML text' }]);
  const document = campaignDocument(text);
  if (document.value === null) {
    const message = "holds no campaign: 'elastream init FILE' writes one to start from";
    throw refused(path, [{ place: { line: 1, column: 1 }, message }]);
  }
  const placed = (issues: readonly CampaignIssue[]) =>
    issues.map((issue) => ({ place: document.place(issue.path), message: issueText(issue) }));
  if (document.value === undefined) throw refused(path, document.issues);
  const filled = await fillPseudopotentials(document.value);
  const parsed = parseCampaign(filled.document);
  // Where the hashes could not be filled in, why not is what there is to say.
  const issues = parsed.issues.filter(({ path: at }) => filled.issues.length === 0 || at[1] !== 'sha256');
  const mistakes = [...document.issues, ...placed([...filled.issues, ...issues])];
  if (mistakes.length === 0 && parsed.config) mistakes.push(...placed(await missingData(path, parsed.config)));
  if (mistakes.length > 0 || !parsed.config) throw refused(path, mistakes);
  return { config: parsed.config, text, document: filled.document as ReadCampaign['document'] };
}

/**
 * The file that a path in a campaign file means: relative to the campaign file's folder, so that a campaign runs from
 * anywhere. The configuration keeps the path as written, so that its hash is the same on every machine.
 */
export function resolveDataPath(campaignFile: string, path: string): string {
  return isAbsolute(path) ? path : join(dirname(campaignFile), path);
}

async function missingData(campaignFile: string, { data, candidates }: CampaignConfig): Promise<CampaignIssue[]> {
  const inputs: { path: string; at: CampaignIssue['path'] }[] = [
    ...data.map(({ path }, i) => ({ path, at: ['data', i, 'path'] })),
    ...data.flatMap(({ structures: path }, i) => (path === undefined ? [] : [{ path, at: ['data', i, 'structures'] }])),
    ...(candidates.from === 'files' ? candidates.paths : []).map((path, i) => ({
      path,
      at: ['candidates', 'paths', i],
    })),
  ];
  const issues: CampaignIssue[] = [];
  for (const { path, at } of inputs) {
    const file = resolveDataPath(campaignFile, path);
    const found = await stat(file).catch((error: NodeJS.ErrnoException) => error);
    if (!(found instanceof Error)) continue;
    const reason = found.code === 'ENOENT' ? 'there is no such file' : found.message;
    const remedy = "correct the path, which counts from the campaign file's folder";
    issues.push({ path: at, message: `cannot read ${file}: ${reason}: ${remedy}` });
  }
  return issues;
}

function refused(path: string, mistakes: readonly Mistake[]): AppError {
  const source = sourceName(path);
  const ordered = mistakes.toSorted((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
  const lines = ordered.map(({ place: { line, column }, message }) => `${source}:${line}:${column}: ${message}`);
  if (lines.length > ISSUES_SHOWN_MAX) {
    const more = lines.length - ISSUES_SHOWN_MAX;
    lines.splice(ISSUES_SHOWN_MAX, more, `and ${more} more`);
  }
  if (mistakes.length > 1) lines.unshift(`${source} has ${mistakes.length} mistakes`);
  return new AppError('invalid_argument', lines.join('\n'));
}
