"""From a scanned resource to the findings that stand on it, one per rule that has something to say."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from ctkms.budgets import Budget, exhausted
from ctkms.cloudtrail.access_requests.key_case import KeyCase, cases_of, on_management, policy_in_force
from ctkms.cloudtrail.access_requests.management_account import decided
from ctkms.cloudtrail.answers import Answer
from ctkms.cloudtrail.evidence import Role, role_of
from ctkms.cloudtrail.explanations import open_sources, reason, requests_of, statement_of, without_contents
from ctkms.cloudtrail.findings import FAILED, PASSED, SKIPPED, Finding
from ctkms.cloudtrail.places import place_of
from ctkms.cloudtrail.resources import Key, Trail, trail_arn
from ctkms.cloudtrail.rules.catalogue import DOCUMENT, KEY, POLICY, RULES, STORE, TOPIC, TRAIL, UNDECIDED, Rule
from ctkms.cloudtrail.rules.related_controls import by_framework
from ctkms.cloudtrail.summaries import open_summary, summary
from ctkms.iam.request import ServicePrincipal
from ctkms.unknowns.text import Hole, readable
from ctkms.unknowns.truth import FALSE, TRUE, UNKNOWN

NO_POLICY = "the code sets no key policy"
DEFAULT = f"{NO_POLICY}, so KMS's default one is in force: "
MAX_OPEN_TRAILS = 16  # asked one by one; beyond that the name of the trail is taken as open

_RESULTS = {TRUE: PASSED, FALSE: FAILED}


def judge(
    scenarios: Sequence[Key], declares_key: bool, holds_policy: bool, rules: Sequence[Rule] = RULES
) -> Mapping[str, Finding]:
    """The findings by rule id; none at all when the key is not CloudTrail's.

    `scenarios` is the key once for each choice of the open conditions: a rule passes or fails only if
    it does so in every scenario in which the key is CloudTrail's. Only `rules` are asked.
    """
    cases: List[KeyCase] = []
    doubtful: List[KeyCase] = []
    doubts: List[Role] = []
    for key in itertools.chain.from_iterable(map(decided, scenarios)):
        document = policy_in_force(key)
        role = role_of(key, document)
        if role is None:
            continue
        if role.doubt:
            doubts.append(role)
        if role.judged:
            cases.extend(cases_of(key, document, role))
            for one in () if exhausted(*_OF_POLICIES) else _with_open_trails(key):
                doubtful.extend(cases_of(one, document, replace(role, trails=one.trails)))
    if not cases:
        return undecided(f"not decided: {doubts[0].doubt}", scenarios[0].policy_path) if doubts and holds_policy else {}
    answers = {rule.id: _in_every_scenario(rule, cases) for rule in rules if rule.judge}
    if doubtful:
        for rule in rules:
            answers[rule.id] = _confirmed(rule, answers.get(rule.id), doubtful)
    findings: Dict[str, Finding] = {}
    for rule in rules:
        answer = answers.get(rule.id)
        stands_here = declares_key if rule.of == KEY else holds_policy
        if answer is not None and stands_here and answer.kept is not UNKNOWN:
            findings[rule.id] = _finding(cases[0], rule, answer)
    if holds_policy and not all(case.refused for case in cases):
        findings[UNDECIDED.id] = _undecided(cases[0].written, answers, [role.doubt for role in doubts])
    return findings


def _in_every_scenario(rule: Rule, cases: Sequence[KeyCase]) -> Optional[Answer]:
    """The rule's answer, None where it does not speak."""
    asked: List[Tuple[KeyCase, Answer]] = []
    silent = False
    for case in cases:
        if rule.judge is None or not _speaks(rule, case):
            continue
        answer = _asked(rule, case)
        silent = silent or answer is None
        if answer is not None:
            asked.append((case, answer))
    if not asked:
        return None
    answers = [answer for _, answer in asked]
    # What fails in one scenario, while there is nothing to say in another one, does not fail for sure.
    agreed = all(answer.kept is answers[0].kept for answer in answers) and not (silent and answers[0].kept is FALSE)
    if agreed:
        return answers[0]
    still_open = tuple(hole for answer in answers if answer.kept is UNKNOWN for hole in answer.holes)
    decisions = tuple(one for answer in answers if answer.kept is UNKNOWN for one in answer.decisions)
    assumed = (hole for case, _ in asked for hole in _assumed(case))
    return Answer(UNKNOWN, decisions, holes=(*dict.fromkeys(assumed), *still_open))


def _asked(rule: Rule, case: KeyCase) -> Optional[Answer]:
    """What the rule says of the case; once the budgets are used up, no policy is asked any more."""
    if rule.judge is None or (rule.of == POLICY and exhausted(*_OF_POLICIES)):
        return Answer(UNKNOWN, holes=(TOO_MUCH,))
    return rule.judge(case)


_OF_POLICIES = (Budget.REQUESTS, Budget.COMPARISONS)
TOO_MUCH = Hole("what the policy says in the end: asking it all takes more than a scan may cost")


def _assumed(case: KeyCase) -> Tuple[Hole, ...]:
    """What has to turn out so for the case to be the right one."""
    return (*((Hole(case.written.scenario),) if case.written.scenario else ()), *case.turned_by)


