"""Writes the page of a run, and draws its picture."""

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import LogLocator

__all__ = ["draw", "write_page"]

_BEGIN, _END = "<!-- measured -->", "<!-- end of what was measured -->"
_SPACE = "\N{NO-BREAK SPACE}"  # between a number and its unit


def _duration(seconds):
    if seconds >= 1:
        return f"{seconds:.1f}{_SPACE}s"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.3g}{_SPACE}ms"
    return f"{seconds * 1e6:.0f}{_SPACE}µs"


def _line(*cells):
    return f"| {' | '.join(cells)} |"


def _rows(report):
    yield _line("workload", "time", "ratio", "to", "asked", "of the limit")
    yield _line(*["---"] * 6)
    for row in report["rows"]:
        asked = "" if row["asked"] is None else f"≤{_SPACE}{row['asked']:.2g}"
        share = "" if row["share"] is None else f"{row['share']:.0%}"
        ratio = f"{row['ratio']:.2f}"
        yield _line(row["name"], _duration(row["seconds"]), ratio, row["reference"], asked, share)


def _large(report):
    yield _line("network", "time", "memory of the process", "asked")
    yield _line(*["---"] * 4)
    for row in report["large"]:
        memory, asked = f"{row['gibibytes']:.2f}{_SPACE}GiB", f"<{_SPACE}{row['asked']}{_SPACE}GiB"
        yield _line(row["name"], _duration(row["seconds"]), memory, asked)


def _curves(report):
    yield _line("time of an update against", "from", "to", "exponent", "in theory")
    yield _line(*["---"] * 5)
    for curve in report["curves"]:
        ends = (f"{curve['values'][k]}: {_duration(curve['seconds'][k])}" for k in (0, -1))
        yield _line(curve["name"], *ends, f"{curve['exponent']:.2f}", f"{curve['expected']:g}")


def write_page(path: Path, report):
    """Put the tables of ``report`` between the marks in the page at ``path``."""
    page = path.read_text(encoding="utf-8")
    head, rest = page.split(_BEGIN)
    _, tail = rest.split(_END)
    machine = (
        f"Measured with JAX {report['versions']['jax']} and NumPy {report['versions']['numpy']} on "
        f"{report['cores']} cores ({report['device']}): "
        f"{report['limits']['flops'] / 1e9:.0f} GFLOP/s in a float32 product, "
        f"{report['limits']['bandwidth'] / 1e9:.0f} GB/s in a copy, in the same run."
    )
    growth = f"{report['growth']:.1f} MB"
    parts = [
        machine,
        "\n".join(_rows(report)),
        "Networks whose matrix would take 4 TB and 40 GB:",
        "\n".join(_large(report)),
        "\n".join(_curves(report)),
        f"1000 mixed calls, after some to warm up, let the process grow by {growth} (20 asked).",
    ]
    body = "\n\n".join(parts)
    path.write_text(f"{head}{_BEGIN}\n\n{body}\n\n{_END}{tail}", encoding="utf-8")


def draw(path: Path, report):
    """Draw the roofline of the run: the rates reached, beside the limits of the machine."""
    flops, bandwidth = report["limits"]["flops"], report["limits"]["bandwidth"]
    figure, (roof, growth) = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
    intensity = np.geomspace(0.25, 16384, 100)
    roof.loglog(intensity, np.minimum(intensity * bandwidth, flops) / 1e9, color="black")
    for row in report["rows"]:
        if row["flops"] and row["moved"]:
            at = row["flops"] / row["moved"], row["flops"] / row["seconds"] / 1e9
            roof.loglog(*at, "o", label=row["name"])
    roof.set(xlabel="operations per byte", ylabel="GFLOP/s", title="Reached, and the limit")
    roof.set(ylim=(1, 400))
    roof.legend(fontsize=7, frameon=False, loc="lower right")
    for curve in report["curves"]:
        values, seconds = np.array(curve["values"]), 1e3 * np.array(curve["seconds"])
        label = f"{curve['name']}: exponent {curve['exponent']:.2f}"
        growth.loglog(values / values[0], seconds, "o-", label=label)
    growth.set(xlabel="size, against the smallest", ylabel="ms an update", title="Growth")
    growth.legend(fontsize=7, frameon=False)
    growth.set_xticks([1, 2, 4, 8], ["1", "2", "4", "8"])
    growth.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    growth.minorticks_off()
    for axis in (roof.yaxis, growth.yaxis):
        axis.set_major_formatter("{x:g}")
    for axes in (roof, growth):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)
