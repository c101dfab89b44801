"""The smallest edit after which a rule passes and nothing is worse, proved by reading all the code again."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple, Union

from ctkms.cloudtrail.access_requests.key_case import policy_in_force
from ctkms.cloudtrail.findings import FAILED, NONE, NOT_SEARCHED, PASSED, PROPOSED, PROVED
from ctkms.cloudtrail.resources import Key
from ctkms.cloudtrail.rules.catalogue import BY_ID, KEY
from ctkms.cloudtrail.subjects import Subject
from ctkms.iac.terraform.modules.files import overlaid
from ctkms.repair.catalogue import candidates
from ctkms.repair.edits import Candidate
from ctkms.repair.file_text import TextEdit, is_json
from ctkms.repair.narrowings import OTHERS_LOSE
from ctkms.repair.newly_allowed import allows_more
from ctkms.repair.objects import Element
from ctkms.repair.other_uses import may_serve_others
from ctkms.repair.patches import edits_of
from ctkms.repair.placer import NotPlacedError, Placer
from ctkms.repair.policy_view import View
from ctkms.repair.resource_patches import is_ignored
from ctkms.repair.trail_spelling import Spelling, spelling
from ctkms.repair.tree import Edited, Seen, Tree, Where, worse_anywhere

MAX_KEPT = 200  # edited trees, each with as much as was read of it
MAX_TRIED = 60  # candidates of one finding that are written and read again


class Repair(NamedTuple):
    """What to do about a finding. `edits` are of the code's text; `reason` says why there is no more than this."""

    status: str
    text: str = ""
    edits: Tuple[TextEdit, ...] = ()
    reason: str = ""
    after: Mapping[Where, Seen] = {}  # all that is judged, once the edits are made


