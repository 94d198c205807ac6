import type { Threshold } from '../learning/campaign/campaign-config.ts';
import { quantities } from '../model/target-words.ts';
import type { CampaignStatus } from '../reading/campaign-status.ts';

const WORDS: Readonly<Record<Threshold, string>> = {
  mae: "the upper confidence limit of the reserve's MAE (approximate)",
  errors: "the upper confidence limit of the reserve's quantile of errors",
  gain: "what the next batch may take off the reserve's MAE",
  uncertainty: 'the mean calibrated STDEV of the candidates',
};

/** A line per rule that looks at the models; rules that count labels have lines of their own. */
export function stopEntries({ stops }: Pick<CampaignStatus, 'stops'>): string[] {
  const lines = Object.entries(WORDS).flatMap(([rule, words]) => {
    const found = stops.filter((stop) => stop.rule === rule);
    if (found.length === 0) return [];
    const listed = (value: (stop: (typeof found)[number]) => string) =>
      quantities(
        found.map((stop) => [stop.target ?? '', value(stop)] as const),
        ', ',
      );
    const known = found.every(({ value }) => value !== null);
    const now = known ? `is ${listed(({ value }) => value?.toPrecision(3) ?? '')}` : 'is not known yet';
    return [`${words} ${now}; stops below ${listed(({ limit }) => `${limit}`)}`];
  });
  const since = stops.find(({ rule }) => rule === 'unimproved');
  if (since) lines.push(`no better label for ${since.value} rounds; stops at ${since.limit}`);
  return lines;
}
