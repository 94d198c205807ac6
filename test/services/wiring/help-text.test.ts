import { expect, it } from 'vitest';
import { VARIABLES, variableOf } from '../../../services/wiring/environment.ts';
import { helpText } from '../../../services/wiring/help-text.ts';

const TEXT = helpText({ name: 'ingestion', summary: 'Takes it in.' });

it('names the program, what it does, every setting by both its names, and the exit codes', () => {
  expect(TEXT).toContain('Usage: node dist/services/ingestion/main.js [--config FILE]\n\nTakes it in.\n');
  for (const [name, { path, meaning }] of Object.entries(VARIABLES)) {
    expect(TEXT).toMatch(new RegExp(`^ {2}${name} +${escaped(meaning)} \\[${escaped(path.join('.'))}\\]$`, 'm'));
  }
  expect(TEXT).toContain('Exit codes: 0 stopped, 1 failed');
});

it('fits a terminal', () => {
  expect(TEXT.split('\n').filter((line) => line.length > 120)).toEqual([]);
});

it('has one variable for a field, and none for others', () => {
  expect(variableOf(['kafka', 'tls', 'ca_file'])).toBe('KAFKA_CA_FILE');
  expect(variableOf(['kafka', 'tls', 'key_file'])).toBeUndefined();
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
