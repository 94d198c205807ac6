import { parseArgs } from 'node:util';
import { simulateSeed } from '../support/simulation/campaign/simulate-seed.ts';

/**
 * Runs seeds of the fault simulation, for longer than CI does:
 *   npm run simulate -- --seeds 1000 --from 1
 *   npm run simulate -- --seed 17          one seed, with its whole story
 *   npm run simulate -- --log kafka        over Kafka's adapter and simulated brokers
 */
const { values } = parseArgs({
  options: { seeds: { type: 'string' }, from: { type: 'string' }, seed: { type: 'string' }, log: { type: 'string' } },
});
const single = values.seed !== undefined;
const log = values.log ?? 'simulated';
if (log !== 'simulated' && log !== 'kafka') throw new Error(`--log is ${log}: say simulated or kafka`);
const from = Number(values.seed ?? values.from ?? 1);
const count = single ? 1 : Number(values.seeds ?? 100);
const struck = new Map<string, number>();
const failed: number[] = [];
let rejections = 0;
process.on('unhandledRejection', (error) => {
  rejections++;
  write(`unhandled rejection: ${error instanceof Error ? error.stack : error}`);
});

for (let seed = from; seed < from + count; seed++) {
  const before = rejections;
  const report = await simulateSeed(seed, log).catch((error: Error) => void write(`seed ${seed}: ${error.stack}`));
  if (!report) {
    failed.push(seed);
    continue;
  }
  const { rough, broken } = report;
  for (const [fault, times] of rough.world.struck) struck.set(fault, (struck.get(fault) ?? 0) + times);
  const { layout, arms, interruptions } = rough.plan;
  const what = `${layout}, ${arms.length} campaign(s), ${interruptions.length} interruptions, ${rough.failures.length} failures`;
  if (single) {
    write(rough.world.story.join('\n'));
    for (const failure of rough.failures) write(`failure: ${failure}`);
    write(JSON.stringify(rough.plan, (key, value) => (key === 'items' ? undefined : value), 2));
  }
  if (broken.length > 0 || rejections > before) failed.push(seed);
  if (broken.length > 0 || single) write(`seed ${seed} (${what}): ${broken.length} broken`);
  for (const line of broken.slice(0, 8)) write(`  ${line}`);
}
const seconds = process.cpuUsage().user / 1e6;
write(
  `seeds ${from} to ${from + count - 1}: ${failed.length} failed (${failed.join(', ')}), ${(seconds / count).toFixed(2)} s CPU each`,
);
write(`struck: ${[...struck].map(([fault, times]) => `${fault} ${times}`).join(', ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
