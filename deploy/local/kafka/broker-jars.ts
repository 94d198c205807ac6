import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const POM = join(import.meta.dirname, 'pom.xml');

/** Returns what is missing to run brokers on this machine, with its remedy; undefined if nothing is. */
export function missingForBrokers(): string | undefined {
  const missing = ['java', 'mvn'].filter((program) => !runs(program));
  if (missing.length === 0) return undefined;
  return `${missing.join(' and ')} not found: apt-get install openjdk-17-jre-headless maven, or set KAFKA_BROKERS`;
}

/** Returns the folder of a broker's jars. Maven downloads them once per user and version. */
export async function provideBrokerJars(): Promise<string> {
  const version = /<kafka.version>(.+)<\/kafka.version>/.exec(readFileSync(POM, 'utf8'))![1]!;
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'elastream');
  const jars = join(cache, `kafka-${version}-with-tools`);
  if (existsSync(jars)) return jars;
  mkdirSync(cache, { recursive: true });
  // The folder is either complete or absent: a slower process finds it there and drops its own copy.
  const work = mkdtempSync(join(cache, 'kafka-fetching-'));
  try {
    copyFileSync(POM, join(work, 'pom.xml'));
    const goal = ['-q', '-B', 'dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=jars'];
    await promisify(execFile)('mvn', goal, { cwd: work, timeout: 300_000 });
    if (!existsSync(jars)) renameSync(join(work, 'jars'), jars);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return jars;
}

function runs(program: string): boolean {
  try {
    execFileSync(program, [program === 'mvn' ? '--version' : '-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
