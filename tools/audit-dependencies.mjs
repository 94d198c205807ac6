/**
 * Fails if a dependency that users get has a known vulnerability of level moderate or above. Where the registry answers no
 * audit (a mirror, a machine without network), it warns and passes: that says nothing of this project.
 *
 *   node tools/audit-dependencies.mjs
 */
import { spawnSync } from 'node:child_process';

const LEVELS = ['moderate', 'high', 'critical'];

const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8', timeout: 120_000 });
const report = parsed(stdout);
if (report?.metadata?.vulnerabilities === undefined) {
  const reason = report?.error?.summary || report?.message || 'no answer';
  process.stderr.write(`dependencies were not audited: ${reason}\n`);
} else {
  const { vulnerabilities } = report.metadata;
  const found = LEVELS.reduce((sum, level) => sum + (vulnerabilities[level] ?? 0), 0);
  for (const [name, { severity, range, fixAvailable }] of Object.entries(report.vulnerabilities ?? {})) {
    const remedy = fixAvailable ? 'npm audit fix --omit=dev' : 'there is no fix yet';
    process.stderr.write(`${name} ${range}: ${severity}; ${remedy}\n`);
  }
  process.stderr.write(`dependencies audited: ${found} vulnerabilities of level moderate or above\n`);
  process.exitCode = found > 0 ? 1 : 0;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
