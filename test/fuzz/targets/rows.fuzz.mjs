import { checked } from './checked.mjs';
import { readUnit } from './document.mjs';

export const fuzz = checked((bytes) => readUnit({ kind: 'rows', source: 'fuzz', firstLine: 1, bytes }));
