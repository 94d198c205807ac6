import { Command } from 'commander';
import { directoryPlaces } from './campaign/campaign-directory.ts';
import { isClusterUrl } from './cluster/cluster-url.ts';
import { formatOfName } from './output-format.ts';
import { writeReport } from './report/write-report.ts';

const HELP_AFTER = `
The page needs nothing but itself: learning curves, predicted against calculated moduli, errors against STDEV,
uncertainty, feature importances, what was chosen and what came of it, settings and data. Every figure can be downloaded
as SVG.

Campaigns that differ in their strategy alone ('elastream run --compare') stand beside each other; those of one strategy
that differ in their seed share a learning curve. The campaigns may still be running. Only the log and the models are read; without the models the plots that need them are left out.

Examples:
  elastream report --dir quickstart
  elastream report --dir quickstart -o page.html
  elastream report --dir quickstart --campaign quickstart-random -o - > random.html`;

interface ReportFlags {
  readonly output?: string;
  readonly campaign?: readonly string[];
}

/** `elastream report --dir DIR`: a campaign as one HTML page. */
export function reportCommand(): Command {
  return new Command('report')
    .summary('a campaign as one HTML page')
    .description("Writes what a directory's campaigns have found as one HTML page.")
    .argument('<dir>')
    .option('-o, --output <file>', 'where to write; - for standard output (default: report.html in the directory)')
    .option('--campaign <name...>', 'which ones, where the directory holds others too')
    .addHelpText('after', HELP_AFTER)
    .action(report);
}

async function report(directory: string, { output, campaign }: ReportFlags): Promise<void> {
  const path = output ?? (isClusterUrl(directory) ? 'report.html' : directoryPlaces(directory).report);
  formatOfName(path, { html: 'html', htm: 'html' }, 'html');
  await writeReport(directory, { output: path, ...(campaign && { campaigns: campaign }) });
  if (path !== '-') process.stderr.write(`report: ${path}\n`);
}
