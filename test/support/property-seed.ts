import fc from 'fast-check';

/**
 * One seed for all property tests, so that a run can be repeated and a change is judged by what it changed.
 * `PROPERTY_SEED=random` draws another, which a failure prints; `PROPERTY_SEED=N` takes N.
 */
const chosen = process.env.PROPERTY_SEED ?? '20261124';

if (chosen !== 'random') fc.configureGlobal({ seed: Number(chosen) });
