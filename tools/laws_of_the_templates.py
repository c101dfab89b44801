"""Known policies behind random intrinsic functions, for the law that a template is read as what it says.

The policy is made first and is the truth. Then it is hidden: behind parameters, maps, conditions, lists that are
joined and split, other resources, outputs of nested stacks and exports of other templates, in JSON and in YAML. What
the reader makes of the template has to be the policy. Where it leaves a value open that is no mistake, but counted.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Dict, Iterator, List, Mapping, Tuple
from typing import Counter as Counts

from hidden_services import as_service
from hidden_texts import as_json, as_yaml
from hidden_values import MOST_FILES, MOST_OPEN, Maker, Template

from ctkms.budgets import metered
from ctkms.cloudtrail.resources import Key
from ctkms.cloudtrail.subjects import Subject, Unjudged
from ctkms.iac.scan import ServiceScan, TemplateScan
from ctkms.unknowns.json_text import read_json
from ctkms.unknowns.text import OWN_ACCOUNT, OWN_PARTITION, OWN_REGION, OWN_SUFFIX, Hole, Rest, Text, join, parts_of

MAIN, SERVICE = "/scan/main.yaml", "serverless.yml"
KEY_TYPE, TRAIL_TYPE = "AWS::KMS::Key", "AWS::CloudTrail::Trail"
SAME, OPEN, WRONG = "same", "open", "wrong"
OUTCOMES: Counts[str] = Counter()  # of all templates that were read

_WITH_VARIABLE = "StringEqualsIfExists"  # the operator of what compares with a variable of a policy
CONTEXT = "kms:EncryptionContext:aws:cloudtrail:arn"
NAMES = ("audit", "management-events", "org.trail_1", "a/b", "Trail")
ACCOUNTS: Tuple[Text, ...] = (OWN_ACCOUNT, OWN_ACCOUNT, OWN_ACCOUNT, "111122223333", "012345678901")
REGIONS: Tuple[Text, ...] = (OWN_REGION, OWN_REGION, "eu-west-1", "*")
PARTITIONS: Tuple[Text, ...] = (OWN_PARTITION, "aws", "aws-us-gov")


@dataclass(frozen=True)
class Reading:
    """What became of one template."""

    outcome: str
    told: str  # what was read instead, and the files


# The truth


def arn(rng: random.Random, service: str, resource: Text, region: bool = True) -> Text:
    """The ARN of something, in the own account or another."""
    where: Text = rng.choice(REGIONS) if region else ""
    return join(("arn:", rng.choice(PARTITIONS), f":{service}:", where, ":", rng.choice(ACCOUNTS), ":", resource))


def policy(rng: random.Random, trail: Text, role: Text, with_variables: bool = True) -> Dict[str, Any]:
    """A policy of known values; `trail` and `role` are ARNs of resources of the template."""
    statements = [_admin(rng), *(_statement(rng, trail, role) for _ in range(rng.randint(1, 4)))]
    for statement in statements if not with_variables else ():
        statement.get("Condition", {}).pop(_WITH_VARIABLE, None)
    return {"Version": rng.choice(("2012-10-17", "2012-10-17", "2008-10-17")), "Statement": statements}


def _admin(rng: random.Random) -> Dict[str, Any]:
    return {
        "Sid": rng.choice(("Admin", "Enable IAM User Permissions", "1")),
        "Effect": "Allow",
        "Principal": {"AWS": arn(rng, "iam", "root", region=False)},
        "Action": "kms:*",
        "Resource": "*",
    }


def _statement(rng: random.Random, trail: Text, role: Text) -> Dict[str, Any]:
    service = join(("cloudtrail.", OWN_SUFFIX)) if rng.random() < 0.2 else "cloudtrail.amazonaws.com"
    people: List[Any] = [role, arn(rng, "iam", "role/reader", region=False), rng.choice(ACCOUNTS)]
    principal: Any = rng.choice(({"Service": service}, {"AWS": people[: rng.randint(1, 3)]}, {"AWS": role}, "*"))
    statement: Dict[str, Any] = {
        "Effect": rng.choice(("Allow", "Allow", "Deny")),
        "Principal": principal,
        "Action": rng.choice(("kms:GenerateDataKey*", ["kms:DescribeKey", "kms:Decrypt"], ["kms:*"])),
        "Resource": rng.choice(("*", ["*"])),
    }
    if rng.random() < 0.8:
        statement["Condition"] = _condition(rng, trail)
    return statement


def _condition(rng: random.Random, trail: Text) -> Dict[str, Any]:
    whole = arn(rng, "cloudtrail", "trail/" + rng.choice(NAMES))
    values: Any = rng.choice((trail, whole, [trail, whole], ["arn:aws:cloudtrail:*:*:trail/*", whole]))
    found: Dict[str, Any] = {rng.choice(("StringLike", "StringEquals", "ArnLike")): {"aws:SourceArn": values}}
    if rng.random() < 0.5:
        found.setdefault("StringLike", {})[CONTEXT] = arn(rng, "cloudtrail", "trail/*")
    if rng.random() < 0.3:
        found["Null"] = {CONTEXT: rng.choice(("true", "false"))}
    if rng.random() < 0.2:
        found[_WITH_VARIABLE] = {"aws:PrincipalTag/x": "${aws:ResourceTag/x}"}
    return found


# Hiding it


@dataclass(frozen=True)
class Hidden:
    """The files of a scan and what they say: the policy of a key, and the name of the trail that uses it."""

    files: Mapping[str, str]
    file: str  # of the key
    trail_file: str
    policy: Dict[str, Any]
    name: Text


def hidden(seed: int) -> Hidden:
    """A policy, hidden in the templates of a scan, or in one service."""
    rng = random.Random(seed)  # noqa: S311 - the same files each time
    is_service = rng.random() < 0.2
    maker = Maker(rng, most_files=1 if is_service else MOST_FILES)
    main = maker.template(MAIN)
    home = maker.nested("/scan/keys.yaml", main)[0] if not is_service and rng.random() < 0.2 else main
    trails = maker.template("/scan/trails.yaml") if not is_service and home is main and rng.random() < 0.2 else home
    depth = rng.randint(1, 4)
    names = Names(rng.choice(NAMES), rng.choice(("log-reader", "admin")))
    in_loop = rng.random() < 0.1
    maker.attributes = names.attributes(home, with_trail=trails is home and not in_loop)
    # The framework takes a variable of a policy for one of its own.
    truth = policy(rng, names.trail_arn, names.role_arn, with_variables=not is_service)
    key_policy = _hidden_policy(maker, truth, home, depth)
    maker.attributes = {}  # of these resources, none is named after another
    role = {"RoleName": maker.text(names.role, home, depth), "Path": "/audit/"}
    resources: Dict[str, Any] = {
        "Key": {"Type": KEY_TYPE, "Properties": {"KeyPolicy": key_policy}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": role},
    }
    home.sections.setdefault("Resources", {}).update(resources)
    made = {"Trail": _trail(maker, names.trail, home, trails, depth)}
    trails.sections.setdefault("Resources", {}).update(_in_loop(made, trails, rng) if in_loop else made)
    if is_service:
        return Hidden(as_service(_content(main), rng), SERVICE, SERVICE, truth, names.trail)
    return Hidden({one.file: _said(one, rng) for one in maker.templates}, home.file, trails.file, truth, names.trail)


def _hidden_policy(maker: Maker, truth: Dict[str, Any], home: Template, depth: int) -> Any:
    kind = maker.rng.random()
    if kind < 0.1:
        return maker.text(json_text(truth), home, min(depth, 2))
    found = maker.value(truth, home, depth)
    if kind < 0.9:
        return found
    home.transformed = True
    return {"Fn::ToJsonString": found}


def _in_loop(made: Dict[str, Any], at: Template, rng: random.Random) -> Dict[str, Any]:
    """The resources as members of a loop that makes each of them once."""
    at.transformed = True
    variable, item = rng.choice(("L", "Item")), rng.choice(("A", "audit"))
    return {"Fn::ForEach::Made": [variable, [item], {f"{name}${{{variable}}}": one for name, one in made.items()}]}


def _trail(maker: Maker, name: str, home: Template, trails: Template, depth: int) -> Dict[str, Any]:
    key_id = _key_id(maker, home, depth)
    if trails is not home:
        exported = {"Name": maker.plain("key-of-trails", home, depth)}
        home.declare("Outputs", "Key", {"Value": key_id, "Export": exported})
        key_id = {"Fn::ImportValue": maker.plain("key-of-trails", trails, depth)}
    properties = {
        "TrailName": maker.text(name, trails, depth),
        "KMSKeyId": maker.around(key_id, trails, depth - 1),
        "S3BucketName": "logs",
    }
    condition = {"Condition": maker.condition(True, trails, depth)} if maker.rng.random() < 0.3 else {}
    return {"Type": TRAIL_TYPE, "Properties": properties, **condition}


@dataclass(frozen=True)
class Names:
    """How the resources of a template are called."""

    trail: str
    role: str

    @property
    def trail_arn(self) -> Text:
        """The trail's, wherever it is declared."""
        return join(("arn:", OWN_PARTITION, ":cloudtrail:", OWN_REGION, ":", OWN_ACCOUNT, f":trail/{self.trail}"))

    @property
    def role_arn(self) -> Text:
        """The role's, with its path."""
        return join(("arn:", OWN_PARTITION, ":iam::", OWN_ACCOUNT, f":role/audit/{self.role}"))

    def attributes(self, home: Template, with_trail: bool) -> Dict[Tuple[int, Text], List[Any]]:
        """The references by which these are known in their template."""
        of_role: Dict[Tuple[int, Text], List[Any]] = {
            (id(home), self.role_arn): [{"Fn::GetAtt": ["Role", "Arn"]}, {"Fn::Sub": "${Role.Arn}"}],
            (id(home), self.role): [{"Ref": "Role"}],
        }
        of_trail: Dict[Tuple[int, Text], List[Any]] = {
            (id(home), self.trail_arn): [{"Fn::GetAtt": ["Trail", "Arn"]}, {"Fn::Sub": "${Trail.Arn}"}],
            (id(home), self.trail): [{"Ref": "Trail"}, {"Fn::Sub": "${Trail}"}],
        }
        return {**of_role, **(of_trail if with_trail else {})}


