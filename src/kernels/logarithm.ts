/*
 * Math.exp and Math.log may be rounded differently from one release of V8 to the next. What is learned and predicted on
 * a logarithmic scale must be the same to the bit wherever it is computed, so these use sums, products and quotients
 * alone, which IEEE 754 rounds alike everywhere.
 */

/** The leading 33 bits of ln 2, so that products with small integers are exact, and the rest. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** |s| <= 0.1716: the next term is below 1e-18. */
const LOGARITHM_TERMS = 11;
/** Beyond these the result is Infinity, or 0 where not even a subnormal number is left. */
const EXPONENT_RANGE = { low: -746, high: 710 };
const EXPONENT_BIAS = 1023;
const SUBNORMAL_SCALE = 2 ** 54;

/**
 * e^x.
 * Equation: x = k ln 2 + r with |r| <= ln(2) / 2; e^x = 2^k (1 + r + r^2 / 2! + ... + r^14 / 14!).
 * Source: P. T. P. Tang, ACM Trans. Math. Softw. 15 (1989) 144 (reduction of the argument), doi:10.1145/63522.214389.
 * Shapes: a scalar.
 * Units: none.
 * Errors: relative error below 5e-16; 0 and Infinity where no other number is near; NaN for NaN.
 * Known value: exponential(0) is 1, exponential(1) is e to 15 digits.
 */
export function exponential(x: number): number {
  if (x > EXPONENT_RANGE.high) return Number.POSITIVE_INFINITY;
  if (x < EXPONENT_RANGE.low) return 0;
  if (Number.isNaN(x)) return x;
  const k = Math.round(x * Math.LOG2E);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  const mantissa = 1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * higherTerms(r))))));
  // Two steps, because 2^k itself may be out of range where the result is not.
  const half = Math.trunc(k / 2);
  return mantissa * powerOfTwo(half) * powerOfTwo(k - half);
}

/** 1 / 6! + r / 7! + ... + r^8 / 14!: for |r| <= ln(2) / 2 the next term of e^r is below 1e-17. */
function higherTerms(r: number): number {
  const last = 1 / 6_227_020_800 + r / 87_178_291_200;
  return (
    1 / 720 +
    r *
      (1 / 5040 +
        r *
          (1 / 40_320 +
            r * (1 / 362_880 + r * (1 / 3_628_800 + r * (1 / 39_916_800 + r * (1 / 479_001_600 + r * last))))))
  );
}

/**
 * The natural logarithm.
 * Equation: x = 2^k m with sqrt(1/2) <= m < sqrt(2); s = (m - 1) / (m + 1);
 * ln x = k ln 2 + 2 (s + s^3 / 3 + s^5 / 5 + ... + s^23 / 23).
 * Source: P. T. P. Tang, ACM Trans. Math. Softw. 16 (1990) 378, doi:10.1145/98267.98294; the series is that of artanh.
 * Shapes: a scalar.
 * Units: none.
 * Errors: below 3e-16, relative to the larger of 1 and |ln x|; -Infinity for 0; NaN below 0 and for NaN.
 * Known value: naturalLogarithm(10) is 2.302585092994046.
 */
export function naturalLogarithm(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (!(x > 0) || x === Number.POSITIVE_INFINITY) return x > 0 ? x : Number.NaN;
  let [k, m] = split(x);
  if (m < Math.SQRT1_2) [k, m] = [k - 1, 2 * m];
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let series = 0;
  for (let n = LOGARITHM_TERMS; n >= 1; n--) series = square * (1 / (2 * n + 1) + series);
  return k * LN2_HIGH + (2 * s + (2 * s * series + k * LN2_LOW));
}

const words = new DataView(new ArrayBuffer(8));

/** The exponent and the mantissa of a positive number, from 1/2 to below 1. */
function split(x: number): [exponent: number, mantissa: number] {
  words.setFloat64(0, x);
  const high = words.getUint32(0);
  if (high >>> 20 === 0) {
    const [exponent, mantissa] = split(x * SUBNORMAL_SCALE);
    return [exponent - 54, mantissa];
  }
  words.setUint32(0, (high & 0xf_ffff) | ((EXPONENT_BIAS - 1) << 20));
  return [(high >>> 20) - EXPONENT_BIAS + 1, words.getFloat64(0)];
}

/** 2^k for a normal result; `**` need not be exact. */
function powerOfTwo(k: number): number {
  words.setUint32(0, (k + EXPONENT_BIAS) << 20);
  words.setUint32(4, 0);
  return words.getFloat64(0);
}
