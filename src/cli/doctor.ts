import { statfs } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { Command } from 'commander';
import { loadLightGbm } from '../adapters/lightgbm/native.ts';
import { provideLightGbmLibrary } from '../adapters/lightgbm/provide-library.ts';
import { AppError } from '../model/app-error.ts';

const GIBIBYTE = 2 ** 30;
/** What the quickstart needs. */
const MEMORY_MIN_GIB = 2;
const DISK_MIN_GIB = 1;
const NODE_MIN: readonly [number, number] = [20, 19];

const HELP_AFTER = `
Examples:
  elastream doctor
  elastream doctor --json | jq '.[] | select(.ok | not)'

Fetches LightGBM's library with pip if it is not there yet; LIGHTGBM_LIBRARY names one to take instead.

Exit codes:
  0  all is there
  1  something is missing`;

interface Finding {
  readonly part: string;
  readonly ok: boolean;
  /** What is there, or what to do about it. */
  readonly message: string;
}

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('Checks that this machine has what elastream needs, and says what is missing.')
    .option('--json', 'one array of {part, ok, message}')
    .addHelpText('after', HELP_AFTER)
    .action(async (options: { json?: boolean }) => {
      const findings = [checkNode(process.versions.node), await checkLightGbm(), checkMemory(), await checkDisk()];
      process.stdout.write(options.json ? `${JSON.stringify(findings, null, 2)}\n` : findings.map(asLine).join(''));
      if (findings.some(({ ok }) => !ok)) process.exitCode = 1;
    });
}

function asLine({ part, ok, message }: Finding): string {
  return `${ok ? 'ok     ' : 'MISSING'}  ${part.padEnd(10)}${message}\n`;
}

function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  return { part: 'Node.js', ok, message: ok ? version : `${version}; install ${NODE_MIN.join('.')} or later` };
}

async function checkLightGbm(): Promise<Finding> {
  try {
    const { path, sha256 } = await provideLightGbmLibrary();
    loadLightGbm(path);
    return { part: 'LightGBM', ok: true, message: `${path} (SHA-256 ${sha256.slice(0, 12)})` };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { part: 'LightGBM', ok: false, message: error.message };
  }
}

function checkMemory(): Finding {
  const [total, free] = [totalmem() / GIBIBYTE, freemem() / GIBIBYTE];
  const what = `${total.toFixed(1)} GiB, ${free.toFixed(1)} GiB of it free`;
  const ok = total >= MEMORY_MIN_GIB;
  return { part: 'memory', ok, message: ok ? what : `${what}; the quickstart needs ${MEMORY_MIN_GIB} GiB` };
}

async function checkDisk(): Promise<Finding> {
  const { bavail, bsize } = await statfs('.');
  const free = (bavail * bsize) / GIBIBYTE;
  const what = `${free.toFixed(1)} GiB free in this folder`;
  const ok = free >= DISK_MIN_GIB;
  return { part: 'disk', ok, message: ok ? what : `${what}; a campaign needs ${DISK_MIN_GIB} GiB` };
}
