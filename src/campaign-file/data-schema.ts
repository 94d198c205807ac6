import { z } from 'zod';
import { PAPER_CANDIDATE_FILTERS, PAPER_DATA_FILTERS } from '../learning/data/data-filters.ts';
import { LENGTH_UNITS, MODULUS_UNITS } from '../model/input-units.ts';
import { METHOD_KINDS } from '../model/label.ts';
import { DECIMALS } from '../model/table-options.ts';
import { count, element, openFraction, text } from './value-schema.ts';

const columns = z
  .strictObject({
    id: text.meta({ description: 'title of the column of material ids' }),
    g: text.meta({ description: 'of shear moduli' }),
    k: text.meta({ description: 'of bulk moduli' }),
    structure: text.meta({ description: 'of structures, or of the names of their files' }),
  })
  .partial();

const fileData = z.strictObject({
  kind: z.literal('file').default('file').meta({ description: 'where they come from' }),
  path: text.meta({ description: 'JSON lines, CSV, Parquet, JSON documents, also .gz; each file once' }),
  label_set: text.meta({ description: "where the file's labels belong" }),
  columns: columns.optional().meta({
    description: 'of a table: which column holds what; the others are found by their usual titles',
    example: { id: 'material_id', g: 'G_VRH', k: 'K_VRH', structure: 'cif' },
  }),
  structures: text.optional().meta({
    form: 'path',
    description: 'of a table: folder of the structure files that its rows name',
    example: 'structures/',
  }),
  unit: z.enum(MODULUS_UNITS).optional().meta({
    description:
      "unit of both moduli; without it what a table's titles say, else GPa, and `run` asks back where they look like another",
    example: 'kbar',
  }),
  length_unit: z.enum(LENGTH_UNITS).optional().meta({
    description: 'unit of the cells; without it Angstrom, and `run` asks back where they look like another',
    example: 'Bohr',
  }),
  decimal: z.enum(DECIMALS).optional().meta({
    description: 'of a table: what stands before decimals; without it the point',
    example: 'comma',
  }),
});

export const data = z.array(fileData).min(1).meta({ description: 'files of structures with known labels' });

const acceptedSet = z.strictObject({
  set: text.meta({ description: 'name of a label set' }),
  methods: z
    .array(z.enum(METHOD_KINDS))
    .min(1)
    .optional()
    .meta({ form: `list of ${METHOD_KINDS.join(', ')}`, description: 'the only methods that count; without it all' }),
});
export const labels = z
  .array(acceptedSet)
  .optional()
  .meta({
    description: 'label sets that count, most trusted first; without it those of `data`',
    example: [{ set: 'my-dft', methods: [...METHOD_KINDS] }],
  });

const leavesOut = z.boolean();
const limit = z.number().meta({ unit: 'GPa' });
const dataFilters = z.strictObject({
  negative_moduli: leavesOut.default(true).meta({ description: 'leaves out where G or K is negative' }),
  above_both_gpa: z
    .strictObject({
      g_vrh: limit.meta({ description: 'limit of the shear modulus' }),
      k_vrh: limit.meta({ description: 'limit of the bulk modulus' }),
    })
    .optional()
    .meta({
      description: 'leaves out where both moduli lie above their limits',
      example: PAPER_DATA_FILTERS.aboveBothGpa,
    }),
  inert_gases: leavesOut.default(true).meta({ description: 'leaves out compounds of noble gases' }),
  radioactive_elements: leavesOut.default(true).meta({ description: 'leaves out compounds of radioactive elements' }),
});
const preset = z.enum(['paper', 'none']);
export const data_filters = z.union([preset, dataFilters]).default('paper').meta({
  form: 'paper, none, or a table',
  description: 'labelled materials to leave out; `paper`: the four below, with limits of 700 and 500 GPa',
});

const PAPER = PAPER_CANDIDATE_FILTERS;
const candidateFilters = z.strictObject({
  inert_gases: leavesOut.default(false).meta({ description: 'leaves out compounds of noble gases' }),
  without_structure_features: leavesOut
    .default(false)
    .meta({ description: 'leaves out where a structure feature is not known' }),
  band_gap_min_ev: z
    .number()
    .optional()
    .meta({ unit: 'eV', description: 'smallest band gap that stays', example: PAPER.bandGapMinEv }),
  formation_energy_max_ev_per_atom: z.number().optional().meta({
    unit: 'eV/atom',
    description: 'largest formation energy that stays',
    example: PAPER.formationEnergyMaxEvPerAtom,
  }),
  above_hull_max_ev_per_atom: z.number().optional().meta({
    unit: 'eV/atom',
    description: 'largest energy above hull that stays',
    example: PAPER.aboveHullMaxEvPerAtom,
  }),
  sites_max: count(1)
    .optional()
    .meta({ unit: 'sites', description: 'largest number of sites that stays', example: PAPER.sitesMax }),
  polymorphs: leavesOut
    .default(false)
    .meta({ description: 'keeps only the lowest in formation energy of each reduced formula' }),
  active_elements: z.array(element).default([]).meta({
    form: 'list of symbols',
    description: 'leaves out what holds one of them (electrochemically active ones)',
  }),
});
export const candidate_filters = z.union([preset, candidateFilters]).default('none').meta({
  form: 'paper, none, or a table',
  description:
    'candidates to leave out; `paper`: noble gases, no structure features, 0.1 eV, 0 and 0.1 eV/atom, 49 sites, polymorphs',
});

const hidden = {
  from: z.literal('data').meta({
    description: '`data`: materials whose known label is hidden; `files`: structures without a label',
  }),
};
const hiddenElements = {
  element: element.optional().meta({ description: 'hides only labels of materials that hold it' }),
  first: element.optional().meta({ description: 'hides the labels of materials that hold it before all others' }),
};
export const candidates = z
  .union([
    z.strictObject({
      ...hidden,
      count: count(1).meta({ unit: 'materials', description: 'how many labels to hide, drawn by hash', example: 600 }),
      ...hiddenElements,
    }),
    z.strictObject({
      ...hidden,
      fraction: openFraction.meta({
        unit: 'of the labels',
        description: 'how many labels to hide, instead of `count`',
        example: 0.5,
      }),
      ...hiddenElements,
    }),
    z.strictObject({
      from: z.literal('files'),
      paths: z
        .array(text)
        .min(1)
        .meta({ form: 'list of paths', description: 'structure files or folders', example: ['structures/'] }),
    }),
  ])
  .meta({ form: 'table, with `count`, `fraction` or `paths`', description: 'what may be calculated' });

const reserveElement = element
  .optional()
  .meta({ description: 'materials that hold it are calibrated apart, where 50 of the reserve do' });
export const reserve = z
  .union([
    z.strictObject({
      count: count(0).meta({
        unit: 'materials',
        description: 'how many, drawn by hash; 0 is none, 1,000 or more are good, a 95 % interval needs 19',
        example: 1000,
      }),
      focus_element: reserveElement,
    }),
    z.strictObject({
      fraction: openFraction.meta({
        unit: 'of the candidates',
        description: 'how many, instead of `count`',
        example: 0.1,
      }),
      focus_element: reserveElement,
    }),
  ])
  .optional()
  .meta({
    form: 'table, with `count` or `fraction`',
    description:
      'a random part of the candidates that is never chosen and never trained on, and calibrates the uncertainty ([docs/uncertainty.md](uncertainty.md)); with `from: files` a part of the labelled materials outside the test set',
  });
