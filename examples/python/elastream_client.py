"""A small client of elastream: submits a pandas DataFrame, predicts, asks and tells, and watches campaigns, over gRPC.

    pip install -r requirements.txt
    elastream serve --dir campaigns          # or a cluster

    from elastream_client import Elastream
    client = Elastream("127.0.0.1:7400")
    client.submit(frame, source="my-dft", label_set="mine", units={"g_vrh": "GPa", "k_vrh": "GPa"})

A frame has the columns `material_id` and `structure`: a pymatgen Structure, ASE Atoms, or a dict with `lattice` (3 x 3,
Angstrom), `species` (symbols) and `frac_coords` (n x 3). The contract is in protos/elastream/v1/services.proto.
"""
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import grpc
import numpy as np
import pandas as pd

sys.path.append(str(Path(__file__).resolve().parents[2] / "protos"))
PROTOS, SERVICES = grpc.protos_and_services("elastream/v1/services.proto")
EVENTS = grpc.protos("elastream/v1/events.proto")

SYMBOLS = (
    "H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb Mo "
    "Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt Au Hg Tl "
    "Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Rf Db Sg Bh Hs Mt Ds Rg Cn Nh Fl Mc Lv Ts Og"
).split()


def structure_message(structure):
    """The message of a pymatgen Structure, ASE Atoms, or a dict of lattice, species and frac_coords."""
    if isinstance(structure, Mapping):
        lattice, coords = structure["lattice"], structure["frac_coords"]
        numbers = [SYMBOLS.index(symbol) + 1 for symbol in structure["species"]]
    elif hasattr(structure, "get_scaled_positions"):
        lattice, coords, numbers = structure.cell, structure.get_scaled_positions(wrap=False), structure.numbers
    else:
        lattice, coords, numbers = structure.lattice.matrix, structure.frac_coords, structure.atomic_numbers
    flat = [[float(x) for row in rows for x in row] for rows in (lattice, coords)]
    return EVENTS.Structure(lattice=flat[0], atomic_numbers=bytes(int(z) for z in numbers), frac_coords=flat[1])


def material_message(row):
    return EVENTS.Material(id=str(row.material_id), structure=structure_message(row.structure))


def asked_record(one) -> dict:
    flat = one.material.structure
    rows = [np.reshape(numbers, (-1, 3)).tolist() for numbers in (flat.lattice, flat.frac_coords)]
    species = [SYMBOLS[z - 1] for z in flat.atomic_numbers]
    structure = {"lattice": rows[0], "species": species, "frac_coords": rows[1]}
    known = {"material_id": one.material.id, "structure": structure, "calculation": one.calculation_id}
    predicted = zip(one.targets, one.mean, one.standard_deviation, strict=True)
    means = {key: value for name, mean, std in predicted for key, value in ((name, mean), (f"{name}_stdev", std))}
    return {**known, "attempt": one.attempt, "last_failure": one.last_failure, "score": one.score, **means}


