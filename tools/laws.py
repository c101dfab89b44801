"""Tries the laws of the pack on random input, longer than the tests do.

    python tools/laws.py evaluator --claims 200000
    python tools/laws.py rules --claims 200000
    python tools/laws.py repairs --claims 10000
    python tools/laws.py templates --claims 3000

print how many claims were checked and every one that does not hold, and exit with 1 if there is
one. The same seeds give the same claims, and the tests try the first of them.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

ROOT = Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / "checks"), str(ROOT / "tools")]

import laws_of_the_evaluator  # noqa: E402
import laws_of_the_repairs  # noqa: E402
import laws_of_the_rules  # noqa: E402
import laws_of_the_templates  # noqa: E402

# By name: from a seed to the number of claims that were checked and those that do not hold, and how to tell one.
LAWS: Dict[str, Tuple[Callable[[int], Tuple[int, List[Any]]], Callable[[Any], str]]] = {
    "evaluator": (laws_of_the_evaluator.claims, laws_of_the_evaluator.told),
    "repairs": (laws_of_the_repairs.claims, laws_of_the_repairs.told),
    "rules": (laws_of_the_rules.claims, laws_of_the_rules.told),
    "templates": (laws_of_the_templates.claims, laws_of_the_templates.told),
}
# What else is to be said in the end.
NOTES: Dict[str, Callable[[], str]] = {"templates": laws_of_the_templates.noted}


def main() -> int:
    """Check one law and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("law", choices=sorted(LAWS))
    parser.add_argument("--claims", type=int, default=200_000, help="how many to check")
    parser.add_argument("--seed", type=int, default=0, help="where to begin")
    parser.add_argument("--show", type=int, default=5, help="how many that do not hold are printed")
    options = parser.parse_args()
    check, told = LAWS[options.law]
    checked, flips, seed = 0, 0, options.seed
    while checked < options.claims:
        count, found = check(seed)
        checked += count
        for flip in found:
            flips += 1
            if flips <= options.show:
                print(told(flip), flush=True)
        seed += 1
    note = NOTES[options.law]() if options.law in NOTES else ""
    print(f"{options.law}: {checked:,} claims checked (seeds {options.seed} to {seed - 1}), {flips} flips{note}")
    return 1 if flips else 0


if __name__ == "__main__":
    sys.exit(main())
