import { RejectedInput } from '../../model/rejection.ts';
import { SITES_MAX } from '../../model/structure.ts';
import { quote } from '../located-rejection.ts';
import { CifTokens } from './cif-tokens.ts';

/** The data names that a structure needs, in the form that `canonicalName` returns. */
const CIF_NAMES = [
  '_cell_length_a',
  '_cell_length_b',
  '_cell_length_c',
  '_cell_angle_alpha',
  '_cell_angle_beta',
  '_cell_angle_gamma',
  '_cell_modulation_dimension',
  '_atom_site_label',
  '_atom_site_type_symbol',
  '_atom_site_fract_x',
  '_atom_site_fract_y',
  '_atom_site_fract_z',
  '_atom_site_cartn_x',
  '_atom_site_occupancy',
  '_atom_site_calc_flag',
  '_atom_site_attached_hydrogens',
  '_symmetry_equiv_pos_as_xyz',
  '_space_group_symop_operation_xyz',
  '_space_group_symop_magn_operation_xyz',
  '_space_group_name_hall',
  '_symmetry_space_group_name_hall',
  '_space_group_name_h_m_alt',
  '_space_group_name_h_m_full',
  '_symmetry_space_group_name_h_m',
  '_space_group_it_number',
  '_symmetry_int_tables_number',
] as const;

export type CifName = (typeof CIF_NAMES)[number];
const WANTED: ReadonlySet<string> = new Set(CIF_NAMES);

const NAME_CHARACTERS_MAX = 128;

/** One more than the limit of a structure, so that the reader can tell too many rows from just enough. */
const ROWS_MAX = SITES_MAX + 1;

/** A data block, reduced to what a structure needs. */
export interface CifBlock {
  /** Name without `data_`. */
  readonly name: string;
  /** The values of each wanted name, one per row of its loop; at most ROWS_MAX. */
  readonly columns: ReadonlyMap<CifName, readonly string[]>;
  /** The reason if the block could not be read to its end. */
  readonly error?: RejectedInput;
}

/** Names are compared case-insensitively; CIF 2 dictionaries have dots where older ones have underscores or hyphens. */
function canonicalName(name: string): CifName | undefined {
  if (name.length > NAME_CHARACTERS_MAX) return undefined;
  const canonical = name.toLowerCase().replace(/[.-]/g, '_').replace(/_+$/, '');
  return WANTED.has(canonical) ? (canonical as CifName) : undefined;
}

/** Splits CIF text into data blocks. A syntax error ends its block and does not affect the others. */
export function* readCifBlocks(text: string): Generator<CifBlock, void, void> {
  const tokens = new CifTokens(text);
  while (skipToBlock(tokens)) yield new BlockReader(tokens).read();
}

/** Moves to the next `data_` token; the text before it belongs to no block. */
function skipToBlock(tokens: CifTokens): boolean {
  for (;;) {
    if (tokens.kind === 'data') return true;
    if (tokens.kind === 'end') return false;
    try {
      tokens.next();
    } catch (error) {
      if (!(error instanceof RejectedInput)) throw error;
    }
  }
}

class BlockReader {
  readonly #tokens: CifTokens;
  readonly #columns = new Map<CifName, string[]>();

  constructor(tokens: CifTokens) {
    this.#tokens = tokens;
  }

  read(): CifBlock {
    const name = this.#tokens.value;
    try {
      this.#readItems();
      return { name, columns: this.#columns };
    } catch (error) {
      if (!(error instanceof RejectedInput)) throw error;
      return { name, columns: this.#columns, error };
    }
  }

  #readItems(): void {
    const tokens = this.#tokens;
    let last: string | undefined;
    tokens.next();
    while (tokens.kind !== 'end' && tokens.kind !== 'data') {
      if (tokens.kind === 'loop') {
        this.#readLoop();
        last = undefined;
      } else if (tokens.kind === 'name') {
        last = this.#readItem();
      } else {
        // Unquoted titles and formulas are common and harmless, but in a name that we read the remaining words would be
        // lost.
        if (tokens.kind === 'value' && last !== undefined) {
          throw this.#syntax(
            `${last} has more than one value; put ${quote(tokens.value)} in quotes with what precedes it`,
          );
        }
        tokens.next();
      }
    }
  }

  /** Reads a name and its value; returns the name if it is a wanted one. */
  #readItem(): string | undefined {
    const tokens = this.#tokens;
    const name = canonicalName(tokens.value);
    tokens.next();
    if (tokens.kind === 'value') {
      if (name !== undefined) this.#column(name).push(tokens.value);
      tokens.next();
    } else if (name !== undefined) {
      throw this.#syntax(`${name} has no value; write ? where it is not known`);
    }
    return name;
  }

  #readLoop(): void {
    const tokens = this.#tokens;
    const columns: (string[] | undefined)[] = [];
    for (tokens.next(); tokens.kind === 'name'; tokens.next()) {
      const name = canonicalName(tokens.value);
      columns.push(name === undefined ? undefined : this.#column(name));
    }
    let index = 0;
    for (; tokens.kind === 'value'; tokens.next()) {
      const column = columns[index];
      if (column !== undefined && column.length < ROWS_MAX) column.push(tokens.value);
      index = index + 1 < columns.length ? index + 1 : 0;
    }
    if (index !== 0 && columns.some((column) => column !== undefined)) {
      throw this.#syntax(`a loop of ${columns.length} names ends ${columns.length - index} values short of a full row`);
    }
  }

  #column(name: CifName): string[] {
    if (this.#columns.has(name)) throw this.#syntax(`${name} stands twice in one block; remove one`);
    const column: string[] = [];
    this.#columns.set(name, column);
    return column;
  }

  #syntax(message: string): RejectedInput {
    return new RejectedInput('bad_syntax', `line ${this.#tokens.line}: ${message}`);
  }
}
