import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AppError } from '../../src/model/app-error.ts';
import type { Topics } from '../../src/model/topics.ts';
import { TOPICS } from '../../src/reading/campaign-log.ts';
import { childrenOf, eventsInLog, isRunning, startCampaign } from '../support/campaign-process.ts';
import { MISSING_CHDB } from '../support/chdb.ts';
import { eventually } from '../support/eventually.ts';
import { readLogContent } from '../support/log-content.ts';
import type { NodeProcess } from '../support/node-process.ts';
import { comparableEvent, storedModels, storedTables } from '../support/run-content.ts';
import {
  conflictingEvents,
  differingEvents,
  type LogContent,
  withoutLackingNotes,
} from '../support/simulation/checked-guarantees.ts';
import { createSeededRandom, type SeededRandom } from '../support/simulation/seeded-random.ts';
import { describeWithLightGbm, type TinyCampaign, tinyCampaign } from '../support/tiny-campaign.ts';

/** `npm run crash -- --kills 25 --seed 7` sets these. */
const KILLS = Number(process.env.CRASH_KILLS ?? 6);
const SEED = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** What the run is killed in: its start, or some events into a topic, or after its last event. */
const PHASES = [
  ...(['materials', 'features', 'members', 'campaigns', 'calculations', 'examples'] as const),
  ...(['end', 'start', 'training', 'results', 'labels'] as const),
];
type Phase = (typeof PHASES)[number];

interface Outcome {
  readonly log: LogContent;
  readonly models: readonly string[];
  readonly tables: Readonly<Record<string, readonly string[]>>;
}

describeWithLightGbm('a campaign whose process is killed', () => {
  const random = createSeededRandom(SEED);
  let campaign: TinyCampaign;
  let reference: Outcome;
  afterAll(() => campaign.remove());

  beforeAll(async () => {
    const slowly = (yaml: string) => `${yaml}  delay_seconds: 0.1\n  failure_rate: 0.3\n  attempts: 2\n`;
    campaign = tinyCampaign({ edit: slowly, rounds: 3, moreLines: ['{"material_id": "mp-x"}', 'no JSON'] });
    reference = await outcome('reference');
  });

  const directoryOf = (name: string) => join(dirname(campaign.directory), name);
  const start = (name: string) => startCampaign([campaign.file, '--dir', directoryOf(name), '--no-report', '--json']);

  /** The same command until it is done, and what it has left behind. */
  async function outcome(name: string): Promise<Outcome> {
    const { code, stderr } = await start(name).ended;
    expect(code, stderr).toBe(0);
    const directory = directoryOf(name);
    const [log, models] = [await readLogContent(directory), await storedModels(directory)];
    return { log, models, tables: MISSING_CHDB ? {} : await storedTables(directory) };
  }

  it.for(Array.from({ length: KILLS }, (_, i) => [i + 1, PHASES[i % PHASES.length]!] as const))(
    `with seed ${SEED}: kill %i, in %s`,
    { timeout: 60_000 },
    async ([number, phase]) => {
      const name = `killed-${number}`;
      const directory = directoryOf(name);
      const run = start(name);
      const moment = await momentOf(phase, directory, reference.log, random.fork(`kill ${number}`), run);
      const children = childrenOf(run.process.pid!);
      run.process.kill('SIGKILL');
      const { signal, code, stderr } = await run.ended;
      // A kill after the end may find nobody.
      expect(phase === 'end' && code === 0 ? 'SIGKILL' : signal, `${moment}: ${stderr}`).toBe('SIGKILL');
      const before = await contentOrNothing(directory);
      const resumed = await outcome(name);
      const expected = withoutLackingNotes(reference.log, resumed.log);
      expect(differingEvents(resumed.log, expected, comparableEvent).slice(0, 5), moment).toEqual([]);
      expect(conflictingEvents(resumed.log, comparableEvent), moment).toEqual([]);
      expect(lost(before, resumed.log), moment).toEqual([]);
      expect(resumed.models, moment).toEqual(reference.models);
      expect(resumed.tables, moment).toEqual(reference.tables);
      await eventually(() => !children.some(isRunning));
    },
  );
});

/** The kill may have come before there was a log. */
function contentOrNothing(directory: string): Promise<LogContent> {
  return readLogContent(directory).catch((error: unknown) => {
    if (error instanceof AppError) return new Map();
    throw error;
  });
}

/** Waits for a moment of the phase that chance has chosen, and says which. */
async function momentOf(
  phase: Phase,
  directory: string,
  reference: LogContent,
  random: SeededRandom,
  run: NodeProcess,
): Promise<string> {
  const topic = phase === 'start' || phase === 'end' ? undefined : TOPICS[phase as keyof Topics].name;
  const delayMs = phase === 'start' ? random.int(1200) : phase === 'end' ? random.int(600) : random.int(30);
  const wanted = topic === undefined ? Infinity : 1 + random.int(count(reference, topic));
  const moment = `${phase}: ${delayMs} ms after ${topic === undefined ? phase : `${wanted} of its events`}`;
  if (phase === 'end')
    await eventsInLog(run, directory, TOPICS.campaigns.name, count(reference, TOPICS.campaigns.name));
  else if (phase !== 'start') await eventsInLog(run, directory, topic!, wanted);
  await sleep(delayMs);
  return moment;
}

function count(log: LogContent, topic: string): number {
  return log.get(topic)!.flat().length;
}

/** What was in the log at the kill and is no longer where it stood. */
function lost(before: LogContent, after: LogContent): string[] {
  return [...before].flatMap(([topic, partitions]) =>
    partitions.flatMap((events, partition) =>
      events
        .filter(({ offset, id }) => after.get(topic)?.[partition]?.[offset]?.id !== id)
        .map(({ offset, id }) => `${topic} ${partition} ${offset}: ${id}`),
    ),
  );
}
