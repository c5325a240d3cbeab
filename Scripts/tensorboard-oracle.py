#!/usr/bin/env python3
"""TensorBoard's own reader and writer, as the oracle of the Metrics tests. Needs: pip install tensorboard.

  tensorboard-oracle.py read FOLDER   prints "tag step value" for every scalar that TensorBoard shows of FOLDER
  tensorboard-oracle.py golden        prints, in hexadecimal, the record that TensorBoard writes for the event in
                                      TensorBoardLogTests.swift
"""
import io
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter


def read(folder):
    accumulator = EventAccumulator(folder, size_guidance={"scalars": 0})
    accumulator.Reload()
    for tag in accumulator.Tags()["scalars"]:
        for scalar in accumulator.Scalars(tag):
            print(tag.replace(" ", "_"), scalar.step, scalar.value)


def golden():
    summary = Summary(value=[Summary.Value(tag="train/loss", simple_value=2.5)])
    file = io.BytesIO()
    RecordWriter(file).write(Event(wall_time=1234567890.5, step=300, summary=summary).SerializeToString())
    print(file.getvalue().hex())


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["read", folder]:
            read(folder)
        case ["golden"]:
            golden()
        case _:
            sys.exit(__doc__)
