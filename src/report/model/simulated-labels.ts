import type { ReportedCampaign } from './reported-campaign.ts';

/**
 * Whether any label comes from a formula, of those that the last round trains on and those that came since. What the
 * calculator is called says nothing of it: labels that were told, or brought by others, are what their method says.
 */
export function hasSimulatedLabels({
  history,
  contents,
  ending,
}: Pick<ReportedCampaign, 'history' | 'contents' | 'ending'>): boolean {
  const round = history.rounds.at(-1);
  if (round === undefined) return false;
  const selected = round.selected?.candidates ?? [];
  const acquired = selected.flatMap(({ calculationId }) => ending(calculationId)?.label ?? []);
  const known = [...contents(round).examples.map(({ label }) => label), ...acquired];
  return known.some(({ method }) => method.kind === 'simulated');
}
