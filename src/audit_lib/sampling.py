"""Samples for inspection by hand: how many items, which ones, and what the inspection shows once its results are entered.

Attribute sampling as the AICPA guide *Audit Sampling* (tables A-1 to A-4), ISA 530 (paragraphs 7 and 8, appendix 2) and PCAOB
AS 2315.31 to .43 have it. With N items of which D deviate, a sample of n shows at most k deviations with the chance

    P(N, D, n, k) = sum over j = 0 … k of C(D, j) · C(N − D, n − j) / C(N, n)        (hypergeometric)

The size is the smallest n with P(N, D, n, k) <= risk, where D is the tolerable rate times N, rounded up, and k the deviations that
the plan allows, none unless asked otherwise. For k = 0 and N without end this is n = ln(risk) / ln(1 − rate), rounded up
(binomial): 59 for 5 % at a risk of 5 %. `risk` is that of assessing too low: one less the confidence.
"""

import math
from fractions import Fraction

from audit_lib.errors import InputError


def share(text: str, what: str) -> Fraction:
    """A share between 0 and 1, exactly as written. Raises InputError for anything else.

    >>> share("5%", "--risk"), share("0.05", "--risk")
    (Fraction(1, 20), Fraction(1, 20))
    """
    try:
        value = Fraction(text.strip().removesuffix("%").strip()) / (100 if text.strip().endswith("%") else 1)
    except (ValueError, ZeroDivisionError):
        value = Fraction(0)
    if not 0 < value < 1:
        raise InputError(f"{what}: no share above 0 and below 1: {text!r}. Write 5% or 0.05")
    return value


def few_at_most(population: int, deviating: int, size: int, allowed: int) -> Fraction:
    """P(N, D, n, k): the chance that a sample of `size` shows at most `allowed` of the `deviating` items of a population."""
    ways = sum(math.comb(deviating, found) * math.comb(population - deviating, size - found) for found in range(min(allowed, size) + 1))
    return Fraction(ways, math.comb(population, size))


def few_at_most_without_end(rate: float, size: int, allowed: int) -> float:
    """The same for a population without end of which a share `rate` deviates (binomial)."""
    if not 0 < rate < 1:
        return 1.0 if rate <= 0 or allowed >= size else 0.0
    logs = (
        math.lgamma(size + 1) - math.lgamma(found + 1) - math.lgamma(size - found + 1) + found * math.log(rate) + (size - found) * math.log1p(-rate)
        for found in range(min(allowed, size) + 1)
    )
    return math.fsum(math.exp(one) for one in logs)


def size_for(population: int | None, tolerable: Fraction, risk: Fraction, allowed: int = 0) -> int:
    """Items to inspect, so that with at most `allowed` deviations the rate is below `tolerable` at this risk.

    `population` None: without end. All items, where no smaller sample can tell.
    """
    if population is not None:
        deviating = min(math.ceil(tolerable * population), population)
        if deviating <= allowed:
            return population

    def is_enough(size: int) -> bool:
        if population is None:
            return few_at_most_without_end(float(tolerable), size, allowed) <= risk
        return size >= population or few_at_most(population, deviating, size, allowed) <= risk

    high = allowed + 1
    while not is_enough(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_enough(middle) else (middle, high)
    return high if population is None else min(high, population)


def bound_without_end(found: int, size: int, risk: float) -> float:
    """Clopper and Pearson's one-sided upper bound: the highest rate at which `found` deviations or fewer in `size` items still
    have a chance above `risk`. By bisection on the binomial tail.

    >>> round(bound_without_end(0, 60, 0.05), 3)
    0.049
    """
    if found >= size:
        return 1.0
    low, high = found / size, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if few_at_most_without_end(middle, size, found) > risk else (low, middle)
    return high


def bound(population: int, found: int, size: int, risk: Fraction) -> int:
    """The most items of the population that may deviate: the largest D at which `found` or fewer still have a chance above `risk`.

    Not above Clopper and Pearson's rate times the population; the number found, where all items were inspected.
    """
    low, high = found, population - (size - found)  # what was seen, and all but the items seen to be good
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if few_at_most(population, middle, size, found) > risk else (low, middle - 1)
    return low
