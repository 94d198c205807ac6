import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { scratchDirectory } from '../../deploy/local/scratch.ts';
import { runCli } from '../support/cli.ts';
import { CRYSTALS } from '../support/crystals.ts';
import { reduced, standardGradients, symmetrized, workflowRuns } from '../support/elastic-workflow.ts';
import { cubic, TRICLINIC } from '../support/elasticity.ts';
import { taskDocOf } from '../support/task-docs.ts';

const scratch = scratchDirectory();
afterAll(() => scratch.remove());

const SALT = CRYSTALS['rocksalt NaCl']!.structure;
const QUARTZ = CRYSTALS['alpha quartz']!.structure;
const salt = workflowRuns('salt', SALT, cubic(49, 12.5, 12.8), reduced(standardGradients(), SALT)).map(taskDocOf);
const quartzRuns = workflowRuns('quartz', QUARTZ, symmetrized(TRICLINIC, QUARTZ), reduced(standardGradients(), QUARTZ));
const quartz = quartzRuns.map(taskDocOf);

function write(name: string, docs: readonly object[]): string {
  const path = join(scratch.path, name);
  writeFileSync(path, gzipSync(JSON.stringify(docs)));
  return path;
}

describe('elastream tensor of task documents', () => {
  it('prints the tensor of each crystal, and what a set lacks', async () => {
    const path = write('tasks.json.gz', [...quartz.slice(2), ...salt.toReversed(), ...salt.slice(0, 3), quartz[0]!]);
    const { code, stdout } = await runCli(['tensor', path]);
    expect(code).toBe(0);
    expect(stdout).toContain(`Elastic tensor of salt-relaxed in ${path} (GPa, Voigt order)`);
    expect(stdout).toMatch(/Pattern {7}cubic, 3 constants/);
    expect(stdout).toContain('Fitted to 6 deformations and their images');
    expect(stdout).toMatch(/No tensor of quartz-relaxed: its 19 deformations .*XX -0.01.*\(missing_strains\)\./);
  });

  it('prints an object for each with --json, and ends with 2 where there is no tensor', async () => {
    const both = await runCli(['tensor', '--json', write('both.json.gz', [...salt, ...quartz])]);
    const objects = both.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(objects.map(({ task_id: id, problem }) => [id, problem])).toEqual([
      ['quartz-relaxed', null],
      ['salt-relaxed', null],
    ]);
    expect(objects[1]!.deformation_tasks).toHaveLength(6);
    const none = await runCli(['tensor', write('none.json.gz', salt.slice(1))]);
    expect(none.code).toBe(2);
    expect(none.stdout).toContain('(missing_parent)');
    expect(none.stderr).toContain('no tensor could be fitted');
  });
});
