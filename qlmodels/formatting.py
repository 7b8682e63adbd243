"""Numbers, sizes, durations and ages as people read them, in the panel and on the terminal."""

import math
from datetime import timedelta
from decimal import Decimal


def format_number(value: float | Decimal) -> str:
    """Return `value` with as many digits as its magnitude needs, four at least."""
    if isinstance(value, int):
        return f"{value:,}"
    size = abs(float(value))
    if size == 0:
        return "0"
    if not math.isfinite(size) or size >= 1e9 or size < 1e-4:
        return f"{value:.3g}"
    return f"{value:,.{max(0, 3 - math.floor(math.log10(size)))}f}" if size >= 1 else f"{value:.4f}"


def format_duration(delta: timedelta) -> str:
    """Return `4 s`, `3 min`, `2 h` or `5 d`; `in 5 d` for a positive `delta`, which is to come."""
    seconds = abs(delta.total_seconds())
    for unit, size in (("y", 31_557_600), ("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size * (2 if unit == "y" else 1):
            text = f"{int(seconds // size)} {unit}"
            break
    else:
        text = f"{int(seconds)} s"
    return f"in {text}" if delta > timedelta(0) else text


def format_age(delta: timedelta) -> str:
    """Return how long ago something was, `3 min ago`; `in 5 d` for a positive `delta`."""
    text = format_duration(delta)
    return text if delta > timedelta(0) else f"{text} ago"


def format_size(size: int) -> str:
    """Return a number of bytes as `512 B`, `9.3 MB` or `120 GB`, in powers of 1000."""
    number, unit = float(size), "B"
    for unit in ("B", "kB", "MB", "GB", "TB", "PB"):
        if abs(number) < 999.5 or unit == "PB":
            break
        number /= 1000
    digits = 1 if unit != "B" and abs(number) < 9.95 else 0
    return f"{number:,.{digits}f} {unit}"
