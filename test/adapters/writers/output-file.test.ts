import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openOutput } from '../../../src/adapters/writers/output-file.ts';

const bytes = (text: string) => Buffer.from(text);

describe('openOutput', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'elastream-output-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('shows nothing under the final name until commit', async () => {
    const path = join(folder, 'out.jsonl');
    writeFileSync(path, 'old');
    const output = await openOutput(path);
    await output.write(bytes('new'));
    await output.write(bytes('er'));
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(output.bytes).toBe(5);
    await output.commit();
    expect(readFileSync(path, 'utf8')).toBe('newer');
    expect(existsSync(`${path}.partial`)).toBe(false);
  });

  it('keeps or discards what is partial', async () => {
    const path = join(folder, 'out.jsonl');
    const kept = await openOutput(path);
    await kept.write(bytes('half'));
    await kept.keep();
    expect(readFileSync(`${path}.partial`, 'utf8')).toBe('half');
    const discarded = await openOutput(path);
    await discarded.discard();
    expect(existsSync(`${path}.partial`)).toBe(false);
    expect(existsSync(path)).toBe(false);
  });

  it('goes on at a given byte and forgets what stood behind it', async () => {
    const path = join(folder, 'out.jsonl');
    writeFileSync(`${path}.partial`, 'row 1\nrow 2\nro');
    const output = await openOutput(path, 6);
    await output.write(bytes('row B\n'));
    await output.commit();
    expect(readFileSync(path, 'utf8')).toBe('row 1\nrow B\n');
  });

  it('writes through a symbolic link and never replaces a device', async () => {
    const [target, link] = [join(folder, 'target'), join(folder, 'link')];
    writeFileSync(target, '');
    symlinkSync(target, link);
    const output = await openOutput(link);
    await output.write(bytes('x'));
    await output.commit();
    expect(readFileSync(target, 'utf8')).toBe('x');
    const nowhere = await openOutput('/dev/null');
    await nowhere.write(bytes('x'));
    await nowhere.commit();
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it('says why a file cannot be written', async () => {
    await expect(openOutput(join(folder, 'missing', 'out'))).rejects.toMatchObject({ code: 'output_unwritable' });
    mkdirSync(join(folder, 'sub'));
    await expect(openOutput(join(folder, 'sub'))).rejects.toThrow('it is a folder');
  });
});
