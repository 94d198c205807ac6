import { deepStrictEqual } from 'node:assert/strict';
import { built } from './built.mjs';

const { materialsOf } = await built('src/adapters/sources/files/materials-of');
const { materialHash } = await built('src/model/material-hash');
const { decodeEvent, encodeEvent } = await built('src/protocol/event-codec');

/** Every material is hashed and encoded; with more materials than this, that would dominate the cost of the reader. */
const MATERIALS_MAX = 100;

/**
 * Reads the bytes as a whole file of a format, or as rows. Each item must be a material that an event can hold, or a
 * rejection with its reason; anything else is a bug.
 */
export function readUnit(unit) {
  let materials = 0;
  for (const item of materialsOf(unit)) {
    if (item.kind === 'rejection') {
      if (item.rejection.message === '') throw new Error('a rejection without a reason');
      continue;
    }
    if (++materials > MATERIALS_MAX) continue;
    const { material } = item;
    const event = { type: 'MaterialIngested', source: 'fuzz', material, materialHash: materialHash(material) };
    const read = decodeEvent(event.type, encodeEvent(event));
    deepStrictEqual(read.materialHash, materialHash(read.material), 'the material changes on its way through the log');
  }
}
