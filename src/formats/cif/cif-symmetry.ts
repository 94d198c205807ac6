import type { Lattice } from '../../model/lattice.ts';
import { RejectedInput } from '../../model/rejection.ts';
import type { CifBlock, CifName } from './cif-blocks.ts';
import { type SpaceGroupName, spaceGroupOperations } from './space-group-operations.ts';
import { isIdentity, parseSymmetryOperation, preservesCell, type SymmetryOperation } from './symmetry-operation.ts';

/** A space group has at most 192 operations in its usual cell; larger cells multiply this number. */
const OPERATIONS_MAX = 192 * 16;
/** Relative. It is generous because published cells are rounded or relaxed; wrong axes deviate far more. */
const CELL_TOLERANCE = 0.02;
const IDENTITY: SymmetryOperation = { rotation: [1, 0, 0, 0, 1, 0, 0, 0, 1], translation: [0, 0, 0] };
const REMEDY = 'list the operations in _space_group_symop_operation_xyz, or all atoms in P 1';

/** The first value of one of the names that is neither unknown (`?`) nor inapplicable (`.`). */
function firstValue(block: CifBlock, ...names: CifName[]): string | undefined {
  for (const name of names) {
    const value = block.columns.get(name)?.[0]?.trim();
    if (value !== undefined && value !== '' && value !== '?' && value !== '.') return value;
  }
  return undefined;
}

/**
 * The symmetry operations of a block: those that it lists, otherwise those of the space group that it names. A block
 * with neither is taken to list all its atoms, so only the identity applies.
 * @throws RejectedInput `bad_symmetry`
 */
export function cifOperations(block: CifBlock, lattice: Lattice): SymmetryOperation[] {
  const modulation = firstValue(block, '_cell_modulation_dimension');
  if (modulation !== undefined && Number(modulation) !== 0) {
    throw new RejectedInput(
      'bad_symmetry',
      `_cell_modulation_dimension is ${modulation}: a modulated structure has no unit cell; give a commensurate approximant`,
    );
  }
  const listed =
    block.columns.get('_space_group_symop_operation_xyz') ?? block.columns.get('_symmetry_equiv_pos_as_xyz') ?? [];
  const texts = listed.filter((text) => text !== '?' && text !== '.');
  if (texts.length > 0) return listedOperations(texts, lattice);
  if (block.columns.has('_space_group_symop_magn_operation_xyz')) {
    throw new RejectedInput('bad_symmetry', `the file gives magnetic symmetry operations only; ${REMEDY}`);
  }
  return namedOperations(block, lattice);
}

function listedOperations(texts: readonly string[], lattice: Lattice): SymmetryOperation[] {
  if (texts.length > OPERATIONS_MAX) {
    throw new RejectedInput('bad_symmetry', `more than ${OPERATIONS_MAX} symmetry operations; ${REMEDY}`);
  }
  const operations = texts.map(parseSymmetryOperation);
  const misfit = operations.findIndex((operation) => !preservesCell(operation, lattice.matrix, CELL_TOLERANCE));
  if (misfit >= 0) {
    throw new RejectedInput(
      'bad_symmetry',
      `symmetry operation "${texts[misfit]}" changes the cell's edges or angles; correct either`,
    );
  }
  if (!operations.some(isIdentity)) {
    throw new RejectedInput('bad_symmetry', 'the symmetry operations lack "x, y, z", so the list is incomplete');
  }
  return operations;
}

function namedOperations(block: CifBlock, lattice: Lattice): SymmetryOperation[] {
  const hall = firstValue(block, '_space_group_name_hall', '_symmetry_space_group_name_hall');
  const hermannMauguin = firstValue(
    block,
    '_space_group_name_h_m_alt',
    '_symmetry_space_group_name_h_m',
    '_space_group_name_h_m_full',
  );
  const number = firstValue(block, '_space_group_it_number', '_symmetry_int_tables_number');
  if (hall === undefined && hermannMauguin === undefined && number === undefined) return [IDENTITY];
  const isP1 = [hall, hermannMauguin].some((name) => name?.replace(/\s/g, '').toUpperCase() === 'P1');
  if (isP1 || Number(number) === 1) return [IDENTITY];
  const name: SpaceGroupName = {
    ...(hall !== undefined && { hall }),
    ...(hermannMauguin !== undefined && { hermannMauguin }),
    ...(number !== undefined && { number: Number(number) }),
  };
  return spaceGroupOperations(name, lattice.matrix);
}
