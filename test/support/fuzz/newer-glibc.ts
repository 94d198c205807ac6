import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The glibc version against which the fuzzer's prebuilt engine is linked. */
const GLIBC_MIN = [2, 38] as const;
/** The first Debian release with that version. Its packages are only unpacked; nothing on the machine changes. */
const SUITE = 'trixie';
const PACKAGES = ['libc6', 'libstdc++6', 'libgcc-s1'];
const LIBRARIES: Readonly<Record<string, { readonly libraries: string; readonly loader: string }>> = {
  x64: { libraries: 'x86_64-linux-gnu', loader: 'ld-linux-x86-64.so.2' },
  arm64: { libraries: 'aarch64-linux-gnu', loader: 'ld-linux-aarch64.so.1' },
};

/** Whether this machine's own C library is new enough. */
export function hasNewerGlibc(): boolean {
  if (process.platform !== 'linux') return true;
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  const [major = 0, minor = 0] = (header.glibcVersionRuntime ?? '').split('.').map(Number);
  return major > GLIBC_MIN[0] || (major === GLIBC_MIN[0] && minor >= GLIBC_MIN[1]);
}

/** The folder for an unpacked newer glibc, which may not exist yet. */
export function newerGlibc(cache: string): string {
  return join(cache, `glibc-${SUITE}-${process.arch}`);
}

/** The command and first arguments that run Node with the newer glibc. */
export function nodeWithNewerGlibc(cache: string): readonly string[] {
  const { libraries, loader } = LIBRARIES[process.arch] ?? {};
  if (!libraries || !loader) throw new Error(`the fuzzer has no engine for ${process.arch}`);
  const folder = join(newerGlibc(cache), 'usr/lib', libraries);
  return [join(folder, loader), '--library-path', folder, process.execPath];
}

/** Uses apt with its own folders: this needs no root, and the machine's own lists and packages stay unchanged. */
export async function unpackNewerGlibc(cache: string): Promise<void> {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'glibc-fetching-'));
  try {
    await downloadPackages(work);
    for (const file of readdirSync(work).filter((name) => name.endsWith('.deb'))) {
      await run('dpkg', ['-x', join(work, file), join(work, 'root')]);
    }
    if (!existsSync(newerGlibc(cache))) renameSync(join(work, 'root'), newerGlibc(cache));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function downloadPackages(work: string): Promise<void> {
  for (const folder of ['state/lists/partial', 'cache/archives/partial', 'root']) {
    mkdirSync(join(work, folder), { recursive: true });
  }
  writeFileSync(join(work, 'status'), '');
  writeFileSync(join(work, 'debian.sources'), sources());
  const options = {
    'Dir::Etc::sourcelist': join(work, 'debian.sources'),
    'Dir::Etc::sourceparts': '-',
    'Dir::State': join(work, 'state'),
    'Dir::State::status': join(work, 'status'),
    'Dir::Cache': join(work, 'cache'),
  };
  const given = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const apt = (...words: string[]) => run('apt-get', [...given, ...words], { cwd: work, timeout: 300_000 });
  await apt('update');
  await apt('download', ...PACKAGES);
}

const run = promisify(execFile);

/** The machine's own Debian mirror, for the newer suite. */
function sources(): string {
  const format = '$(LABEL) $(REPO_URI)';
  const targets = execFileSync('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'], {
    encoding: 'utf8',
  });
  const archive = targets.split('\n').find((line) => line.startsWith('Debian '));
  if (archive === undefined) throw new Error('apt knows no Debian archive: run this on Debian, or with glibc 2.38');
  return [
    'Types: deb',
    `URIs: ${archive.split(' ')[1]}`,
    `Suites: ${SUITE}`,
    'Components: main',
    'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg',
    '',
  ].join('\n');
}
