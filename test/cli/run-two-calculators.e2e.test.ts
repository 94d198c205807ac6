import { afterAll, expect, it } from 'vitest';
import { TOPICS } from '../../src/reading/campaign-log.ts';
import { eventsInLog, startCampaign } from '../support/campaign-process.ts';
import { readLogContent } from '../support/log-content.ts';
import { describeWithLightGbm, tinyCampaign } from '../support/tiny-campaign.ts';

const { calculations, results } = TOPICS;
const SLOW = '  delay_seconds: 2\n';

describeWithLightGbm('two campaigns with different calculators in one directory', () => {
  const replay = tinyCampaign({ edit: (yaml) => `${yaml}${SLOW}` });
  const simulated = tinyCampaign({
    edit: (yaml) =>
      `${yaml}${SLOW}`.replace('name: tiny', 'name: pretended').replace('kind: replay', 'kind: simulated'),
  });
  afterAll(() => Promise.all([replay.remove(), simulated.remove()]));

  const start = (file: string) => startCampaign([file, '--dir', replay.directory, '--no-report', '--no-tables']);

  async function typesIn(topic: string): Promise<string[]> {
    const records = (await readLogContent(replay.directory)).get(topic)!.flat();
    return records.map(({ type }) => type.slice(type.lastIndexOf('.') + 1));
  }

  it('lose nothing of one while the other is run: each calculation goes to the calculator of its kind', async () => {
    const first = start(replay.file);
    await eventsInLog(first, replay.directory, calculations.name, 5);
    first.process.kill('SIGINT');
    expect((await first.ended).code).toBe(130);
    for (const { file } of [simulated, replay]) {
      const { code, stderr } = await start(file).ended;
      expect(code, stderr).toBe(0);
    }
    expect(new Set(await typesIn(calculations.name))).toEqual(new Set(['CalculationRequested']));
    // Of both campaigns, in both rounds, all five.
    expect(await typesIn(results.name)).toEqual(Array(20).fill('ResultReceived'));
  });
});
