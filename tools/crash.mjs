// npm run crash -- --kills 25 --seed 7: runs test/cli/run-crash.e2e.test.ts with a chosen number of kills.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { kills: { type: 'string', default: '25' }, seed: { type: 'string' } } });
const env = { ...process.env, CRASH_KILLS: values.kills, ...(values.seed && { CRASH_SEED: values.seed }) };
const args = ['vitest', 'run', 'test/cli/run-crash.e2e.test.ts', '--reporter=verbose'];
process.exitCode = spawnSync('npx', args, { env, stdio: 'inherit' }).status ?? 1;
