import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { describeUnless } from '../needs.ts';

export const CHART = join(import.meta.dirname, '../../../helm/elastream');

/** Where deploy/kubernetes/build.sh puts it; else that of the machine. */
const BUILT = join(
  process.env.KUBERNETES_LAB ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'kubernetes-lab'),
  'bin/helm',
);
const HELM = existsSync(BUILT) ? BUILT : 'helm';
const MISSING = runs() ? undefined : 'helm is not found: bash deploy/kubernetes/build.sh helm (needs Go)';

function runs(): boolean {
  try {
    execFileSync(HELM, ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * A `describe` that needs helm, which needs no cluster. To build helm takes longer than all else that CI fetches (some
 * 5 minutes of CPU), so CI does without it where no earlier run has left one, and says so; helm-values.test.ts checks
 * the values everywhere.
 */
export function describeWithHelm(name: string, body: () => void): void {
  if (MISSING === undefined || process.env.ELASTREAM_CI === undefined) describeUnless(MISSING, name, body);
  else it(`${name}: not rendered here, ${MISSING}`, () => {});
}

export interface HelmResult {
  readonly ok: boolean;
  /** Standard output and error. */
  readonly said: string;
}

export async function helm(...args: string[]): Promise<HelmResult> {
  try {
    const { stdout, stderr } = await promisify(execFile)(HELM, args, { maxBuffer: 2 ** 26 });
    return { ok: true, said: stdout + stderr };
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return { ok: false, said: stdout + stderr };
  }
}

export interface Resource {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  // biome-ignore lint/suspicious/noExplicitAny: what a template makes is looked at as it is.
  readonly [key: string]: any;
}

/** What the chart makes of a site's values and these settings. @throws Error with what helm says */
export async function rendered(site: string, ...settings: string[]): Promise<Resource[]> {
  const set = settings.flatMap((setting) => ['--set-json', setting]);
  const { ok, said } = await helm('template', 'elastream', CHART, '-f', join(CHART, `values-${site}.yaml`), ...set);
  if (!ok) throw new Error(said);
  return parseAllDocuments(said)
    .map((document) => document.toJS() as Resource | null)
    .filter((resource) => resource !== null);
}
