import { createPseudopotentialFolder } from '../../adapters/calculators/espresso/pseudopotential-folder.ts';
import { pseudopotentialTable } from '../../calculations/espresso/pseudopotential-table.ts';
import type { CampaignIssue } from '../../campaign-file/parse-campaign.ts';
import { AppError } from '../../model/app-error.ts';

interface Filled {
  readonly document: unknown;
  readonly issues: readonly CampaignIssue[];
}

/**
 * The document of a campaign that calculates with Quantum ESPRESSO, with the hash of each pseudopotential: the campaign is
 * defined by their content, and a file that is exchanged later is noticed. Any other document comes back as it is, and so
 * does one that says the hashes itself.
 */
export async function fillPseudopotentials(document: unknown): Promise<Filled> {
  const calculator = tableOf(tableOf(document)?.calculator);
  const { kind, pseudopotentials: folder, files = {}, sha256 } = calculator ?? {};
  const named = Object.entries(tableOf(files) ?? {}).filter((entry): entry is [string, string] => {
    return typeof entry[1] === 'string';
  });
  const isOurs = kind === 'espresso' && typeof folder === 'string' && folder.startsWith('/');
  if (!isOurs || sha256 !== undefined) return { document, issues: [] };
  try {
    const found = await createPseudopotentialFolder().read(folder);
    const table = pseudopotentialTable(found, { folder, files: Object.fromEntries(named) });
    if ('sha256' in table) {
      const filled = { ...tableOf(document), calculator: { ...calculator, sha256: table.sha256 } };
      return { document: filled, issues: [] };
    }
    return { document, issues: table.problems.map(({ element, message }) => issueOf(message, element)) };
  } catch (error) {
    if (error instanceof AppError) return { document, issues: [issueOf(error.message)] };
    throw error;
  }
}

function issueOf(message: string, element?: string): CampaignIssue {
  const at = element === undefined ? ['calculator', 'pseudopotentials'] : ['calculator', 'files', element];
  return { path: at, message };
}

function tableOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
