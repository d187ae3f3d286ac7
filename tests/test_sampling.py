"""Sample sizes and bounds against published tables, and samples that can be drawn again."""

import csv
import hashlib
import math
from fractions import Fraction

import pytest
import small_company
from hypothesis import given, settings
from hypothesis import strategies as some
from small_company import audit

from audit_lib import sampling
from audit_lib.errors import InputError

FIVE, TEN = Fraction(5, 100), Fraction(10, 100)


@pytest.mark.parametrize(
    ("tolerable", "risk", "allowed", "size"),
    [
        # AICPA Audit Sampling, tables A-1 (5 % risk) and A-2 (10 % risk), deviations allowed 0, 1, 2, 3
        (FIVE, FIVE, 0, 59), (FIVE, FIVE, 1, 93), (FIVE, FIVE, 2, 124), (FIVE, FIVE, 3, 153),
        (TEN, FIVE, 0, 29), (TEN, FIVE, 1, 46), (TEN, FIVE, 2, 61), (TEN, FIVE, 3, 76),
        (FIVE, TEN, 0, 45), (FIVE, TEN, 1, 77), (TEN, TEN, 0, 22), (TEN, TEN, 1, 38),
    ],
)  # fmt: skip
def test_sizes_without_end_are_those_of_the_tables(tolerable, risk, allowed, size):
    """The binomial sizes."""
    assert sampling.size_for(None, tolerable, risk, allowed) == size


@pytest.mark.parametrize(("population", "size"), [(50, 31), (100, 45), (200, 51), (500, 56), (1000, 57), (10**8, 59), (1, 1), (3, 3), (0, 0)])
def test_sizes_of_a_finite_population(population, size):
    """The hypergeometric sizes for 5 % tolerable at 5 % risk; small populations are inspected whole."""
    assert sampling.size_for(population, FIVE, FIVE) == size


def test_where_more_is_allowed_than_tolerable_all_are_inspected():
    """Ten items of which 5 %, one item, may not deviate, and one deviation allowed: no sample can tell."""
    assert sampling.size_for(10, FIVE, FIVE, allowed=1) == 10


def test_a_rate_is_what_is_written():
    """0.07 of 100 items are seven, not eight, as they would be by binary fractions."""
    assert math.ceil(0.07 * 100) == 8
    assert math.ceil(sampling.share("0.07", "--tolerable") * 100) == math.ceil(sampling.share("7%", "--tolerable") * 100) == 7


@pytest.mark.parametrize("text", ["0", "1", "100%", "-5%", "five", "", "1/0", "5"])
def test_what_is_no_share_is_refused(text):
    """A share is above 0 and below 1."""
    with pytest.raises(InputError, match=r"--risk: no share above 0 and below 1"):
        sampling.share(text, "--risk")


@pytest.mark.parametrize(
    ("found", "size", "risk", "percent"),
    [
        # upper limits in percent of the usual evaluation tables (AICPA Audit Sampling, A-3 and A-4), whose editions round up or to the nearest
        (0, 25, 0.05, 11.3), (1, 25, 0.05, 17.6), (0, 40, 0.05, 7.2), (1, 40, 0.05, 11.4), (0, 60, 0.05, 4.9), (1, 60, 0.05, 7.7),
        (0, 100, 0.05, 3.0), (1, 100, 0.05, 4.7), (2, 100, 0.05, 6.2), (0, 60, 0.10, 3.8), (1, 60, 0.10, 6.4), (0, 40, 0.10, 5.6),
    ],
)  # fmt: skip
def test_bounds_are_those_of_the_tables(found, size, risk, percent):
    """Clopper and Pearson's bound, to the tenth of a percent that tables print; in exact numbers the tail there is the risk."""
    limit = sampling.bound_without_end(found, size, risk)
    assert abs(limit * 100 - percent) < 0.1
    rate = Fraction(limit)
    tail = sum(math.comb(size, one) * rate**one * (1 - rate) ** (size - one) for one in range(found + 1))
    assert float(tail) == pytest.approx(risk, rel=1e-9)


def test_bounds_that_have_a_formula():
    """None found: 1 - risk^(1/n); all found: 1."""
    for size in (1, 7, 59, 2000):
        assert sampling.bound_without_end(0, size, 0.05) == pytest.approx(1 - 0.05 ** (1 / size), rel=1e-12)
    assert sampling.bound_without_end(5, 5, 0.05) == 1


@settings(max_examples=60, deadline=None)
@given(some.integers(1, 400), some.sampled_from([FIVE, TEN, Fraction(1, 100)]), some.sampled_from([FIVE, TEN]), some.integers(0, 2))
def test_a_sample_of_the_size_that_shows_no_more_than_allowed_supports_the_rate(population, tolerable, risk, allowed):
    """Size and bound say the same: with the allowed deviations the bound is below the tolerable number; one item fewer is too few."""
    size = sampling.size_for(population, tolerable, risk, allowed)
    limit = math.ceil(tolerable * population)
    if limit <= allowed:
        assert size == population
        return
    assert sampling.bound(population, min(allowed, size), size, risk) < limit
    if size > allowed + 1:
        assert sampling.bound(population, allowed, size - 1, risk) >= limit


@settings(max_examples=60, deadline=None)
@given(some.data())
def test_the_bound_of_a_finite_population_by_trying_every_number(data):
    """The largest number of deviating items that a plain search finds; never above the bound without end by more than an item."""
    population = data.draw(some.integers(1, 60))
    size = data.draw(some.integers(1, population))
    found = data.draw(some.integers(0, size))
    possible = range(found, population - (size - found) + 1)
    plain = max((one for one in possible if sampling.few_at_most(population, one, size, found) > FIVE), default=found)
    assert sampling.bound(population, found, size, FIVE) == plain
    assert plain <= math.ceil(sampling.bound_without_end(found, size, 0.05) * population)
    if size == population:
        assert plain == found


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """The small company with forty accesses more, so that a sample is smaller than the whole."""
    more = [(f"2026-08-{10 + number % 20:02}T{number % 24:02}:30:00Z", "bob@small.example", "acct-1", "g-1", "success") for number in range(40)]
    folder = small_company.write(tmp_path_factory.mktemp("small") / "co", accesses=small_company.ACCESSES + more)
    assert audit("load", "--project", folder) == 0
    return folder


