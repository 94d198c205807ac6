import { afterAll, expect, it } from 'vitest';
import { describeWithLightGbm, tinyCampaign } from '../support/tiny-campaign.ts';

describeWithLightGbm('elastream run --json', () => {
  const tiny = tinyCampaign();
  afterAll(() => tiny.remove());
  const run = () => tiny.run(['--json', '--no-tables', '--no-report']);

  it('prints the rounds of a campaign that is over as it printed them when they came', async () => {
    const first = await run();
    expect(first.stdout.trimEnd().split('\n').length).toBe(3);
    const again = await run();
    expect(again).toMatchObject({ code: 0, stdout: first.stdout });
    expect(again.stderr).toMatch(/^tiny is over \(rounds\): .*\n$/);
  });
});
