/*
 * Keeps the log of a directory as a fixture, which later versions must replay as it is:
 *
 *     npx vite-node --script tools/record-campaigns.ts DIR test/fixtures/recorded-campaigns
 *
 * DIR was filled by `elastream run` with the campaign files that stand there.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { readLogContent } from '../test/support/log-content.ts';
import { recordedLines, replayed } from '../test/support/recorded-campaigns.ts';

const [directory, fixture] = process.argv.slice(2) as [string, string];
const content = await readLogContent(directory);
// A window that holds a material's features and the example that repeats them.
const params = { [constants.BROTLI_PARAM_LGWIN]: 22, [constants.BROTLI_PARAM_QUALITY]: 11 };
writeFileSync(join(fixture, 'log.jsonl.br'), brotliCompressSync(recordedLines(content), { params }));
writeFileSync(join(fixture, 'replayed.json'), `${JSON.stringify(replayed(content), undefined, 1)}\n`);
