import type { TableOptions } from '../model/table-options.ts';
import { DEFAULT_UNIT, MODULI, type Modulus } from '../model/target.ts';
import { type CampaignKey, campaignKeys } from './campaign-keys.ts';
import { inlineYaml } from './value-form.ts';

/** What a campaign file is begun with. */
export interface CampaignDraft {
  readonly name: string;
  /** Paths as the file names them. */
  readonly data: readonly ({ readonly path: string } & TableOptions)[];
  /** Files of structures without a label; undefined to hide labels of data. */
  readonly candidates?: readonly string[] | undefined;
  /** Undefined for both moduli. */
  readonly targets?: readonly Modulus[];
  readonly rowsPerLeafMin?: number;
  readonly batch: number;
  readonly stopLabels: number;
  readonly calculator: 'replay' | 'manual';
}

export const DEFAULT_DRAFT: CampaignDraft = {
  name: 'my-campaign',
  data: [{ path: 'labels.jsonl.gz' }],
  batch: 25,
  stopLabels: 250,
  calculator: 'replay',
};

const HEAD = `# A campaign of elastream: what is known, what may be calculated next, and how to choose.
# Options begin with # and no space: remove the # to set one. They hold the default, or say that there is none.
# More of each: docs/campaign-file.md
`;
const LINE_CHARACTERS_MAX = 120;
const COMMENT_COLUMN = 34;

type Table = Readonly<Record<string, unknown>>;

/**
 * The campaign that `elastream init` writes. A line that begins with # and no space is an option that may be
 * uncommented as it stands: it holds the default, unless it says otherwise.
 */
export function campaignTemplate(draft: CampaignDraft = DEFAULT_DRAFT): string {
  const given = fileOf(draft);
  const sections = campaignKeys().map(
    (key) => `${[...aboutSection(key, given), ...linesOf(key, given, '')].join('\n')}\n`,
  );
  return [HEAD, ...sections].join('\n');
}

/** The draft as people would write it. */
function fileOf({
  name,
  data,
  candidates,
  targets,
  rowsPerLeafMin,
  batch,
  stopLabels,
  calculator,
}: CampaignDraft): Table {
  return {
    name,
    data: data.map(({ path, lengthUnit: length_unit, ...table }) => ({
      path,
      label_set: 'my-dft',
      ...table,
      length_unit,
    })),
    candidates: candidates ? { from: 'files', paths: candidates } : { from: 'data', fraction: 0.5 },
    reserve: { fraction: 0.1 },
    features: 'paper+g',
    targets: (targets ?? MODULI).map((target) => ({ name: target, unit: DEFAULT_UNIT, transform: 'log' })),
    sampling: { model: 2 },
    ensemble: { booster: { preset: 'balanced', min_data_in_leaf: rowsPerLeafMin } },
    acquisition: { batch },
    stop: { labels: stopLabels },
    calculator: { kind: calculator },
  };
}

/** What a key of the top level is about, above it. */
function aboutSection(key: CampaignKey, given: Table): string[] {
  const text = commentOf(key, given[key.name]);
  return commentLines(`${text.slice(0, 1).toUpperCase()}${text.slice(1)}`, '');
}

/** A key with what is inside it: as given, else as an option. `start` stands before the key. */
function linesOf(key: CampaignKey, given: Table, start: string, comment = commentOf(key, given[key.name])): string[] {
  const value = given[key.name];
  const from = value === undefined && !start.includes('#') ? `${start}#` : start;
  if (isInline(key)) {
    return commented(`${from}${key.name}: ${inlineYaml(value ?? key.example ?? key.default)}`, comment, from);
  }
  const inside = Array.isArray(value)
    ? entryLines(key, value as Table[], from)
    : key.inner.flatMap((inner) => linesOf(inner, (value ?? {}) as Table, `${from}  `));
  return [...commented(`${from}${key.name}:`, comment, from), ...inside];
}

/** Whether the value stands on one line, with all that is inside it. */
function isInline({ inner, example, default: usual }: CampaignKey): boolean {
  return inner.length === 0 || example !== undefined || Array.isArray(usual);
}

/** The entries of a list of tables; the first one tells of all that there is. */
function entryLines({ inner }: CampaignKey, entries: readonly Table[], start: string): string[] {
  return entries.flatMap((entry, i) => {
    const written = inner.filter(({ name }) => entry[name] !== undefined);
    const options = i === 0 ? inner.filter(({ name }) => entry[name] === undefined) : [];
    return [...written, ...options].flatMap((key, at) =>
      linesOf(key, entry, `${start}${at === 0 ? '  - ' : '    '}`, i === 0 ? commentOf(key, entry[key.name]) : ''),
    );
  });
}

/** `only with ucb: what one STDEV counts for (STDEV, 0 to 100)` */
function commentOf(key: CampaignKey, value: unknown): string {
  const { meaning, belongsTo, isRequired, default: usual, example, otherwise } = key;
  const only = belongsTo === undefined ? '' : `only with ${belongsTo}: `;
  const hasNone = usual === undefined && example !== undefined && (value === undefined || !isRequired);
  const isOther =
    isInline(key) && value !== undefined && usual !== undefined && inlineYaml(value) !== inlineYaml(usual);
  return [
    `${only}${meaning}${boundsOf(key)}`,
    ...(hasNone ? ['no default'] : []),
    ...(isOther ? [`default ${inlineYaml(usual)}`] : []),
    ...(otherwise === undefined ? [] : [otherwise]),
  ].join('; ');
}

/** ` (GPa, above 0)`; nothing of a table whose keys are shown. */
function boundsOf({ unit, form }: CampaignKey): string {
  const known = [unit, form === 'table' ? undefined : form].filter((part) => part !== undefined);
  return known.length > 0 ? ` (${known.join(', ')})` : '';
}

/** The comment behind the line, or above it where it is long. What a key of the top level is about stands there already. */
function commented(line: string, comment: string, start: string): string[] {
  if (comment === '' || start === '' || start === '#') return [line];
  const beside = `${line.padEnd(COMMENT_COLUMN - 1)} # ${plain(comment)}`;
  if (beside.length <= LINE_CHARACTERS_MAX) return [beside];
  return [...commentLines(comment, start.replace('-', ' ').replace(/#$/, '')), line];
}

function commentLines(text: string, start: string): string[] {
  const lines: string[] = [];
  for (const word of plain(text).split(' ')) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= LINE_CHARACTERS_MAX) lines[lines.length - 1] = longer;
    else lines.push(`${start}# ${word}`);
  }
  return lines;
}

/** Without the marks that documentation has. */
function plain(markdown: string): string {
  return markdown.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', "'");
}