def json_text(value: Any) -> Text:
    """JSON with own values in it."""
    if isinstance(value, dict):
        members = [join((json.dumps(name), ": ", json_text(one))) for name, one in value.items()]
        return join(("{", *_listed(members), "}"))
    if isinstance(value, list):
        return join(("[", *_listed([json_text(one) for one in value]), "]"))
    inside = (json.dumps(part)[1:-1] if isinstance(part, str) else part for part in parts_of(value))
    return join(('"', *inside, '"'))


def _listed(texts: List[Text]) -> Iterator[Text]:
    return (piece for position, one in enumerate(texts) for piece in ((", ", one) if position else (one,)))


def _key_id(maker: Maker, home: Template, depth: int) -> Any:
    """A reference to the key, or to an alias of it."""
    of_key = maker.rng.choice(({"Ref": "Key"}, {"Fn::GetAtt": ["Key", "Arn"]}, {"Fn::Sub": "${Key.Arn}"}))
    if maker.rng.random() < 0.7:
        return of_key
    # Which alias is called how is worked out once, before any condition is taken to hold.
    maker.open_conditions += MOST_OPEN
    properties = {"AliasName": maker.text("alias/logs", home, depth), "TargetKeyId": maker.around(of_key, home, depth)}
    maker.open_conditions -= MOST_OPEN
    home.sections["Resources"]["Alias"] = {"Type": "AWS::KMS::Alias", "Properties": properties}
    spelled = "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:alias/logs"
    return maker.rng.choice(({"Ref": "Alias"}, {"Fn::Sub": spelled}, {"Fn::Sub": "${Alias}"}))


