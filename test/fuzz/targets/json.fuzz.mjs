import { checked } from './checked.mjs';
import { readUnit } from './document.mjs';

export const fuzz = checked((bytes) =>
  readUnit({ kind: 'document', source: 'fuzz', format: 'json', bytes, idHint: 'fuzz' }),
);
