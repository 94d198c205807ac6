import fc from 'fast-check';

/**
 * One seed for all property tests, so that runs can be repeated and differences come from the change itself.
 * `PROPERTY_SEED=random` draws another seed, which a failure prints; `PROPERTY_SEED=N` uses N.
 */
const chosen = process.env.PROPERTY_SEED ?? '20261124';

if (chosen !== 'random') fc.configureGlobal({ seed: Number(chosen) });
