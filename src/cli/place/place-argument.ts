import { AppError } from '../../model/app-error.ts';
import { isClusterUrl } from '../cluster/cluster-url.ts';

/** Commands on existing campaigns. Their first argument is the place: a directory or a cluster's gateway. */
const WITH_A_PLACE: ReadonlySet<string> = new Set([
  ...['status', 'predict', 'report', 'export', 'rejections', 'calculations', 'sql', 'rebuild'],
  ...['ingest', 'submit', 'ask', 'tell', 'serve', 'pause', 'resume', 'cancel'],
]);

/** Takes a cluster or the one of this machine, and no directory. */
const CALL = 'call';

/** Whether a command needs a place, which `--dir` or `--cluster` names. */
export function needsPlace(command: string): boolean {
  return WITH_A_PLACE.has(command);
}

/** Whether a command can be given a cluster. */
export function takesCluster(command: string): boolean {
  return command === 'run' || command === CALL || (needsPlace(command) && command !== 'serve');
}

/**
 * Moves the value of `--dir DIR` or `--cluster URL` to the place argument, so that each command reads the place at one
 * position. Older versions took a directory without `--dir`; it already stands at that position.
 * @param args without program and script
 * @throws AppError `invalid_argument` where the place is none, or there are two
 */
export function withPlaceFirst(args: readonly string[]): string[] {
  const cluster = optionOf(args, '--cluster');
  if (cluster && (cluster.value === undefined || !isClusterUrl(cluster.value))) {
    const message = `--cluster needs the address of a gateway, grpc://host:port or grpcs://host:port, not ${cluster.value ?? 'nothing'}`;
    throw new AppError('invalid_argument', message);
  }
  const others = cluster?.others ?? args;
  const directory = optionOf(others, '--dir');
  const command = (directory?.others ?? others).find((arg) => !arg.startsWith('-'));
  if (cluster && (command === undefined || !takesCluster(command)))
    throw new AppError('invalid_argument', `elastream ${command ?? ''} works without a cluster: leave --cluster out`);
  if (cluster && directory) {
    throw new AppError('invalid_argument', '--dir and --cluster name two places: give one of them');
  }
  if (command === CALL && !directory) return [...args];
  if (command === 'run' && cluster) return [...others, '--dir', cluster.value!];
  if (command === undefined || !needsPlace(command)) return [...others];
  const place = cluster ?? directory;
  if (!place) return [...others];
  if (place.value === undefined) throw new AppError('invalid_argument', '--dir needs a directory, not nothing');
  return [command, place.value, ...place.others.toSpliced(place.others.indexOf(command), 1)];
}

interface GivenOption {
  readonly value: string | undefined;
  /** The command line without it. */
  readonly others: readonly string[];
}

function optionOf(args: readonly string[], name: string): GivenOption | undefined {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  // What stands behind -- is no option.
  if (at < 0 || (args.includes('--') && args.indexOf('--') < at)) return undefined;
  const isOne = args[at] !== name;
  const value = isOne ? args[at]!.slice(name.length + 1) : args[at + 1];
  return { value, others: [...args.slice(0, at), ...args.slice(at + (isOne ? 1 : 2))] };
}
