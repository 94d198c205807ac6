import type { ProgramRun } from '../../../ports/simulation-code.ts';

/** How `run.sh` ends where another job has claimed its folder, or where nothing can be written. */
export const CLAIM_LOST = 79;
export const FOLDER_UNWRITABLE = 78;

/** Names in a run's folder that are not the program's. */
export const CLAIM = 'claim';
export const ENDED = 'ended';
export const SCRIPT = 'run.sh';

/**
 * What a job runs, with nothing but a POSIX shell: it needs no elastream where it runs. The folder is claimed by mkdir,
 * which one of any number of jobs can do, also on NFS. The ending is written in one piece: exit code, seconds, node.
 */
export function runScript({ argv, cores }: Pick<ProgramRun, 'argv' | 'cores'>): string {
  return `#!/bin/sh
# Written by elastream. To run it again by hand, copy the folder, remove '${CLAIM}' and '${ENDED}' from the copy, and: sh ${SCRIPT}
cd -P -- "$(dirname -- "$0")" || exit ${FOLDER_UNWRITABLE}
if ! mkdir ${CLAIM} 2>/dev/null; then
  if [ -d ${CLAIM} ]; then echo 'another job has claimed this folder' >&2; exit ${CLAIM_LOST}; fi
  echo "$(pwd) cannot be written" >&2; exit ${FOLDER_UNWRITABLE}
fi
export OMP_NUM_THREADS=\${OMP_NUM_THREADS:-${cores}}
began=$(date +%s)
printf '%s\\n' "$$" "$(uname -n)" "$began" "\${SLURM_JOB_ID:-\${PBS_JOBID:-\${LSB_JOBID:-}}}" > ${CLAIM}/owner.new &&
  mv ${CLAIM}/owner.new ${CLAIM}/owner
${argv.map(quoted).join(' ')} < /dev/null > stdout.txt 2> stderr.txt
code=$?
printf '%s\\n' "$code" "$(($(date +%s) - began))" "$(uname -n)" > ${CLAIM}/ended.new && mv ${CLAIM}/ended.new ${ENDED}
exit $code
`;
}

/** One word of a POSIX shell, whatever it holds: within single quotes nothing has a meaning but the next one. */
export function quoted(argument: string): string {
  return /^[\w./:=@%+,-]+$/.test(argument) && !argument.startsWith('-')
    ? argument
    : `'${argument.replaceAll("'", `'\\''`)}'`;
}
