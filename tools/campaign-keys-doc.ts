/**
 * Writes the table of docs/campaign-file.md anew.
 *
 *   npm run generate
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { withKeysTable } from './campaign-keys-table.ts';

const PAGE = 'docs/campaign-file.md';
writeFileSync(PAGE, withKeysTable(readFileSync(PAGE, 'utf8')));
