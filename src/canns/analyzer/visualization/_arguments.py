"""Checks of what the figures take besides arrays."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from canns._validation import check_size
from canns.analyzer.visualization._config import PlotConfig
from canns.errors import ValidationError

__all__ = ["check_bins", "check_config", "check_names", "check_shape", "named"]

T = TypeVar("T")

_MOST_BINS = 100_000


def check_bins(num_bins: object) -> int:
    """Return the number of bins of a histogram."""
    return check_size("num_bins", num_bins, high=_MOST_BINS)


def check_config(config: PlotConfig | None, *, bins: bool = False) -> PlotConfig:
    """Return the settings; the defaults for None.

    Args:
        config: The settings.
        bins: Whether the picture bins a stimulus.
    """
    if config is None:
        return PlotConfig()
    if not isinstance(config, PlotConfig):
        raise ValidationError("config", "a PlotConfig or None", repr(config))
    if not bins:
        for name in ("num_bins", "pref_stim"):
            default, given = getattr(PlotConfig, name), getattr(config, name)
            if given is not default and given != default:
                remedy = "Only tuning_curve uses it."
                raise ValidationError(name, f"left at {default}", repr(given), remedy)
    return config


def check_shape(shape: tuple[int, int], width: int) -> tuple[int, int]:
    """Return the height and width of images of ``width`` pixels in all."""
    if not isinstance(shape, Sequence) or len(shape) != 2:
        raise ValidationError("shape", "(height, width)", repr(shape))
    height, breadth = (check_size("shape", side) for side in shape)
    if height * breadth != width:
        raise ValidationError("shape", f"of {width} pixels, as the rows", f"{height} x {breadth}")
    return height, breadth


def check_names(name: str, names: Sequence[str] | None, count: int | None = None) -> Sequence[str]:
    """Return strings, ``count`` of them if that is given; none for None."""
    if names is None:
        return ()
    listed = isinstance(names, Sequence) and not isinstance(names, str)
    if not listed or not all(isinstance(word, str) for word in names):
        raise ValidationError(name, "a sequence of strings", repr(names))
    if count is not None and len(names) != count:
        raise ValidationError(name, f"{count} strings", f"{len(names)}")
    return names


def named(name: str, series: Mapping[str, T], kind: type[T]) -> Mapping[str, T]:
    """Return the curves by name, if they are."""
    good = isinstance(series, Mapping) and all(isinstance(each, kind) for each in series.values())
    if not good:
        raise ValidationError(name, f"a mapping from names to {kind.__name__}", repr(series))
    return series
