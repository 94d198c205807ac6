/** `VASP 5.4.4` from `vasp.5.4.4.18Apr17-6-g9f103f2a35` or `5.4.4.18Apr17`; `VASP` if there is no version. */
export function vaspCode(text: string): string {
  const version = /\b(\d{1,3}(?:\.\d{1,3}){1,2})(?!\d)/.exec(text.slice(0, 200))?.[1];
  return version === undefined ? 'VASP' : `VASP ${version}`;
}

/** IBRION of finite differences and perturbation theory: the result belongs to the cell of the first step. */
export function isResponseRun(ibrion: number | undefined): boolean {
  return ibrion !== undefined && ibrion >= 5 && ibrion <= 8;
}

/** Float64Array[6] in GPa and Voigt order, positive if the cell would shrink, of VASP's kbar, positive if it would grow. */
export function stressOfKilobar([xx, yy, zz, yz, zx, xy]: readonly number[]): Float64Array {
  // Adding 0 turns -0 into 0.
  return Float64Array.from([xx!, yy!, zz!, yz!, zx!, xy!], (kilobar) => -kilobar / 10 + 0);
}

/** IBRION of relaxations: molecular dynamics (0) and static runs (-1) relax nothing. */
export function isRelaxation(ibrion: number | undefined, steps: number): boolean {
  return steps > 1 && (ibrion === 1 || ibrion === 2 || ibrion === 3);
}
