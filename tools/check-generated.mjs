/**
 * Fails if src/protocol/generated differs from what `npm run generate` makes of protos/.
 *
 *   node tools/check-generated.mjs
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const GENERATED = 'src/protocol/generated';

function filesOf(root) {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(root.length + 1), readFileSync(path, 'utf8')];
    }),
  );
}

const scratch = mkdtempSync(join(tmpdir(), 'elastream-generated-'));
try {
  execFileSync('node_modules/.bin/buf', ['generate', '--output', scratch], { stdio: 'inherit' });
  const committed = filesOf(GENERATED);
  const fresh = filesOf(join(scratch, GENERATED));
  const stale = [...new Set([...committed.keys(), ...fresh.keys()])].filter(
    (file) => committed.get(file) !== fresh.get(file),
  );
  for (const file of stale) process.stderr.write(`${GENERATED}/${file} is stale: run npm run generate and commit it\n`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} finally {
  rmSync(scratch, { recursive: true });
}
