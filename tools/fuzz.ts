// `npm run fuzz`: coverage-guided fuzzing of everything that reads foreign data. Inputs that reach new code are kept in
// .cache/fuzz/TARGET, so that the next run continues from them. Failing inputs are written to .cache/fuzz/findings.
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { provideFuzzEngine } from '../test/support/fuzz/fuzz-engine.ts';
import { FUZZ_TARGETS, fuzzTarget } from '../test/support/fuzz/run-target.ts';

const HELP = `Usage: npm run fuzz -- [options]

Options:
  --target NAME  one of ${FUZZ_TARGETS.join(', ')} (all)
  --runs N       executions of each (1000000)
  --seed N       of the first one; the others follow (1)
  --verbose      all that the fuzzer says
  -h, --help

A crash, an error that is no rejection, or an input that takes over 1 s per 10 kB is a failure (exit code 1). Keep its
input in test/fuzz/corpus/TARGET, where every test run reads it, and mend what it found.

Examples:
  npm run fuzz
  npm run fuzz -- --target cif --runs 50000 --seed 7
`;

const { values: options } = parseArgs({
  options: {
    target: { type: 'string' },
    runs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

if (options.help) process.stdout.write(HELP);
else await run();

async function run(): Promise<void> {
  const [runs, seed] = [wholeNumber(options.runs, 'runs'), wholeNumber(options.seed, 'seed')];
  if (options.target !== undefined && !FUZZ_TARGETS.includes(options.target)) {
    fail(`--target must be one of ${FUZZ_TARGETS.join(', ')}, not ${options.target}`);
  }
  const targets = options.target === undefined ? FUZZ_TARGETS : [options.target];
  const cache = resolve(import.meta.dirname, '../.cache/fuzz');
  const engine = await provideFuzzEngine();
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());
  let failed = 0;
  for (const [i, target] of targets.entries()) {
    const begun = performance.now();
    const places = { corpus: join(cache, target), findings: join(cache, 'findings') };
    const { passed, executions, report } = await fuzzTarget({
      engine,
      target,
      runs,
      seed: seed + i,
      ...places,
      signal: stopping.signal,
      ...(options.verbose && { onLine: note }),
    });
    if (stopping.signal.aborted) process.exit(130);
    const seconds = (performance.now() - begun) / 1000;
    const line = `${target.padEnd(10)} ${executions} executions, ${seconds.toFixed(0)} s`;
    process.stdout.write(`${line}, ${passed ? 'nothing found' : `FAILED\n${report}`}\n`);
    if (!passed) failed++;
  }
  process.exitCode = failed > 0 ? 1 : 0;
}

function wholeNumber(text: string, name: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value < 2 ** 31) return value;
  return fail(`--${name} must be a whole number from 1 to 2147483647, not ${text}`);
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

function fail(message: string): never {
  note(message);
  process.exit(2);
}
