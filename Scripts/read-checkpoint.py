#!/usr/bin/env python3
"""Prints what a checkpoint of extend holds. Needs h5py; with the xxhash package it checks every dataset too.

    read-checkpoint.py RUN/checkpoints/stage02-step000120.h5

With --expect-sample it fails unless the file is the one that CheckpointingTests writes.
"""
import json
import sys

import h5py
import numpy

try:
    import xxhash
except ImportError:
    xxhash = None


def datasets(group):
    found = []
    group.visititems(lambda name, item: found.append((name, item)) if isinstance(item, h5py.Dataset) else None)
    return sorted(found)


def main(path, expect_sample):
    with h5py.File(path, "r") as f:
        assert f.attrs["format"] == "extend-checkpoint" and f.attrs["version"] == 1
        manifest = json.loads(bytes(f["manifest"][()]))
        for group in ("position", "state"):
            for name, value in f[group].attrs.items():
                print(f"{group} {name} = {value!r}")
        for name, data in datasets(f):
            print(name, data.dtype, data.shape, data.attrs.get("axes", ""), data.attrs.get("unit", ""))
            if xxhash and "xxh3_64" in data.attrs and name != "manifest":
                assert xxhash.xxh3_64_hexdigest(data[()].tobytes()) == data.attrs["xxh3_64"], name
        listed = {entry["name"]: entry for entry in manifest["datasets"]}
        raw = numpy.fromfile(path, dtype=numpy.uint8)
        for name, entry in listed.items():
            stored = raw[entry["offset"] : entry["offset"] + entry["bytes"]]
            assert stored.tobytes() == f[name][()].tobytes(), f"{name} does not lie where the manifest says"
        if expect_sample:
            check_sample(f, listed)


def check_sample(f, listed):
    position = dict(f["position"].attrs)
    assert position == {
        "stage": 2, "stage_name": "to 65,536 – größer", "stage_step": 3, "global_step": 103,
        "tokens_seen": 3145728, "labelled_tokens_seen": 3000,
    }, position
    state = f["state"].attrs
    assert state["seed"] == -7 and state["data_fingerprint"] == "ab12" and state["learning_rate"] == 2e-5
    assert list(state["keys"]) == [1, 2**63 - 1]
    assert bytes(f["documents/recipe.yaml"][()]) == b"stages: []\n"
    for index, group in enumerate(["weights", "optimizer/first_moment", "optimizer/second_moment"]):
        data = f[group]["embedding"]
        assert data.dtype == numpy.float32 and data.attrs["axes"] == "token, feature"
        expected = index * 1000 + 30 + numpy.arange(20, dtype=numpy.float32).reshape(4, 5)
        assert numpy.array_equal(data[()], expected)
        assert numpy.isnan(f[group]["layers/0/norm"][1])
        assert f"{group}/embedding" in listed


if __name__ == "__main__":
    arguments = [a for a in sys.argv[1:] if a != "--expect-sample"]
    if len(arguments) != 1:
        sys.exit(__doc__)
    main(arguments[0], "--expect-sample" in sys.argv)
