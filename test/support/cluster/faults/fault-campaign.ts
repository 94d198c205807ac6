import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFileSource } from '../../../../src/adapters/sources/files/file-source.ts';
import type { Material } from '../../../../src/model/material.ts';
import type { MaterialId } from '../../../../src/model/material-id.ts';
import { exampleLines, writeCampaignFiles } from '../../campaign-files.ts';
import { readLogContent } from '../../log-content.ts';
import { startNode } from '../../node-process.ts';
import type { LogContent } from '../../simulation/checked-guarantees.ts';

const ROWS = 200;
/** Calculations that take time, some of which fail, so that faults strike while they run. */
const CALCULATOR = `  kind: replay
  delay_seconds: 1.5
  failure_rate: 0.15
  attempts: 3
`;

/** The input of every run: campaigns, their outcome in one process without faults, and materials of other clients. */
export interface FaultCampaign {
  readonly file: string;
  /** The strategies of the campaigns that run at the same time. */
  readonly compared: readonly string[];
  readonly embedded: LogContent;
  /** Materials that belong to no campaign. */
  readonly materials: readonly Material[];
  remove(): Promise<void>;
}

/**
 * @param dist the built program's folder
 * @param compared strategies of further campaigns that run at the same time
 */
export async function prepareFaultCampaign(dist: string, compared: readonly string[] = []): Promise<FaultCampaign> {
  const campaign = writeCampaignFiles({
    rows: ROWS,
    candidates: 80,
    rounds: 4,
    members: 4,
    batch: 4,
    edit: (yaml) => yaml.replace('  kind: replay\n', CALCULATOR),
  });
  const { code, output } = await startCampaigns(
    dist,
    { file: campaign.file, compared },
    campaign.directory,
    '--no-tables',
  ).ended;
  if (code !== 0) throw new Error(`the campaign failed without any fault: ${output}`);
  const materials = await otherMaterials(join(campaign.file, '../others.jsonl'));
  return {
    file: campaign.file,
    compared,
    embedded: await readLogContent(campaign.directory),
    materials,
    remove: campaign.remove,
  };
}

async function otherMaterials(file: string): Promise<Material[]> {
  writeFileSync(file, exampleLines().slice(ROWS).join('\n'));
  const materials: Material[] = [];
  for await (const item of (await openFileSource(file)).read()) {
    if (item.kind === 'rejection') continue;
    materials.push({ ...item.material, id: `submitted-${materials.length}` as MaterialId });
  }
  return materials;
}

/** @param place a directory, or the address of a gateway */
export function startCampaigns(
  dist: string,
  { file, compared }: Pick<FaultCampaign, 'file' | 'compared'>,
  place: string,
  ...flags: string[]
): StartedProgram {
  const beside = compared.length > 0 ? ['--compare', ...compared] : [];
  return startProgram(dist, ['run', file, '--dir', place, ...beside, '--quiet', '--no-report', ...flags]);
}

export interface StartedProgram {
  /** Resolves at the end of the program, with everything that it printed. */
  readonly ended: Promise<{ readonly code: number | null; readonly output: string }>;
  kill(): void;
}

/** The command line program, built into `dist`. */
function startProgram(dist: string, args: readonly string[]): StartedProgram {
  const { process: child, ended } = startNode([join(dist, 'src/cli/main.js'), ...args]);
  return {
    ended: ended.then(({ code, stdout, stderr }) => ({ code, output: stdout + stderr })),
    kill: () => void child.kill('SIGKILL'),
  };
}
