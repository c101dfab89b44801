"""All repairs of a tree together: each is searched and proved with those before it already made."""

from __future__ import annotations

from typing import Dict, List, NamedTuple, Tuple

from ctkms.cloudtrail.findings import FAILED, PROPOSED, PROVED
from ctkms.repair.search import Repair, Search
from ctkms.repair.tree import Failure, Tree, failures


class Combined(NamedTuple):
    """The tree with all repairs made, what was repaired, and what is left with the reason."""

    tree: Tree
    made: Tuple[Tuple[Failure, Repair], ...]
    left: Tuple[Tuple[Failure, Repair], ...]
    with_others: Tuple[Failure, ...] = ()  # what the repairs of other findings repaired as well


def combined(tree: Tree, rules: Tuple[str, ...] = (), unsafe: bool = False) -> Combined:
    """Make the proved repairs of the findings of these rules, of all where none is named; with `unsafe` proposed ones.

    One repair may make another one possible, so what has none is looked at again after each round.
    """
    made: List[Tuple[Failure, Repair]] = []
    accepted = (PROVED, PROPOSED) if unsafe else (PROVED,)
    left: Dict[Failure, Repair] = {}  # what a repair since may have made possible is taken out again
    at_first = [one for one in failures(tree.seen) if not rules or one[1] in rules]
    search = Search(tree)
    progress = True
    while progress:
        progress = False
        for failure in failures(tree.seen):
            (where, rule), now = failure, tree.seen.get(failure[0])
            if failure in left or (rules and rule not in rules):
                continue
            if now is None or rule not in now.findings or now.findings[rule].result != FAILED:
                continue  # one of the repairs before was one for this, too
            repair = search.repair(where, rule)
            if repair.status not in accepted or not repair.edits:
                left[failure] = repair
                continue
            made.append((failure, repair))
            parts = tree.affected(repair.edits)
            tree = tree.with_edits(repair.edits, repair.after)
            search, progress = Search(tree), True
            left = {one: why for one, why in left.items() if parts is not None and one[0][2] not in parts}
    still = frozenset(failures(tree.seen))
    left = {failure: why for failure, why in left.items() if failure in still}
    known = {*left, *(failure for failure, _ in made)}
    return Combined(tree, tuple(made), tuple(left.items()), tuple(one for one in at_first if one not in known))
