import { pathToFileURL } from 'node:url';

const FOLDER = process.env.ELASTREAM_DIST;
const DIST = FOLDER === undefined ? new URL('../../../dist/', import.meta.url) : pathToFileURL(`${FOLDER}/`);

/** A module of the built program: the build of the tests, or that of `npm run build`. */
export const built = (module) => import(new URL(`${module}.js`, DIST).href);
