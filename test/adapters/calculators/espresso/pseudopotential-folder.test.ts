import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createPseudopotentialFolder } from '../../../../src/adapters/calculators/espresso/pseudopotential-folder.ts';

describe('createPseudopotentialFolder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'elastream-pseudo-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('reads header and content of each file in UPF, and passes over the rest', async () => {
    const text = '<PP_HEADER element="Si" pseudo_type="NC" functional="PBE"/>';
    writeFileSync(join(folder, 'Si.upf'), text);
    writeFileSync(join(folder, 'broken.UPF'), 'no header');
    writeFileSync(join(folder, 'README'), text);
    expect(await createPseudopotentialFolder().read(folder)).toEqual([
      {
        ...{ name: 'Si.upf', path: join(folder, 'Si.upf'), element: 'Si', functional: 'PBE', isAugmented: false },
        sha256: createHash('sha256').update(text).digest('hex'),
      },
    ]);
  });

  it('names a folder that is not there', async () => {
    await expect(createPseudopotentialFolder().read(join(folder, 'none'))).rejects.toThrow(
      /none: there is no such folder/,
    );
  });
});
