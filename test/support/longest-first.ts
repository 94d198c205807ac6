import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What starts a whole cluster takes minutes, and what starts servers or programs seconds. */
const LONG = [/\/test\/cluster\//, /[.](int|sim)[.]test[.]ts$/, /[.]e2e[.]test[.]ts$/];

/** Long files begin first, so that no core is idle at the end. Where nothing is known of past runs, vitest goes by size. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const at = LONG.findIndex((pattern) => pattern.test(moduleId));
      return at < 0 ? LONG.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}
