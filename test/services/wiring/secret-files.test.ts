import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { scratchDirectory } from '../../../deploy/local/scratch.ts';
import { renewedSecret, renewedText } from '../../../services/wiring/secret-files.ts';

it('is read whenever it is asked for, and stays as it was while it cannot be read', async () => {
  const scratch = scratchDirectory();
  const file = join(scratch.path, 'password');
  expect(() => renewedText(file)).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
  writeFileSync(file, 'first\n');
  const secret = renewedSecret(file);
  expect(secret()).toBe('first');
  writeFileSync(file, 'second\n');
  expect(secret()).toBe('second');
  writeFileSync(file, '');
  expect(secret()).toBe('second');
  rmSync(file);
  expect(secret()).toBe('second');
  writeFileSync(file, 'third');
  expect(secret()).toBe('third');
  await scratch.remove();
});
