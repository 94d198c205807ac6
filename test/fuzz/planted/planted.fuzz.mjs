import { checked } from '../targets/checked.mjs';

/** A planted fault that the fuzzer must find: it lies behind four comparisons, which random inputs would not pass. */
export const fuzz = checked((bytes) => {
  if (bytes[0] === 0x65 && bytes[1] === 0x6c && bytes[2] === 0x61 && bytes[3] === 0x73) throw new Error('found');
});
