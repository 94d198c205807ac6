#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { packageVersion } from '../adapters/in-process/package-version.ts';
import { AppError, type ErrorCode } from '../model/app-error.ts';
import { RejectedInput } from '../model/rejection.ts';
import { styleOf } from '../text/text-style.ts';
import { needsPlace, takesCluster, withPlaceFirst } from './place/place-argument.ts';

const EXIT_FAILURE = 1;
const EXIT_BAD_INPUT = 2;
/** 128 + SIGINT, as shells have it. */
const EXIT_INTERRUPTED = 130;

/** What the user can mend on the command line or in the input; all else is the machine's or ours. */
const BAD_INPUT: ReadonlySet<ErrorCode> = new Set(['invalid_argument', 'input_unreadable', 'query_failed']);

const HELP_AFTER = `
Examples:
  elastream featurize cifs/ -o features.jsonl
  elastream tensor stiffness.txt --structure POSCAR
  elastream init campaign.yaml --data labels.jsonl.gz
  elastream run campaign.yaml --dir campaign
  elastream status --dir campaign
  elastream ask --dir campaign -o next
  elastream tell --dir campaign next/results.csv
  elastream predict --dir campaign POSCAR
  elastream report --dir campaign
  elastream export --dir campaign --what selections -o chosen.csv
  elastream status --cluster grpc://127.0.0.1:7400

Commands on campaigns name their place alike: --dir DIR, a directory, or --cluster URL, the gateway of a cluster.

Exit codes:
  0    done
  1    a failure of elastream or of this machine, or output that cannot be written
  2    the command line or the input is wrong
  130  interrupted

'elastream help COMMAND' shows a command's options and examples.`;

/** In Commander's words, and in ours. */
const MISSING = /missing required argument '(\w+)'/;
const PLACE_WANTED = 'name the place: --dir DIR, or --cluster URL';

/** Speaks of all others, and so has them all loaded. */
const COMPLETION = 'completion';

/** Loaded only when named, so that a small command does not wait for the packages of a large one. */
const COMMANDS: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['featurize', async () => (await import('./featurize.ts')).featurizeCommand()],
  ['init', async () => (await import('./init.ts')).initCommand()],
  ['doctor', async () => (await import('./doctor.ts')).doctorCommand()],
  ['run', async () => (await import('./run.ts')).runCommand()],
  ['serve', async () => (await import('./serve.ts')).serveCommand()],
  ['ingest', async () => (await import('./ingest.ts')).ingestCommand()],
  ['submit', async () => (await import('./submit.ts')).submitCommand()],
  ['ask', async () => (await import('./ask.ts')).askCommand()],
  ['tell', async () => (await import('./tell.ts')).tellCommand()],
  ['pause', async () => (await import('./control.ts')).pauseCommand()],
  ['resume', async () => (await import('./control.ts')).resumeCommand()],
  ['cancel', async () => (await import('./control.ts')).cancelCommand()],
  ['status', async () => (await import('./status.ts')).statusCommand()],
  ['predict', async () => (await import('./predict.ts')).predictCommand()],
  ['rebuild', async () => (await import('./rebuild.ts')).rebuildCommand()],
  ['study', async () => (await import('./study.ts')).studyCommand()],
  ['report', async () => (await import('./report.ts')).reportCommand()],
  ['export', async () => (await import('./export.ts')).exportCommand()],
  ['calculations', async () => (await import('./calculations.ts')).calculationsCommand()],
  ['rejections', async () => (await import('./rejections.ts')).rejectionsCommand()],
  ['sql', async () => (await import('./sql.ts')).sqlCommand()],
  ['call', async () => (await import('./call.ts')).callCommand()],
  ['tensor', async () => (await import('./tensor.ts')).tensorCommand()],
  [COMPLETION, async () => (await import('./completion.ts')).completionCommand()],
]);

async function createProgram(name: string | undefined): Promise<Command> {
  const named = name === COMPLETION ? undefined : COMMANDS.get(name ?? '');
  const commands = await Promise.all((named ? [named] : [...COMMANDS.values()]).map((load) => load()));
  const program = new Command('elastream')
    .description('Decides which DFT calculation to run next: streaming active learning for elastic moduli.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', HELP_AFTER)
    .showSuggestionAfterError()
    .showHelpAfterError("See 'elastream --help'.");
  for (const command of commands) {
    if (needsPlace(command.name())) describePlace(command);
    const gateway = "a cluster's gateway, grpc://host:port or grpcs://host:port, in place of a directory";
    if (takesCluster(command.name())) command.option('--cluster <url>', gateway);
    program.addCommand(command);
  }
  throwInsteadOfExit(program);
  return program;
}

/** For --help: options that name the place are taken from the command line before commands see it. */
function describePlace(command: Command): void {
  const others = command.registeredArguments.slice(1);
  const named = others.map((argument) => (argument.variadic ? `<${argument.name()}...>` : `<${argument.name()}>`));
  command
    .usage(['--dir <dir>', '[options]', ...named].join(' '))
    .configureHelp({ visibleArguments: () => others })
    .option('--dir <dir>', "the campaigns' directory");
}

/** Commander's settings are not inherited by commands that were made apart from the program. */
function throwInsteadOfExit(command: Command): void {
  command.exitOverride().configureOutput({
    outputError(text, write) {
      const ours = text.replace(MISSING, (theirs, argument: string) => missingText(command, argument) ?? theirs);
      write(ours.replace(/^error: /, `${ourName()}: `));
    },
  });
  for (const child of command.commands) throwInsteadOfExit(child);
}

/** What stands at the place's position need not be one: who left the place out has named a campaign or a file there. */
function missingText(command: Command, argument: string): string | undefined {
  if (argument === 'dir') return PLACE_WANTED;
  const isNamed = process.argv.some((arg) => /^--(dir|cluster)(=|$)/.test(arg));
  if (isNamed || !needsPlace(command.name())) return undefined;
  return `${PLACE_WANTED}; or is the ${argument} missing?`;
}

/** Before what went wrong. */
function ourName(): string {
  return styleOf(process.stderr).paint('red', 'elastream');
}

/** Says what went wrong on standard error, in one line unless it is a defect, and gives the exit code. */
function reportError(error: unknown): number {
  // Commander has printed its own message; help and version end the same way, with code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_BAD_INPUT;
  if (error instanceof RejectedInput) {
    process.stderr.write(`${ourName()}: ${error.message}\n`);
    return EXIT_BAD_INPUT;
  }
  if (error instanceof AppError && error.code !== 'internal') {
    process.stderr.write(`${ourName()}: ${error.message}\n`);
    if (error.code === 'interrupted') return EXIT_INTERRUPTED;
    return BAD_INPUT.has(error.code) ? EXIT_BAD_INPUT : EXIT_FAILURE;
  }
  process.stderr.write(`${ourName()}: internal error, please report it\n${(error as Error)?.stack ?? error}\n`);
  return EXIT_FAILURE;
}

// With standard error gone too, there is nobody left to tell.
process.stderr.on('error', () => {});
// A reader that stops early (`elastream ... | head`) is satisfied, not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.exit(reportError(new AppError('output_unwritable', `cannot write standard output: ${error.message}`)));
});

try {
  const args = withPlaceFirst(process.argv.slice(2));
  const program = await createProgram(args[0]);
  await program.parseAsync(args, { from: 'user' });
} catch (error) {
  // Not process.exit: output still waiting for a slow pipe would be lost.
  process.exitCode = reportError(error);
}
