/** Symbols by atomic number; index 0 is unused. IUPAC, 118 elements. */
const SYMBOLS = (
  ' H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr ' +
  'Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu ' +
  'Hf Ta W Re Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr ' +
  'Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og'
).split(' ');

const NUMBER_BY_SYMBOL = new Map(SYMBOLS.map((symbol, z) => [symbol, z] as const).slice(1));

export const ATOMIC_NUMBER_MAX = SYMBOLS.length - 1;

/** The atomic number of an element symbol (case-sensitive), or undefined. */
export function atomicNumber(symbol: string): number | undefined {
  return NUMBER_BY_SYMBOL.get(symbol);
}

/** The symbol of an atomic number from 1 to 118. */
export function elementSymbol(z: number): string {
  const symbol = z >= 1 ? SYMBOLS[z] : undefined;
  if (symbol === undefined) throw new RangeError(`no element has atomic number ${z}`);
  return symbol;
}
