import { pathToFileURL } from 'node:url';

const FOLDER = process.env.ELASTREAM_DIST;
const DIST = FOLDER === undefined ? new URL('../../../dist/', import.meta.url) : pathToFileURL(`${FOLDER}/`);

/** A module of the built program, as tests build it for themselves, or as `npm run build` has left it. */
export const built = (module) => import(new URL(`${module}.js`, DIST).href);
