#!/usr/bin/env python3
"""Elastic moduli of a crystal by an interatomic potential: the program of an elastream campaign (calculator.kind: command).

    potential_moduli.py emt POSCAR      ASE's effective-medium theory: fcc Al, Cu, Ag, Au, Ni, Pd, Pt and their alloys (pip install ase)
    potential_moduli.py chgnet POSCAR   CHGNet, machine-learned, most elements (pip install chgnet; it brings PyTorch)

Relaxes the cell, strains it in six ways, relaxes the atoms in each strained cell, and prints elastream's JSON: the 6x6
tensor (GPa, Voigt order) and its Voigt-Reuss-Hill averages. A potential is no DFT: name it in calculator.method.
"""

import json
import sys

import numpy as np
from ase.io import read
from ase.optimize import BFGS

try:
    from ase.filters import FrechetCellFilter as CellFilter
except ImportError:  # ASE before 3.23
    from ase.constraints import ExpCellFilter as CellFilter

STRAIN = 0.005
FORCE_MAX = 0.002  # eV/Angstrom
STEPS_MAX = 500
GPA = 1 / 160.21766208  # of eV/Angstrom^3
VOIGT = [(0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)]
EMT_ELEMENTS = {"Al", "Cu", "Ag", "Au", "Ni", "Pd", "Pt"}


def fail(reason, retry="never"):
    print(json.dumps({"failed": reason, "retry": retry}))
    sys.exit(0)


def calculator_of(name, atoms):
    if name == "emt":
        others = set(atoms.get_chemical_symbols()) - EMT_ELEMENTS
        if others:
            fail(f"EMT has no parameters of {', '.join(sorted(others))}")
        from ase.calculators.emt import EMT

        return EMT()
    if name == "chgnet":
        from chgnet.model.dynamics import CHGNetCalculator

        return CHGNetCalculator()
    fail(f"there is no potential {name}: emt or chgnet")


def relaxed(atoms, what):
    if not BFGS(what, logfile=None).run(fmax=FORCE_MAX, steps=STEPS_MAX):
        fail(f"no convergence within {STEPS_MAX} steps")
    return atoms


def main(name, path):
    atoms = read(path, format="vasp")
    atoms.calc = calculator_of(name, atoms)
    relaxed(atoms, CellFilter(atoms))

    def stress_at(component, amount):
        strain = np.zeros((3, 3))
        i, j = VOIGT[component]
        # Engineering strain: half of a shear in each off-diagonal element.
        strain[i, j] = strain[j, i] = amount if i == j else amount / 2
        strained = atoms.copy()
        strained.calc = calculator_of(name, strained)
        strained.set_cell(atoms.cell @ (np.eye(3) + strain), scale_atoms=True)
        relaxed(strained, strained)
        return strained.get_stress(voigt=True) / GPA

    columns = [(stress_at(n, STRAIN) - stress_at(n, -STRAIN)) / (2 * STRAIN) for n in range(6)]
    tensor = np.array(columns)
    tensor = (tensor + tensor.T) / 2
    compliance = np.linalg.inv(tensor)
    a, b, c = np.trace(tensor[:3, :3]), tensor[0, 1] + tensor[0, 2] + tensor[1, 2], np.trace(tensor[3:, 3:])
    voigt = (a + 2 * b) / 9, (a - b + 3 * c) / 15
    s, t, u = np.trace(compliance[:3, :3]), compliance[0, 1] + compliance[0, 2] + compliance[1, 2], np.trace(compliance[3:, 3:])
    reuss = 1 / (s + 2 * t), 15 / (4 * s - 4 * t + 3 * u)
    bulk, shear = (np.array(voigt) + np.array(reuss)) / 2
    print(json.dumps({"g_vrh": shear, "k_vrh": bulk, "elastic_tensor": tensor.tolist()}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
