import { openFileSource } from '../../../src/adapters/sources/files/file-source.ts';
import { moduliOfTensor } from '../../../src/learning/data/tensor-moduli.ts';

/** Reads each file that is named, and prints what came of it: a line of JSON per file. */
for (const path of process.argv.slice(2)) {
  const before = process.cpuUsage();
  const source = await openFileSource(path, { moduliOf: moduliOfTensor });
  const outcomes: string[] = [];
  for await (const item of source.read()) {
    if (item.kind === 'rejection') outcomes.push(item.rejection.code);
    else if (item.label?.values.g_vrh !== undefined) outcomes.push('label');
  }
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  const mebibytes = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(`${JSON.stringify({ outcome: outcomes[0] ?? 'accepted', seconds, mebibytes })}\n`);
}
