/** What decides the functional of a VASP run: the tags as the output prints them. */
export interface FunctionalTags {
  /** GGA; `--` if the POTCAR decides. */
  readonly gga?: string;
  /** LEXCH of the POTCAR, or of its title: `PE`, `CA`, `91`. */
  readonly potcar?: string;
  readonly metaGga?: string;
  readonly isHybrid?: boolean;
  readonly exactExchange?: number;
  readonly screening?: number;
  readonly isVdw?: boolean;
  readonly dispersion?: number;
  readonly hasU?: boolean;
}

/** GGA tags of the VASP manual. RP is Hammer's RPBE, RE the revPBE of Zhang and Yang. */
const GGA: Readonly<Record<string, string>> = {
  PE: 'PBE',
  PS: 'PBEsol',
  RP: 'RPBE',
  RE: 'revPBE',
  AM: 'AM05',
  CA: 'LDA',
  PZ: 'LDA',
  VW: 'LDA',
  HL: 'LDA',
  WI: 'LDA',
  '91': 'PW91',
  B3: 'B3LYP',
  B5: 'B3LYP',
  BF: 'BEEF',
  OR: 'optPBE',
  BO: 'optB88',
  MK: 'optB86b',
  ML: 'rPW86',
};
const META_GGA: Readonly<Record<string, string>> = {
  R2SCA: 'r2SCAN',
  R2SCAN: 'r2SCAN',
  RTPSS: 'revTPSS',
  M06L: 'M06-L',
};
/** IVDW of the VASP manual. */
const DISPERSION: Readonly<Record<number, string>> = {
  1: 'D2',
  10: 'D2',
  11: 'D3',
  12: 'D3(BJ)',
  13: 'D4',
  2: 'TS',
  20: 'TS',
  21: 'TS/HI',
  202: 'MBD',
  263: 'MBD',
  4: 'dDsC',
};

/** The usual name of a functional, with `-vdW`, `+U` and dispersion corrections; undefined if nothing is known. */
export function vaspFunctional(tags: FunctionalTags): string | undefined {
  const base = baseName(tags);
  if (base === undefined) return undefined;
  const vdw = tags.isVdw === true ? '-vdW' : '';
  const u = tags.hasU === true ? '+U' : '';
  const dispersion = DISPERSION[tags.dispersion ?? 0];
  return `${base}${vdw}${dispersion === undefined ? '' : `-${dispersion}`}${u}`;
}

function baseName({ gga, potcar, metaGga, isHybrid, exactExchange, screening }: FunctionalTags): string | undefined {
  const meta = metaGga?.toUpperCase();
  if (meta !== undefined && /^[A-Z][A-Z0-9]{2,}/.test(meta) && meta !== 'NONE') return META_GGA[meta] ?? meta;
  const tag = [gga, potcar].find((one) => one !== undefined && /^[A-Z0-9]{2}$/i.test(one))?.toUpperCase();
  const name = tag === undefined ? undefined : (GGA[tag] ?? `GGA ${tag}`);
  if (isHybrid !== true) return name;
  if (exactExchange === 1) return 'HF';
  if (name !== 'PBE' || exactExchange !== 0.25) return `hybrid of ${name ?? 'unknown GGA'}`;
  if (screening === 0) return 'PBE0';
  return screening === 0.3 ? 'HSE03' : 'HSE06';
}