def drawn(company, seed="1", *more):
    assert audit("draw", "ACC-01", "--project", company, "--period", "2026-Q3", "--tolerable", "20%", "--risk", "10%", "--seed", seed, *more) == 0
    return company / f"reports/2026-Q3/samples/ACC-01-{seed}.csv"


def enter(path, results):
    """Fills in the column result, in order, and saves as a spreadsheet of another country would: with semicolons."""
    rows = list(csv.DictReader(path.open(newline="")))
    for row, result in zip(rows, results, strict=True):
        row["result"] = result
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(rows)


def test_a_sample_can_be_drawn_again_and_another_seed_draws_another(company, tmp_path, capsys):
    """Order by hash of seed and item; the same seed again gives the same file, in another company folder as well."""
    path = drawn(company)
    rows = list(csv.DictReader(path.open(newline="")))
    population = 45  # of the 47 lines, one is of the quarter before and one failed
    size = sampling.size_for(population, Fraction(1, 5), TEN)
    assert len(rows) == size < population
    items = [row["item"] for row in rows]
    every = [f"sa-{number}" for number in range(1, 48) if number not in (3, 7)]
    assert items == sorted(every, key=lambda item: hashlib.sha256(f"1\n{item}".encode()).hexdigest())[:size]
    assert rows[0]["found_at"].startswith("inputs/support/staff_access-2026.jsonl:") and rows[0]["result"] == ""
    assert "emp-" not in path.read_text() and "acct-1," not in path.read_text()
    before = path.read_bytes()
    assert drawn(company).read_bytes() == before
    assert [row["item"] for row in csv.DictReader(drawn(company, "2").open(newline=""))] != items
    full = drawn(company, "1", "--identities", "full").with_name("ACC-01-1-full.csv")
    assert [row["item"] for row in csv.DictReader(full.open(newline=""))] == items and "acct-1" in full.read_text()
    capsys.readouterr()
    assert audit("draw", "ACC-01", "--project", company, "--period", "2026-Q3", "--seed", "1") == 2
    assert "drawn by another plan" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_results_give_the_bound_that_was_achieved(company, capsys):
    """None deviates: supported; open ones and those that could not be inspected count as deviations."""
    path = drawn(company, "3")
    size = len(list(csv.DictReader(path.open(newline=""))))
    capsys.readouterr()
    enter(path, ["ok"] * size)
    assert audit("draw", "--results", path) == 0
    told = capsys.readouterr().out
    most = sampling.bound(45, 0, size, TEN)
    assert f"With a confidence of 90 %, at most {most} of the 45 items deviate" in told and "supports a rate below the tolerable 20 %" in told
    path.write_text(path.read_text().replace(";ok;", ";Deviation;", 1).replace(";ok;", ";not_testable;", 1))
    assert audit("draw", "--results", path) == 1
    told = capsys.readouterr().out
    assert f"at most {sampling.bound(45, 2, size, TEN)} of the 45" in told and "does not support" in told
    path.write_text(path.read_text().replace(";ok;", ";;", 1))
    assert audit("draw", "--results", path) == 1
    told = capsys.readouterr().out
    assert "1 open" in told and f"at most {sampling.bound(45, 3, size, TEN)} of the 45" in told


@pytest.mark.parametrize("harm", ["lacks", "more", "twice", "word", "column", "plan"])
def test_results_that_are_not_those_of_the_sample_are_refused(company, tmp_path, harm, capsys):
    """A row left out, added or doubled, a word that is no result, a column or a plan that is gone: each is named."""
    source = drawn(company, "4")
    path = tmp_path / source.name
    lines = source.read_text().splitlines()
    harmed = {
        "lacks": lines[:-1], "more": [*lines, lines[-1].replace("sa-", "sb-", 1)], "twice": [*lines, lines[-1]],
        "word": [*lines[:-1], lines[-1].removesuffix(",,,,") + ",fine,,,"], "column": [lines[0].replace("result", "outcome2"), *lines[1:]], "plan": lines,
    }[harm]  # fmt: skip
    path.write_text("\n".join(harmed) + "\n")
    if harm != "plan":
        path.with_suffix(".json").write_bytes(source.with_suffix(".json").read_bytes())
    capsys.readouterr()
    assert audit("draw", "--results", path) == 2
    told = {"lacks": "lacks the item", "more": "which was not drawn", "twice": "2 times", "word": "no such result: 'fine'", "column": "has no column result"}
    assert told.get(harm, "is no sample with its plan beside it") in capsys.readouterr().err


def test_what_can_not_be_drawn_is_said(company, capsys):
    """An unknown control, one that lacks a table, one without such items, a seed that is no name, nothing at all."""
    for words, told in (
        (("ACC-99",), "no such control: ACC-99"),
        (("RET-01",), "RET-01: has no items: "),
        (("ACC-01", "--outcome", "deferred"), "has no deferred item in 2026-Q3"),
        (("ACC-01", "--seed", "../x"), "is no seed"),
        (("ACC-01", "--allowed", "-1"), "no number of deviations"),
        ((), "give either a control"),
    ):
        assert audit("draw", *words, "--project", company, "--period", "2026-Q3") == 2
        assert told in capsys.readouterr().err
