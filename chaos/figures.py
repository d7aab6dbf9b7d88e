"""What became of a fault, and the table of all."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    fault: str
    times: str
    """How often, or for how long."""
    figure: str
    target: str
    is_met: bool


def table(figures: list[Figure]) -> str:
    rows = [("Fault", "Times", "Figure", "Target", "Met")]
    rows += [(each.fault, each.times, each.figure, each.target, "yes" if each.is_met else "NO") for each in figures]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines)
