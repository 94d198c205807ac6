"""Submits, predicts and watches with the client of examples/python, and prints what came of it as JSON."""
import json
import sys

import pandas as pd

address, client_folder, data = sys.argv[1:]
sys.path.insert(0, client_folder)
from elastream_client import Elastream  # noqa: E402

frame = pd.read_json(data, lines=True)
frame["structure"] = frame[["lattice", "species", "frac_coords"]].to_dict("records")
# A label that cannot be, and one that is not known.
frame.loc[1, "g_vrh"] = 1e6
frame.loc[2, "k_vrh"] = float("nan")

client = Elastream(address)
units = {"g_vrh": "GPa", "k_vrh": "GPa"}
refused = [client.submit(frame, source="frame", label_set="mine", units=units, code="VASP 6.4.2") for _ in range(2)]
prediction = client.predict("tiny", frame)
progress = [(one.round, one.stopped) for one in client.watch("tiny")]
client.close()
print(json.dumps({
    "refused": [one.to_dict() for one in refused],
    "ids": list(frame["material_id"]),
    "prediction": prediction.to_dict("list"),
    "progress": progress,
}))