class Elastream:
    def __init__(self, address: str = "127.0.0.1:7400", credentials: grpc.ChannelCredentials | None = None):
        """`credentials`: grpc.ssl_channel_credentials(ca, key, certificate), where calls are protected by TLS."""
        self._channel = grpc.secure_channel(address, credentials) if credentials else grpc.insecure_channel(address)
        self._gateway = SERVICES.GatewayStub(self._channel)
        self._campaigns = SERVICES.CampaignsStub(self._channel)

    def submit(self, frame: pd.DataFrame, source: str, label_set: str, units: Mapping[str, str], **method) -> pd.Series:
        """Submits structures with the columns that `units` names as their labels; NaN is no label. Returns the reason
        for each row that was refused. What is there already stays once: submit again after a failure.
        `method`: kind ("dft" unless given), code ("VASP 6.4.2"), functional ("PBE"), relaxed_ion (True)."""
        how = EVENTS.LabelMethod(**{"kind": "dft", **method})

        def items() -> Iterator:
            for at, row in enumerate(frame.itertuples(index=False)):
                known = [(name, unit) for name, unit in units.items() if pd.notna(getattr(row, name))]
                values = [EVENTS.TargetValue(target=n, value=float(getattr(row, n)), unit=unit) for n, unit in known]
                label = PROTOS.SubmittedLabel(label_set=label_set, method=how, provenance=f"{source}: row {at}")
                label.values.extend(values)
                labels = [label] if values else []
                material = material_message(row)
                yield PROTOS.SubmitRequest(client_id=str(at), source=source, material=material, labels=labels)

        replies = self._gateway.Submit(items())
        refused = {int(one.client_id): one.refusal.message for one in replies if one.HasField("refusal")}
        return pd.Series({frame.index[at]: reason for at, reason in sorted(refused.items())}, dtype=object)

    def predict(self, campaign: str, frame: pd.DataFrame) -> pd.DataFrame:
        """Means and standard deviations by a campaign's newest models, in the rows of `frame`; NaN where refused."""
        materials = [material_message(row) for row in frame.itertuples(index=False)]
        reply = self._gateway.Predict(PROTOS.PredictRequest(campaign=campaign, materials=materials))

        def record(one) -> dict:
            if one.HasField("refusal"):
                return {"refusal": one.refusal.message}
            pairs = zip(reply.targets, one.mean, one.standard_deviation, strict=True)
            return {key: value for name, mean, std in pairs for key, value in ((name, mean), (f"{name}_stdev", std))}

        return pd.DataFrame([record(one) for one in reply.predictions], index=frame.index)

    def ask(self, campaign: str, count: int | None = None) -> pd.DataFrame:
        """What a campaign with calculator.kind: manual waits for, best first: material_id, structure (a dict), calculation,
        attempt, last_failure, and each target with its standard deviation as predicted."""

        return pd.DataFrame([asked_record(one) for one in self._gateway.Ask(PROTOS.AskRequest(campaign=campaign, count=count))])

    def work(self, campaign: str, worker: str, count: int = 1, lease_seconds: int = 60) -> Iterator[dict]:
        """Takes over calculations, `count` at a time, each a dict as a row of `ask`; the next follows when one is told. Nobody
        else is given them while this goes on and `lease_seconds` longer; who comes back as the same `worker` in time goes on with
        the same. Ends with the campaign."""
        request = PROTOS.WorkRequest(campaign=campaign, worker=worker, count=count, lease_seconds=lease_seconds)
        return (asked_record(one.calculation) for one in self._gateway.Work(request))

    def tell(self, campaign: str, frame: pd.DataFrame, units: Mapping[str, str], **method) -> pd.DataFrame:
        """Tells results: material_id, the columns that `units` names, or under `failed` why there are none; `structure` for
        materials that the campaign does not know. Returns outcome (answered, failed, added, corrected, known, superseded, refused) and
        message of each row. `method`: as of `submit`; without it, the campaign's."""
        how = EVENTS.LabelMethod(**{"kind": "dft", **method}) if method else None

        def result(at: int, row: Mapping):
            failed = row.get("failed")
            values = [] if isinstance(failed, str) and failed else [(n, u) for n, u in units.items() if pd.notna(row.get(n))]
            return PROTOS.ToldResult(
                material_id=str(row["material_id"]),
                failure=failed if isinstance(failed, str) and failed else None,
                values=[EVENTS.TargetValue(target=name, value=float(row[name]), unit=unit) for name, unit in values],
                attempt=int(row["attempt"]) if failed and pd.notna(row.get("attempt")) else None,
                material=material_message(pd.Series(row)) if isinstance(row.get("structure"), Mapping) else None,
                method=how,
                provenance=f"frame: row {at}",
            )

        rows = frame.to_dict("records")
        replies = [
            self._gateway.Tell(PROTOS.TellRequest(campaign=campaign, results=[result(at + i, row) for i, row in enumerate(some)]))
            for at in range(0, len(rows), 100)
            for some in [rows[at : at + 100]]
        ]
        outcomes = [{"outcome": one.outcome, "message": one.refusal.message} for reply in replies for one in reply.outcomes]
        return pd.DataFrame(outcomes, index=frame.index)

    def watch(self, campaign: str) -> Iterator:
        """The campaign's progress now, and after each change until it stops: CampaignProgress messages."""
        return iter(self._campaigns.WatchCampaign(PROTOS.WatchCampaignRequest(campaign=campaign)))

    def close(self) -> None:
        self._channel.close()
