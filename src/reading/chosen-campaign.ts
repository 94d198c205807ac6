import { AppError } from '../model/app-error.ts';
import type { CampaignHistories, CampaignHistory } from './campaign-history.ts';

/** The named campaign, or the only one. @throws AppError `invalid_argument` that lists what is there */
export function chooseCampaign(campaigns: CampaignHistories, name: string | undefined): CampaignHistory {
  return campaigns.get(namedCampaign([...campaigns.keys()], name))!;
}

/** As chooseCampaign, of names alone. */
export function namedCampaign(all: readonly string[], name: string | undefined): string {
  const names = [...all].sort();
  if (names.length === 0) throw new AppError('invalid_argument', 'no campaign has begun here yet; run one first');
  const wanted = name ?? names[0]!;
  const found = names.includes(wanted);
  if (found && (name !== undefined || names.length === 1)) return wanted;
  const reason = found ? 'holds several campaigns' : `holds no campaign ${wanted}`;
  throw new AppError('invalid_argument', `the directory ${reason}; choose with --campaign: ${names.join(', ')}`);
}
