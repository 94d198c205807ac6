import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { scratchDirectory } from '../../deploy/local/scratch.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples/elastic-tensor-2015.jsonl.gz', import.meta.url));

export interface CampaignFilesOptions {
  /** Rows of examples/elastic-tensor-2015.jsonl.gz, from its beginning; 200 by default. */
  readonly rows?: number;
  /** Lines to append to these rows, such as one that is rejected. */
  readonly moreLines?: readonly string[];
  /** Hidden candidates; 100 by default. */
  readonly candidates?: number;
  /** Rounds that select; 2 by default. */
  readonly rounds?: number;
  readonly members?: number;
  readonly trees?: number;
  readonly batch?: number;
  /** Changes to the text of data.jsonl. */
  readonly editData?: (jsonl: string) => string;
  /** Changes to the campaign file's text. */
  readonly edit?: (yaml: string) => string;
}

/** The input of a campaign, in its own folder. */
export interface CampaignFiles {
  /** `tiny`, as in the campaign file. */
  readonly name: string;
  /** The campaign file; data.jsonl lies beside it. */
  readonly file: string;
  /** The directory of the campaign (log, models, tables); it does not exist before the first run. */
  readonly directory: string;
  remove(): Promise<void>;
}

export function writeCampaignFiles(options: CampaignFilesOptions = {}): CampaignFiles {
  const { rows = 200, moreLines = [], candidates = 100, editData = unchanged, edit = unchanged } = options;
  const { rounds = 2, members = 3, trees = 20, batch = 5 } = options;
  const scratch = scratchDirectory();
  const folder = join(scratch.path, 'input');
  mkdirSync(folder);
  const lines = exampleLines().slice(0, rows);
  writeFileSync(join(folder, 'data.jsonl'), editData([...lines, ...moreLines, ''].join('\n')));
  const [file, directory] = [join(folder, 'tiny.yaml'), join(scratch.path, 'tiny')];
  writeFileSync(file, edit(yamlOf({ candidates, rounds, members, trees, batch })));
  return { name: 'tiny', file, directory, remove: () => scratch.remove() };
}

/** The lines of examples/elastic-tensor-2015.jsonl.gz. */
export function exampleLines(): string[] {
  return gunzipSync(readFileSync(EXAMPLES)).toString('utf8').split('\n');
}

const unchanged = (text: string) => text;

function yamlOf(
  settings: Required<Pick<CampaignFilesOptions, 'candidates' | 'rounds' | 'members' | 'trees' | 'batch'>>,
) {
  const { candidates, rounds, members, trees, batch } = settings;
  return `name: tiny
seed: 1
data:
  - path: data.jsonl
    label_set: dejong-2015
candidates:
  from: data
  count: ${candidates}
features: paper
targets: [g_vrh, k_vrh]
sampling:
  model: 2
  test_fraction: 0.2
  hold_out_fraction: 0.2
ensemble:
  members: ${members}
  booster:
    trees: ${trees}
    min_data_in_leaf: 5
acquisition:
  strategy: exploration
  batch: ${batch}
stop:
  rounds: ${rounds}
calculator:
  kind: replay
`;
}
