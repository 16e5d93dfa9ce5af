"""Time the library's workloads beside named references, in one process.

A time alone says more about the machine than about the code. So each row is a ratio to a reference
measured in the same run, and a share of the machine's limit.

``python benchmarks/run.py [--out FOLDER] [--page docs/benchmarks.md] [--only WORD]``
"""

import argparse
import dataclasses
import json
import os
from pathlib import Path

import brainstate
import jax
import numpy as np

import _event_rows
import _memory_rows
import _plasticity_rows
import _process_rows
from _measure import limits
from _page import draw, write_page
from _scaling import curves

WORKLOADS = (
    *_memory_rows.WORKLOADS,
    *_plasticity_rows.WORKLOADS,
    *_event_rows.WORKLOADS,
    *_process_rows.WORKLOADS,
)


def rows_of(workloads, found):
    rows = []
    for workload in workloads:
        brainstate.random.seed(0)
        for row in workload():
            row_limits = {"ratio": row.ratio, "share": row.share(found)}
            rows.append(dataclasses.asdict(row) | row_limits)
            share = "" if rows[-1]["share"] is None else f"{rows[-1]['share']:.0%} of the limit"
            print(
                f"{row.name:<66} {row.seconds * 1e3:10.3f} ms {row.ratio:7.2f} x "
                f"{row.reference}  {share}",
                flush=True,
            )
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="folder for benchmarks.json and roofline.png")
    parser.add_argument("--page", type=Path, help="the page whose tables to replace")
    parser.add_argument("--only", default="", help="only workloads with this in their name")
    options = parser.parse_args()
    found = limits()
    device = jax.devices()[0].device_kind
    print(f"{device}: {found.flops / 1e9:.0f} GFLOP/s, {found.bandwidth / 1e9:.0f} GB/s")
    rows = rows_of([w for w in WORKLOADS if options.only in w.__name__], found)
    if options.only:
        return
    report = {
        "device": device,
        "cores": os.cpu_count(),
        "versions": {"jax": jax.__version__, "numpy": np.__version__},
        "limits": dataclasses.asdict(found),
        "rows": rows,
        "large": list(_process_rows.large()),
        "curves": list(curves()),
        "growth": _process_rows.growth(),
    }
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        text = json.dumps(report, indent=2) + "\n"
        (options.out / "benchmarks.json").write_text(text, encoding="utf-8")
        draw(options.out / "roofline.png", report)
    if options.page is not None:
        write_page(options.page, report)


if __name__ == "__main__":
    main()