def _said(template: Template, rng: random.Random) -> str:
    return (as_json if rng.random() < 0.25 else as_yaml)(_content(template), rng)


def _content(template: Template) -> Dict[str, Any]:
    transform = {"Transform": "AWS::LanguageExtensions"} if template.transformed else {}
    return {"AWSTemplateFormatVersion": "2010-09-09", **transform, "Resources": {}, **template.sections}


# Reading it


def read(given: Hidden) -> Reading:
    """What the reader makes of what is hidden."""
    with metered():
        key, trail = _subjects(given)
    files = "\n".join(f"--- {file}\n{text}" for file, text in given.files.items())
    if not isinstance(key, Subject):
        return Reading(OPEN if isinstance(key, Unjudged) else WRONG, f"{key}\n{files}")
    outcomes = [_compared(one, given, isinstance(trail, Unjudged)) for one in key.scenarios]
    # Where a condition that is not open was taken to be, one of the scenarios has to be another.
    guessed = any(re.search(r"\bC\d+\b", one.scenario) for one in key.scenarios)
    outcome = _worst(outcomes) if not guessed else WRONG if SAME not in outcomes and OPEN not in outcomes else OPEN
    said = "\n".join(f"{one.policy}\n{one.trails}" for one in key.scenarios)
    return Reading(outcome, f"{said}\ninstead of {given.policy}, {given.name}\n{files}")


