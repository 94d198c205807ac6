import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { readCampaign, resolveDataPath } from '../../../src/cli/run/read-campaign.ts';

const FILE = 'examples/quickstart.yaml';

it('examples/quickstart.yaml leaves labels to learn from and candidates enough to stop by labels', async () => {
  const { config } = await readCampaign(FILE);
  const [source] = config.data;
  const rows = gunzipSync(readFileSync(resolveDataPath(FILE, source!.path)))
    .toString()
    .trimEnd()
    .split('\n');
  const { candidates, sampling, stop } = config;
  const hidden = candidates.from === 'data' && 'count' in candidates ? candidates.count : Number.NaN;
  expect(rows.every((row) => JSON.parse(row).source === source!.labelSet)).toBe(true);
  expect(rows.length * (1 - sampling.testFraction) - hidden).toBeGreaterThan(300);
  expect(hidden).toBeGreaterThan(2 * stop.labels!);
});
