"""Figures: what was measured some times, beside its reference and what is asked for; and their table."""

import dataclasses
import statistics


@dataclasses.dataclass
class Figure:
    """ours, and reference where there is one: a value for each round, in the same order. goal: of the
    ratio ours / reference, or of ours where there is no reference; positive: at least, with
    most=True at most. missing: why there is none."""
    what: str
    unit: str = ""
    ours: list = dataclasses.field(default_factory=list)
    reference: list | None = None
    goal: float | None = None
    most: bool = False
    missing: str = ""

    def ratios(self):
        """Round by round: what disturbs one way then disturbs the other, too."""
        return [mine / theirs for mine, theirs in zip(self.ours, self.reference)] if self.reference else None

    def judged(self):
        return self.ratios() or self.ours

    def verdict(self):
        """"" where nothing is asked for."""
        if self.goal is None or self.missing:
            return ""
        got = statistics.median(self.judged())
        return "met" if (got <= self.goal if self.most else got >= self.goal) else "NOT MET"

    def as_dict(self):
        if self.missing:
            return {"what": self.what.strip(), "missing": self.missing}
        got = {"what": self.what.strip(), "unit": self.unit, "median": statistics.median(self.ours), "ours": self.ours}
        if self.reference:
            ratios = self.ratios()
            got.update(reference=self.reference, reference_median=statistics.median(self.reference),
                       ratios=ratios, ratio=statistics.median(ratios))
        if self.goal is not None:
            got.update(goal=("<= " if self.most else ">= ") + f"{self.goal:g}", verdict=self.verdict())
        return got


def number(value):
    """As many digits as say something."""
    if value == 0:
        return "0"
    size = abs(value)
    return f"{value:,.0f}" if size >= 1000 else f"{value:.1f}" if size >= 100 else f"{value:.2f}" if size >= 1 \
        else f"{value:.4f}"


HEAD = f"{'':46}{'':>7}{'ours':>11}{'reference':>11}{'ratio':>8}  {'least .. most':<19}{'goal':>9}"


def line(figure):
    """The spread is that of the ratio, or of ours where there is no reference."""
    if figure.missing:
        return f"{figure.what:46}  {figure.missing}"
    ratios, judged = figure.ratios(), figure.judged()
    reference = number(statistics.median(figure.reference)) if ratios else ""
    ratio = f"{statistics.median(ratios):.2f}" if ratios else ""
    shown = (lambda value: f"{value:.2f}") if ratios else number
    spread = f"{shown(min(judged))} .. {shown(max(judged))}" if len(judged) > 1 else ""
    goal = "" if figure.goal is None else ("<= " if figure.most else ">= ") + f"{figure.goal:g}"
    return (f"{figure.what:46}{figure.unit:>7}{number(statistics.median(figure.ours)):>11}{reference:>11}{ratio:>8}"
            f"  {spread:<19}{goal:>9}  {figure.verdict()}").rstrip()