class Search:
    """Finds the repairs of the findings of one tree."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._found: Dict[Tuple[Where, str], Repair] = {}
        self._after_edits: Dict[Tuple[TextEdit, ...], Edited] = {}

    def repair(self, where: Where, rule: str) -> Repair:
        """The repair of one finding; searched once."""
        if (where, rule) not in self._found:
            self._found[where, rule] = self._search(where, rule)
        return self._found[where, rule]

    def _search(self, where: Where, rule: str) -> Repair:
        seen = self.tree.seen.get(where)
        finding = seen.findings.get(rule) if seen is not None else None
        if seen is None or finding is None:
            return Repair(NONE, reason="the scan of the code by itself does not have this finding")
        if self.tree.spent > self.tree.allowance:
            return Repair(NOT_SEARCHED, reason=_TOO_MANY)
        if not isinstance(seen.subject, Subject) or seen.subject.locate is None:
            return Repair(NONE, reason="the code of the policy is not there to be changed")
        found = self._tried(seen, rule)
        if found.edits and any(part.startswith("cdk.out") for part in Path(where[0]).parts):
            return Repair(PROPOSED, found.text, (), _OF_AN_APP)
        return found

    def _tried(self, seen: Seen, rule: str) -> Repair:
        subject = seen.subject
        if not isinstance(subject, Subject) or subject.locate is None:
            return Repair(NONE)
        key = subject.scenarios[0]
        document = policy_in_force(key)
        texts = partial(self._texts, seen.where) if seen.where[2] else None
        placer = Placer(subject.locate, document, key.policy_path, self.tree.text, texts)
        proposed: Optional[Repair] = None
        unplaced: List[str] = []
        refused: List[str] = []
        of_key = BY_ID[rule].of == KEY
        block, policy = self._place(lambda: placer.argument(_WHOLE)), self._place(lambda: placer.element(()))
        texts_around = {**self.tree.texts_beside(seen.where[0]), **({policy.span.file: policy.text} if policy else {})}
        shared = may_serve_others(key, texts_around)
        offered = candidates(View(key, document, self._spelling(placer, key), shared), of_key)
        ignored = "" if of_key or block is None else is_ignored(block)
        for candidate in sorted(offered, key=lambda one: not one.certain)[:MAX_TRIED]:
            try:
                with overlaid(self.tree.texts):
                    edits = self._sound(edits_of(placer, candidate))
            except NotPlacedError as why:
                unplaced += [str(why)] if str(why) and not candidate.reveals else []
                continue
            if self.tree.spent > self.tree.allowance:
                return proposed or Repair(NOT_SEARCHED, reason="to find a repair takes more than it may cost")
            after = self._after(seen, rule, candidate, edits)
            if isinstance(after, str):
                refused += [f"{candidate.text} But {after}."] if after != _STILL else []
                continue
            reason = candidate.reason or self._not_for_us(seen, candidate, after) or ignored
            if not reason:
                return Repair(PROVED, candidate.text, edits, "", after)
            proposed = proposed or Repair(PROPOSED, candidate.text, edits, reason, after)
        return proposed or Repair(NONE, reason=_OF_RESOURCE if of_key else _reason(refused, unplaced))

    def _place(self, find: Callable[[], Element]) -> Optional[Element]:
        """Where something stands in the code with the edits that are made; None where it has no place."""
        try:
            with overlaid(self.tree.texts):
                return find()
        except NotPlacedError:
            return None

    def _not_for_us(self, seen: Seen, candidate: Candidate, after: Mapping[Where, Seen]) -> str:
        """Why people have to decide after all: what is changed serves a key besides that encrypts something else."""
        if not candidate.of_people:
            return ""
        for where, one in after.items():
            before, now = _keys(self.tree.seen.get(where)), _keys(one)
            if where == seen.where or [key.policy for key in before] == [key.policy for key in now]:
                continue
            if any(may_serve_others(key, self.tree.texts_beside(where[0])) for key in now):
                return OTHERS_LOSE
        return ""

    def _spelling(self, placer: Placer, key: Key) -> Optional[Spelling]:
        first = self._place(lambda: placer.element(("Statement", 0)))
        if first is None:
            return None
        file = first.span.file
        return spelling(key, file, self.tree.texts_beside(file), placer.texts is not None)

    def _texts(self, where: Where, block: str) -> Mapping[str, str]:
        """The texts of the module that has a block: modules are called in the root module, as far as we look."""
        return self.tree.texts_beside(str(Path(where[2], "main.tf")) if block.startswith("module.") else where[0])

    def _after(
        self, seen: Seen, rule: str, candidate: Candidate, edits: Tuple[TextEdit, ...]
    ) -> Union[str, Mapping[Where, Seen]]:
        """What all of the code says after the edits, or why they are no repair."""
        after = self._edited(edits)
        if after.result(seen.where, rule) != PASSED:
            return _STILL
        everything = after.seen
        why = worse_anywhere(*(_without(seen.where, one, candidate.reveals) for one in (self.tree.seen, everything)))
        if not why and candidate.certain:
            why = self._allows_more(seen, everything)
        return why or everything

    def _sound(self, edits: Tuple[TextEdit, ...]) -> Tuple[TextEdit, ...]:
        """The edits. A file that is JSON, which we read more leniently than others do, has to stay JSON."""
        for file, text in self.tree.edited(edits).items():
            if is_json(self.tree.text(file) or "") and not is_json(text):
                raise NotPlacedError("the file would be no JSON any more")
        return edits

    def _edited(self, edits: Tuple[TextEdit, ...]) -> Edited:
        """The tree with these edits. Findings on one policy try the same ones, one after the other."""
        if edits not in self._after_edits:
            if len(self._after_edits) >= MAX_KEPT:
                self._after_edits.clear()
            self._after_edits[edits] = self.tree.after(edits)
        return self._after_edits[edits]

    def _allows_more(self, repaired: Seen, after: Mapping[Where, Seen]) -> str:
        """What CloudTrail may do now besides what the repaired rules ask for, with any key whose policy has changed."""
        trails = tuple(trail for one in self.tree.seen.values() for key in _keys(one) for trail in key.trails)
        for where, one in after.items():
            before, now = _keys(self.tree.seen.get(where)), _keys(one)
            if [key.policy for key in before] == [key.policy for key in now] or not _holds_policy(one):
                continue
            if allows_more(before, now, _needed(self.tree.seen[where], one), trails):
                by_other = "" if where == repaired.where else f" by {where[1]}"
                return f"CloudTrail would be allowed more{by_other} than the rule asks for"
        return ""


def _without(where: Where, seen: Mapping[Where, Seen], reveals: bool) -> Mapping[Where, Seen]:
    """Without the findings on a policy that could not be read so far: what comes to light then is not new."""
    return {at: one for at, one in seen.items() if at != where} if reveals else seen


def _keys(seen: Optional[Seen]) -> Tuple[Key, ...]:
    return seen.subject.scenarios if seen is not None and isinstance(seen.subject, Subject) else ()


_OF_RESOURCE = "it is not the policy that has to be changed, but the resource"
_OF_AN_APP = "the CDK writes the template, so it is the app that has to be changed"
_TOO_MANY = "there are too many findings to search for repairs of all at once; run it again once these are made"
_WHOLE = "/"  # the block of a resource
_STILL = "the rule does not pass"


def _holds_policy(seen: Seen) -> bool:
    """Whether the rules about the policy stand on this resource, rather than on one beside the key."""
    return isinstance(seen.subject, Subject) and seen.subject.holds_policy


def _needed(before: Seen, after: Seen) -> Tuple[str, ...]:
    """The actions that had to be allowed for the rules to pass that did not before."""
    passing = (rule for rule, found in before.findings.items() if found.result == FAILED)
    return tuple(action for rule in passing if after.findings[rule].result == PASSED for action in NEEDED.get(rule, ()))


# What a rule wants to be allowed; rules that want something denied ask for nothing.
NEEDED = {
    "CKV_CTKMS_001": ("kms:GenerateDataKey",),
    "CKV_CTKMS_002": ("kms:DescribeKey",),
    "CKV_CTKMS_003": ("kms:Decrypt",),
    "CKV_CTKMS_004": ("kms:GenerateDataKey", "kms:Decrypt"),
    "CKV_CTKMS_005": ("kms:DescribeKey",),
    "CKV_CTKMS_006": ("kms:GenerateDataKey", "kms:Decrypt"),
}


def _reason(refused: List[str], unplaced: List[str]) -> str:
    if refused:
        return refused[0]
    whys = ", or ".join(dict.fromkeys(unplaced))
    return f"{NOTHING_FITS} {len(unplaced)} could not be tried: {whys}." if unplaced else NOTHING_FITS


NOTHING_FITS = "None of the changes that ctkms tries makes the rule pass without making another one fail."