def _with_open_trails(key: Key) -> Iterator[Key]:
    """The key as it is if one more trail uses it, of those of which the code leaves that open."""
    for trail in key.open_trails[:MAX_OPEN_TRAILS]:
        yield replace(key, trails=(*key.trails, trail), scenario=f"whether {trail.address} uses the key")
    if len(key.open_trails) > MAX_OPEN_TRAILS:
        name = Hole("the name of a further trail that may use the key")
        yield replace(key, trails=(*key.trails, Trail("", name, trail_arn(name))), scenario=name.source)


def _confirmed(rule: Rule, answer: Optional[Answer], doubtful: Sequence[KeyCase]) -> Optional[Answer]:
    """The answer, if it stays the same whichever further trails use the key; that there is none has to stay as well."""
    if rule.judge is None or TRAIL not in (rule.about or (TRAIL,)) or (answer is not None and answer.kept is UNKNOWN):
        return answer
    for case in doubtful:
        other = _asked(rule, case) if _speaks(rule, case) else None
        if other is not None and (answer is None or other.kept is not answer.kept):
            return Answer(UNKNOWN, holes=(*_assumed(case), *other.holes))
    return answer


def _speaks(rule: Rule, case: KeyCase) -> bool:
    if rule.of in (DOCUMENT, KEY):
        return True
    if case.refused or not rule.about:
        return not case.refused
    users = {TRAIL: case.trails, STORE: case.key.stores, TOPIC: case.topics}
    return any(users[one] for one in rule.about)


def _finding(case: KeyCase, rule: Rule, answer: Answer) -> Finding:
    key, place = case.key, statement_of(answer)
    if answer.decisions and isinstance(answer.decisions[0].request.caller, ServicePrincipal):
        answer = answer._replace(further="; ".join(filter(None, (answer.further, on_management(case)))))
    by_default = key.policy is None and rule.of == POLICY
    return Finding(
        result=_RESULTS[answer.kept],
        summary=summary(rule, answer, NO_POLICY if by_default else ""),
        reason=DEFAULT + reason(answer) if by_default else reason(answer),
        path=_path(key, rule, answer, place),
        statement=None if place is None else {"index": place[0], "sid": place[1]},
        requests=requests_of(answer),
        controls=by_framework(rule.related),
        place=None if rule.of == KEY or key.policy is None else place_of(answer),
    )


def _path(key: Key, rule: Rule, answer: Answer, place: Optional[Tuple[int, Optional[str], str]]) -> str:
    noted = answer.note.path if answer.note else ""
    if rule.of == KEY:
        return key.attribute_paths.get(noted, noted)
    if noted:
        return f"{key.policy_path}/{noted}"
    if place is None:
        return key.policy_path
    return f"{key.policy_path}/Statement/[{place[0]}]" + (f"/{place[2]}" if place[2] else "")


def _undecided(key: Key, answers: Mapping[str, Optional[Answer]], doubts: Sequence[str]) -> Finding:
    """What the other rules could not decide, in one line a key."""
    left_open = {rule: answer for rule, answer in answers.items() if answer is not None and answer.kept is UNKNOWN}
    said: List[str] = []
    telling = ""
    if left_open:
        found = (source for answer in left_open.values() for source in open_sources(answer))
        sources = dict.fromkeys((*([TOO_MUCH.source] if exhausted(*_OF_POLICIES) else []), *found))
        what = ", ".join(f"`{source}`" for source in list(sources)[:5]) or "values that the code does not fix"
        more = f" and {len(sources) - 5} more" if len(sources) > 5 else ""
        said.append(f"not decided: {', '.join(left_open)}; the code leaves open {what}{more}")
        telling = f"the code leaves open {what}{more}"
    said += [f"not decided: {doubt}" for doubt in dict.fromkeys(doubts)]
    if key.unseen:
        named = ", ".join(f"`{hole}`" for hole in key.unseen[:5])
        said.append(f"not judged: what its user may name as its key instead, {named}")
    if said:
        return _skipped("; ".join(said), key.policy_path, open_summary(telling or _sentence(said[0]), len(left_open)))
    return Finding(
        PASSED,
        "Every rule could be decided from the code.",
        "every rule could be decided from the code",
        key.policy_path,
        controls=by_framework(UNDECIDED.related),
    )


def undecided(reason_: str, path: str = "") -> Mapping[str, Finding]:
    """What is reported of a resource of which nothing can be judged."""
    return {UNDECIDED.id: _skipped(reason_, path, open_summary(_sentence(reason_)))}


_LEADS = ("not decided: ", "not judged: ")


def _sentence(reason_: str) -> str:
    """A reason without what a summary begins with anyway."""
    return next((reason_[len(lead) :] for lead in _LEADS if reason_.startswith(lead)), reason_)


def _skipped(reason_: str, path: str, summary_: str) -> Finding:
    said = without_contents(readable(reason_))
    return Finding(SKIPPED, without_contents(summary_), said, path, controls=by_framework(UNDECIDED.related))


def internal_error(error: BaseException) -> Mapping[str, Finding]:
    """What is reported when the pack itself fails: never a silent green."""
    said = " ".join(str(error).split())[:200]
    reason_ = (
        f"the pack failed on this resource ({type(error).__name__}: {said}); no rule was decided, please report this"
    )
    return undecided(reason_)
