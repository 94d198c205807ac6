import { checked } from '../targets/checked.mjs';

/** What the fuzzer must find, or it finds nothing: a fault behind four comparisons, which chance would not meet. */
export const fuzz = checked((bytes) => {
  if (bytes[0] === 0x65 && bytes[1] === 0x6c && bytes[2] === 0x61 && bytes[3] === 0x73) throw new Error('found');
});
