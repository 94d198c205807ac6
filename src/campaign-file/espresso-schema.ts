import { z } from 'zod';
import { argument } from './program-schema.ts';
import { element } from './value-schema.ts';

/** A table with an element's symbol as key. */
const byElement = <T extends z.ZodType>(value: T) => z.record(element.meta({ title: 'ELEMENT' }), value);
const energy = z.number().min(1).max(1_000).meta({ unit: 'Ry', description: 'of one element' });
const fileName = z
  .string()
  .regex(/^[\w][\w.+-]{0,199}$/, "give a file's name, without a folder")
  .meta({ form: 'name of a file', description: 'the file of one element' });
const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be 64 of 0-9 and a-f')
  .meta({ form: '64 of 0-9, a-f', description: 'the file is found by it, whatever its name' });

/** Settings of Quantum ESPRESSO alone. */
export const espresso = {
  program: z.array(argument).min(1).max(100).default(['pw.x']).meta({
    form: 'list of texts',
    description: "pw.x and what stands before it, such as `[mpirun, -np, '4', pw.x]`",
  }),
  pseudopotentials: z.string().trim().max(1_000).startsWith('/', 'must be an absolute path').meta({
    form: 'absolute path',
    description: 'folder of your pseudopotentials in UPF, the same wherever calculations run',
    example: '/usr/share/espresso/pseudo',
  }),
  files: byElement(fileName)
    .default({})
    .meta({
      description: 'which file of an element, where the folder holds several; all must be for one functional',
      example: { Si: 'Si.pz-vbc.UPF' },
    }),
  sha256: byElement(hash)
    .optional()
    .meta({
      description: "SHA-256 of each element's file, which `elastream run` fills in",
      example: { Si: '0'.repeat(64) },
    }),
  cutoff_ry: z.union([energy, byElement(energy)]).meta({
    ...{ form: '1 to 1000, or a table', unit: 'Ry' },
    description: "kinetic energy of the wave functions; of a table the largest among a material's elements",
    example: { Si: 20, O: 40 },
  }),
  k_spacing: z.number().min(0.02).max(5).default(0.25).meta({
    unit: '1/Angstrom',
    description: "largest distance of k-points, with 2 pi as VASP's KSPACING",
  }),
  smearing_ry: z.number().min(0).max(0.5).default(0.02).meta({
    unit: 'Ry',
    description: "Marzari-Vanderbilt's width; 0 for fixed occupations, which metals cannot have",
  }),
  strains: z
    .array(z.number().gt(0).max(0.1))
    .min(1)
    .max(10)
    .default([0.01])
    .meta({ form: 'list of above 0, to 0.1', description: 'strain components, each with both signs' }),
  symmetry_reduced: z
    .boolean()
    .default(true)
    .meta({ description: 'false strains all six axes, whatever the symmetry' }),
  stress_max_gpa: z
    .number()
    .min(0.01)
    .max(10)
    .default(0.05)
    .meta({ unit: 'GPa', description: 'what may be left of the stress when a cell counts as relaxed' }),
};
