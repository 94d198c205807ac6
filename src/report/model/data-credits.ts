import type { CampaignConfig } from '../../learning/campaign/campaign-config.ts';

/** Whom to cite for the label sets that elastream knows: those of its examples. */
const CITATIONS: Readonly<Record<string, string>> = {
  'dejong-2015':
    'M. de Jong, W. Chen, T. Angsten, A. Jain, R. Notestine, A. Gamst, M. Sluiter, C. K. Ande, S. van der Zwaag, ' +
    'J. J. Plata, C. Toher, S. Curtarolo, G. Ceder, K. A. Persson, M. Asta: Charting the complete elastic properties of ' +
    'inorganic crystalline compounds. Scientific Data 2, 150009 (2015), DOI 10.1038/sdata.2015.9, CC BY 4.0.',
};

/** Where the data comes from, as far as label sets and files tell. */
export function dataCredits({ data, candidates }: CampaignConfig): string[] {
  const labelled = data.map(
    ({ labelSet, path }) => CITATIONS[labelSet] ?? `Label set ${labelSet}, from the file ${path}.`,
  );
  const structures = candidates.from === 'files' ? candidates.paths.map((path) => `Candidates: ${path}.`) : [];
  return [...new Set([...labelled, ...structures])];
}
