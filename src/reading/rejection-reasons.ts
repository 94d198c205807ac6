import type { RejectionCode } from '../model/rejection.ts';
import type { LabelDoubtCode } from './label-doubts.ts';

/** What a code means, and what mends it: one sentence. */
const REASONS: Readonly<Partial<Record<RejectionCode | LabelDoubtCode, string>>> = {
  bad_syntax: 'the file is not written as its format wants it; correct the place that the message names',
  bad_encoding: 'the text or its compression is damaged, or not UTF-8; fetch or convert the file again',
  bad_number: 'a field holds what is no finite number; give a number, or leave the field out where unknown',
  bad_lattice: 'the lattice vectors span no cell, or one beyond belief; correct them, in Angstrom',
  bad_id: 'the id is no text of 1 to 128 bytes without control characters; give another',
  duplicate_id: 'the id came before in this source, and the first was kept; remove one, or give it an id of its own',
  missing_field: 'a field that is needed is not there; add it',
  out_of_range: 'a value lies beyond what can be; correct it, or say its unit (--unit)',
  no_sites: 'there is no atom in it; give a structure',
  too_many_sites: 'the structure has more than 20,000 sites; give a smaller cell',
  too_large: 'the input is larger than what may be read at once; split it',
  too_costly: 'its symmetry or tessellation would take too long; give a smaller or a less noisy cell',
  truncated: 'the input ends early; fetch or write it again',
  unsupported_format: 'the format is not one that is read; convert it',
  unreadable: 'the disk or the pipe failed while it was read; submit it again',
  unknown_element: 'a species is no chemical element; correct its symbol',
  dummy_site: 'a site holds no real atom; remove it',
  partial_occupancy: 'a site is occupied in part; give an ordered structure, for example a supercell',
  overlapping_sites: 'atoms lie on each other; correct their coordinates, or the symmetry',
  bad_symmetry: 'the symmetry is unknown or does not fit the cell; write all sites without symmetry',
  asymmetric_tensor: 'Cij and Cji of the tensor differ too much; correct the wrong entry, or its order (--order)',
  unstable_tensor:
    'the tensor is not positive definite (Born), so the crystal would not hold; relax it, or leave it out',
  moduli_disagree:
    'the moduli do not lie between Reuss and Voigt of their own tensor; give those of this tensor, in GPa',
  sheet_in_box: 'over 10 Angstrom of the cell are empty, so the moduli are those of a box; give a bulk crystal',
  composition_mismatch: 'structure and label are not of one material; give the structure that was calculated',
  unfinished: 'the run has not come to its end; submit it when it has, or run it again',
  unconverged: 'the calculation says itself that it did not converge; calculate it again',
  missing_strains:
    'deformations are missing for a tensor, and none is fitted from the rest; run those named, submit all',
  missing_parent: 'deformations came without the relaxation of their cell; submit it together with them',
  failed_run: 'a run of the set failed, and no tensor is fitted around it; run it again, submit the whole set',
  inconsistent_runs:
    'runs of one set do not fit each other (method, unit or cell); find the odd one, submit the others',
  bad_message: 'an event or request means nothing where it stands; mend the client that sent it',
  conflicting_label: 'the same structure came with other moduli, and the first was kept; remove the wrong one',
  source_complete: 'its source was complete before; submit it in a file of another name or content',
  featurization_failed: 'its features cannot be computed; the message says why, and what to change',
  reserved_name: 'the name belongs to elastream alone; choose another',
  negative_modulus: 'a modulus is negative; data filters drop it (negative_moduli), and no loop should trust it',
  soft_modulus: 'a modulus is below 2 GPa, as of the softest molecular crystals; look at its calculation',
  stiff_modulus: 'a modulus is above 1000 GPa, twice diamond; look at its calculation and unit',
  clamped_ions: 'ions were held while the cell was strained, which makes G up to a tenth too large; relax them',
  conflict: 'two labels of one structure by one method disagree; both are kept, and the order of label ids decides',
};

export function rejectionReason(code: RejectionCode | LabelDoubtCode): string {
  return REASONS[code] ?? 'see the messages';
}
