"""Reads outputs with pymatgen and ASE and prints what they read, a line of JSON per file, to compare our readers with.

usage: python tools/peer-readings.py WORKDIR FILE...
In WORKDIR it writes files of ASE's own, which are read and printed like the others, as are the outputs in ASE's test data.
Stresses are in GPa, positive if the cell would shrink, XX YY ZZ YZ ZX XY; tensors in GPa in the same order.
"""

import glob
import json
import os
import sys
import warnings

import ase
import ase.io
import numpy as np
from ase.build import bulk
from ase.calculators.singlepoint import SinglePointCalculator
from ase.db import connect
from pymatgen.io.vasp.outputs import Outcar, Vasprun

EV_PER_A3_GPA = 160.2176634
VOIGT_OF_VASP = [0, 1, 2, 4, 5, 3]


def reading(path, reader, cell, numbers, positions, energy=None, stress=None, tensor=None, number=None):
    as_list = lambda value: None if value is None else np.asarray(value, dtype=float).ravel().tolist()
    print(
        json.dumps(
            {
                "path": path,
                "reader": reader,
                "number": number,
                "cell": as_list(cell),
                "atomic_numbers": [int(n) for n in numbers],
                "positions": as_list(positions),
                "energy": None if energy is None else float(energy),
                "stress": as_list(stress),
                "tensor": as_list(tensor),
            }
        )
    )


def of_atoms(path, reader, atoms, number=None):
    results = atoms.calc.results if atoms.calc else {}
    stress = results.get("stress")
    reading(
        path,
        reader,
        atoms.cell.array,
        atoms.numbers,
        atoms.positions,
        results.get("energy"),
        None if stress is None else np.asarray(stress) * EV_PER_A3_GPA,
        number=number,
    )


def of_outcar(path):
    images = ase.io.read(path, format="vasp-out", index=":")
    text = ase.io.formats.open_with_compression(path, "rt").read()
    responds = "IBRION =      6" in text or "IBRION =      8" in text
    of_atoms(path, "ase", images[0] if responds else images[-1])
    if "TOTAL ELASTIC MODULI" in text:
        outcar = Outcar(path)
        outcar.read_elastic_tensor()
        tensor = np.array(outcar.data["elastic_tensor"])[np.ix_(VOIGT_OF_VASP, VOIGT_OF_VASP)] / 10
        atoms = images[0]
        reading(path, "pymatgen", atoms.cell.array, atoms.numbers, atoms.positions, tensor=tensor)


def of_vasprun(path):
    run = Vasprun(path, parse_dos=False, parse_eigen=False, parse_potcar_file=False)
    structure = run.final_structure
    stress = np.array(run.ionic_steps[-1]["stress"]) / -10
    voigt = [stress[0, 0], stress[1, 1], stress[2, 2], stress[1, 2], stress[0, 2], stress[0, 1]]
    numbers = [site.specie.Z for site in structure]
    # With an outer pressure pymatgen's energy has p V in it.
    energy = None if run.parameters.get("PSTRESS") else run.final_energy
    reading(path, "pymatgen", structure.lattice.matrix, numbers, structure.cart_coords, energy, voigt)
    of_atoms(path, "ase", ase.io.read(path, format="vasp-xml"))


def written(folder):
    """Files of ASE's own."""
    atoms = bulk("NaCl", "rocksalt", a=5.6)
    atoms.rattle(0.05, seed=1)
    atoms.calc = SinglePointCalculator(atoms, energy=-6.5, forces=np.zeros((2, 3)), stress=np.arange(6) * 0.001)
    atoms.info["band gap"] = 5.0
    other = bulk("Ti", "hcp", a=2.95, c=4.68) * (2, 1, 1)
    frames = os.path.join(folder, "frames.extxyz")
    ase.io.write(frames, [atoms, other])
    database = os.path.join(folder, "rows.json")
    with connect(database) as rows:
        rows.write(atoms, band_gap=5.0)
        rows.write(other)
    for path in (frames, database):
        for number, read in enumerate(ase.io.read(path, index=":"), 1):
            of_atoms(path, "ase", read, number)


def main():
    warnings.simplefilter("ignore")
    folder, *files = sys.argv[1:]
    data = os.path.join(os.path.dirname(ase.__file__), "test", "testdata", "vasp")
    files += sorted(glob.glob(os.path.join(data, "OUTCAR_*")) + glob.glob(os.path.join(data, "vasprun*.xml")))
    written(folder)
    for path in files:
        name = os.path.basename(path)
        if name.startswith("OUTCAR"):
            of_outcar(path)
        elif name.startswith("vasprun"):
            of_vasprun(path)
        else:
            of_atoms(path, "ase", ase.io.read(path, format="espresso-out"))


main()
