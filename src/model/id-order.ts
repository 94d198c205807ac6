/** Surrogates are code units below U+E000 but stand for code points above U+FFFF: in UTF-8 they sort last. */
const SURROGATES_FROM = 0xd800;
const SURROGATES_TO = 0xdfff;

/**
 * Compares two ids by their UTF-8 bytes without encoding them: negative, 0 or positive. JavaScript's `<` compares
 * UTF-16 code units and would sort an emoji before U+FF61, unlike every log, database and C library.
 */
export function compareIds(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return byteRank(x) - byteRank(y);
  }
  return a.length - b.length;
}

function byteRank(unit: number): number {
  return unit >= SURROGATES_FROM && unit <= SURROGATES_TO ? unit + 0x10000 : unit;
}
