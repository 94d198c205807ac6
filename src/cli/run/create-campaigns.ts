import type { CampaignConfig } from '../../learning/campaign-config.ts';
import { counted } from '../../learning/campaign-prospects.ts';
import { readRejections, rejectionCounts } from '../campaign/rejections.ts';
import type { OpenLoop } from './open-loop.ts';
import type { RunDisplay } from './run-display.ts';

/**
 * Makes the campaigns that are not there yet, once it is known that they can learn something.
 * @param arms differ in their strategy alone
 * @throws AppError `invalid_argument` where they cannot, or are there with other settings
 */
export async function createCampaigns(
  directory: string,
  arms: readonly CampaignConfig[],
  sources: readonly string[],
  { ports, loop: { acquisition } }: OpenLoop,
  display: RunDisplay,
): Promise<void> {
  const first = arms.find(({ name }) => acquisition.state(name).created === undefined);
  if (first) {
    const examined = acquisition.examine(first.name, first, sources);
    // Told in either case: what was refused may be the reason why nothing is left.
    await examined.catch(() => {});
    const rejections = await readRejections(ports.log);
    const how = `elastream export ${directory} --what rejections`;
    if (rejections.length > 0) display.note(`${rejectionCounts(rejections)}; see them with ${how}`);
    const leftOut = counted((await examined).dropped.data);
    if (leftOut !== '') display.note(`labels left out by data_filters: ${leftOut}`);
  }
  for (const config of arms) await acquisition.create(config.name, config, sources);
}