def _subjects(given: Hidden) -> Tuple[Any, Any]:
    """What is judged of the key, and of the trail: nothing, unless its key is not seen."""
    if given.file != SERVICE:
        scan = TemplateScan(given.files)
        return scan.subject(given.file, KEY_TYPE, "Key"), scan.subject(given.trail_file, TRAIL_TYPE, "Trail")
    with TemporaryDirectory(dir=_MEMORY) as folder:
        for name, text in given.files.items():
            Path(folder, name).write_text(text, encoding="utf-8")
        path = str(Path(folder, SERVICE))
        service = ServiceScan({path: given.files[SERVICE]}, folder)
        return service.subject(path, KEY_TYPE, "Key"), service.subject(path, TRAIL_TYPE, "Trail")


# A file system in memory, where there is one.
_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


def _compared(key: Key, given: Hidden, trail_is_open: bool) -> str:
    content, _, problem = read_json(key.policy) if key.policy is not None else (None, 0, None)
    if problem is not None or content is None:
        return WRONG
    unseen = OPEN if key.open_trails or trail_is_open else WRONG
    outcomes = [_alike(content, given.policy), *(_alike(trail.name, given.name) for trail in key.trails)]
    return _worst([*outcomes, *([] if len(key.trails) == 1 else [unseen])])


def _worst(outcomes: List[str]) -> str:
    return WRONG if WRONG in outcomes else OPEN if OPEN in outcomes else SAME


def _alike(read: Any, truth: Any) -> str:
    """Whether a value that was read is the true one, may be it, or is another."""
    if isinstance(read, (Hole, Rest)) and not getattr(read, "own", False):
        return OPEN
    if isinstance(truth, dict) and isinstance(read, Mapping):
        if set(read) != set(truth):
            return WRONG
        return _worst([_alike(read[name], one) for name, one in truth.items()])
    if isinstance(truth, list) and isinstance(read, list):
        if any(isinstance(one, Rest) for one in read):
            return OPEN
        return _worst([SAME, *map(_alike, read, truth)]) if len(read) == len(truth) else WRONG
    if isinstance(truth, (dict, list)) or isinstance(read, (Mapping, list)):
        return WRONG
    return _same_text(read, truth)


def _same_text(read: Any, truth: Text) -> str:
    text: Text = json.dumps(read) if isinstance(read, bool) else read
    if text == truth:
        return SAME
    if not isinstance(text, str) and any(isinstance(part, Hole) and not part.own for part in parts_of(text)):
        pattern = "".join(".*" if _is_open(part) else re.escape(str(part)) for part in parts_of(text))
        return OPEN if re.fullmatch(pattern, str(truth), re.DOTALL) else WRONG
    return WRONG


def _is_open(part: Text) -> bool:
    return isinstance(part, Hole) and not part.own


# The law


def claims(seed: int) -> Tuple[int, List[Reading]]:
    """Read one template: one claim, and the reading if it is wrong."""
    found = read(hidden(seed))
    OUTCOMES[found.outcome] += 1
    return 1, [found] if found.outcome == WRONG else []


def told(found: Reading) -> str:
    """A wrong reading in words."""
    return f"{found.outcome}: {found.told}"


def noted() -> str:
    """How many were left open."""
    return f", {OUTCOMES[OPEN]} left open"
