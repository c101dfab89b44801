"""Rule 080 and cfn-lint's E3512 say the same of a generated set of policies, or it is known why not.

E3512 checks a key policy against a schema for the policies of all services. Where it says something
else, `REASONS` has the kind and the page of AWS.
"""

from __future__ import annotations

import re
from collections import deque
from typing import Any, Dict, Iterator, List, NamedTuple, Tuple

import pytest
from cfnlint.context import create_context_for_template  # type: ignore[import-untyped]
from cfnlint.jsonschema import CfnTemplateValidator  # type: ignore[import-untyped]
from cfnlint.rules.resources.iam.ResourcePolicy import ResourcePolicy  # type: ignore[import-untyped]
from cfnlint.template import Template  # type: ignore[import-untyped]

from ctkms.iam.conditions import OPERATORS
from ctkms.iam.document import parse
from ctkms.iam.lint import problems_of

Labelled = Tuple[str, Any]  # what is special about a policy, and the policy

STATEMENT: Dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
ROOT = "arn:aws:iam::111122223333:root"
ABSENT = object()
JSON_VALUES: Tuple[Any, ...] = (
    "x",
    ["x"],
    ["x", "y"],
    [],
    {},
    {"x": "y"},
    None,
    1,
    1.5,
    True,
    [None],
    [1],
    [["x"]],
    [{}],
    "",
)
AWS_NAMES: Tuple[Any, ...] = (
    *("*", "111122223333", "11112222333", "1111222233334", "1111-2222-3333", "", "alice", "AROAEXAMPLEIDOFAROLE1"),
    *(f"{arn}:iam::111122223333:root" for arn in ("arn:aws", "arn:aws-cn", "arn:aws-us-gov", "arn:aws-iso")),
    *(f"{arn}:iam::111122223333:root" for arn in ("arn:aws-eusc", "arn:aws-xyz", "arn:", "arn:*", "arn:AWS")),
    *(f"{arn}:aws:iam::111122223333:root" for arn in ("ARN", "Arn", "xarn", " arn", "\tarn")),
    *(f"arn:aws:iam::{account}:root" for account in ("*", "account-id", "", "11112222333", "cloudfront")),
    *(f"arn:aws:iam::111122223333:{name}" for name in ("ROOT", "rootuser", "root ", "root\n", "*", "user/a", "user")),
    *(f"arn:aws:iam::111122223333:role{name}" for name in ("", "/", "/a", "/p/a", "/*", "/a?")),
    *("arn:aws:iam::111122223333:group/g", "arn:aws:iam::111122223333:policy/p", "arn:aws:iam::cloudfront:user/x"),
    *("arn:aws:sts::111122223333:assumed-role/a/s", "arn:aws:sts::111122223333:federated-user/f"),
    *("arn:aws:iam:us-east-1:111122223333:root", "arn:aws:sts:us-east-1:111122223333:assumed-role/a/s"),
    *("arn:aws:s3:::bucket", "arn:aws:kms:us-east-1:111122223333:key/1", "cloudtrail.amazonaws.com"),
    *(111122223333, None, True, [], ["x"], {}),
)
OPERATOR_NAMES = (
    *sorted(row.name for row in OPERATORS.values()),
    *("Null", "StringEqual", "StringsLike", "IpAddressNot", "ArnNotLikes", "Stringlike", "DateNotLessThan"),
    *("NumericGreaterThanEqual", "BoolIfExist", "", "String Equals", " StringEquals"),
)
CONDITION_VALUES: Tuple[Any, ...] = (
    *("true", "false", ["true"], ["true", "false"], [], None, 1, 1.5, True, False),
    *([True], [1], [None], [["true"]], {}, {"a": "b"}),
)


def policy(**elements: Any) -> Dict[str, Any]:
    statement = {name: value for name, value in {**STATEMENT, **elements}.items() if value is not ABSENT}
    return {"Version": "2012-10-17", "Statement": [statement]}


def of_policies() -> Iterator[Labelled]:
    for name in ("Version", "Id"):
        for value in (*JSON_VALUES, "2012-10-17", "2008-10-17", "2012-10-18"):
            yield f"{name} {value!r}", {**policy(), name: value}
        yield f"{name} absent", {key: value for key, value in policy().items() if key != name}
    statements: Tuple[Any, ...] = (
        STATEMENT,
        [STATEMENT, STATEMENT],
        [STATEMENT, None],
        [STATEMENT, "x"],
        [[STATEMENT]],
    )
    for value in (*JSON_VALUES, *statements):
        yield f"Statement {value!r}", {**policy(), "Statement": value}
    yield "Statement absent", {"Version": "2012-10-17"}
    yield "a Sid twice", {**policy(), "Statement": [{**STATEMENT, "Sid": "a"}, {**STATEMENT, "Sid": "a"}]}


def of_elements() -> Iterator[Labelled]:
    pairs = [(name, "Not" + name) for name in ("Principal", "Action", "Resource")]
    for name in ("Sid", "Effect", "Condition", "Comment", *(one for pair in pairs for one in pair)):
        for value in (*JSON_VALUES, "*", ["*"], "Deny", "allow"):
            yield f"{name} {value!r}", policy(**{name: value})
        yield f"{name} absent", policy(**{name: ABSENT})
    for name, negated in pairs:
        for value in (*JSON_VALUES, "*", ["*"]):
            yield f"only {negated} {value!r}", policy(**{name: ABSENT, negated: value})


def of_principals() -> Iterator[Labelled]:
    for name in ("Principal", "NotPrincipal"):
        for one in AWS_NAMES:
            yield f"AWS {one!r}", policy(**{"Principal": ABSENT, name: {"AWS": one}})
            yield f"AWS in a list {one!r}", policy(**{"Principal": ABSENT, name: {"AWS": [ROOT, one]}})
        for kind in ("Service", "Federated", "CanonicalUser", "aws", "Aws", "User"):
            names: Tuple[Any, ...] = ("cloudtrail.amazonaws.com", ["cloudtrail.amazonaws.com"], [], None, {})
            for value in names:
                yield f"{kind} {value!r}", policy(**{"Principal": ABSENT, name: {kind: value}})


def of_conditions() -> Iterator[Labelled]:
    for qualifier in ("", "ForAnyValue:", "ForAllValues:", "ForSomeValues:", "forallvalues:"):
        for name in OPERATOR_NAMES:
            for ending in ("", "IfExists", "Exists"):
                operator = qualifier + name + ending
                value = "true" if name in ("Null", "Bool") else "1"
                yield f"operator {operator}", policy(Condition={operator: {"aws:SourceAccount": value}})
    for operator in ("StringEquals", "Bool", "Null", "NumericEquals"):
        for value in CONDITION_VALUES:
            yield f"{operator} of {value!r}", policy(Condition={operator: {"aws:SourceAccount": value}})
    blocks: Tuple[Any, ...] = (
        {},
        {"StringEquals": {}},
        {"StringEquals": []},
        {"StringEquals": "x"},
        {"StringEquals": None},
    )
    for block in blocks:
        yield f"Condition {block!r}", policy(Condition=block)


class Reason(NamedTuple):
    """Why one of the two has nothing against a policy that the other refuses."""

    fails: str  # who has something against it: "080" or "E3512"
    labels: str  # a regular expression for what is special about the policies
    why: str


_GRAMMAR = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html"
_PRINCIPALS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
_OPERATORS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"

REASONS = (
    Reason(
        *("080", "Version absent"),
        "Without it ${...} is plain text, which hardly anybody means: "
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html",
    ),
    Reason(
        *("080", r"(Statement|(only )?(Not)?Resource) \[\]|only NotPrincipal {}|Principal {}"),
        f"An element lists one thing at least: {_GRAMMAR}",
    ),
    Reason(*("080", r"(AWS|Service|Federated|CanonicalUser) \[\]"), f"So does a type of principal: {_GRAMMAR}"),
    Reason(
        *("080", r"((only Not)?Principal {'x'|aws |Aws |User )"),
        f"AWS, Service, Federated and CanonicalUser are the types of principals, in this case: {_PRINCIPALS}",
    ),
    Reason(
        *("080", r"(only Not)?Action (''|\[?'[A-Za-z])"),
        "No action of KMS has the name, so the statement has no effect: "
        "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html",
    ),
    Reason(
        *("080", r"AWS (in a list )?'arn:aws:iam::111122223333:(root|role|user)"),
        "The name of a principal is whole and has no wildcard and no blank; the schema looks at its beginning only: "
        + _PRINCIPALS,
    ),
    Reason(*("080", r"AWS (in a list )?.*group/g"), f"A group is no principal: {_PRINCIPALS}"),
    Reason(
        *("080", r"AWS (in a list )?.*cloudfront:user"),
        "An origin access identity is a principal of buckets: https://docs.aws.amazon.com/AmazonCloudFront/latest/"
        "DeveloperGuide/private-content-restricting-access-to-s3.html",
    ),
    Reason(
        *("080", r"operator .*(?<!If)Exists"),
        f"The ending is IfExists; there is no operator that ends in Exists: {_OPERATORS}#Conditions_IfExists",
    ),
    Reason(
        *("080", r"operator (For(Any|All)Values?:)?Null(IfExists)?"),
        f"Null asks of the key itself, so it takes neither a set operator nor IfExists: {_OPERATORS}#Conditions_Null",
    ),
    Reason(
        *("E3512", r"operator (forallvalues:.*|.*Stringlike.*)"),
        f"No page says that the case of an operator matters, so 080 has nothing against another one: {_OPERATORS}",
    ),
    Reason(
        *("E3512", r"operator .*BinaryEquals(IfExists)?"),
        f"IfExists and set operators go with every operator but Null: {_OPERATORS}#Conditions_IfExists",
    ),
    Reason(
        *("E3512", r"AWS (in a list )?'arn:aws-(iso|eusc):"),
        "AWS has more partitions than the schema: "
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns",
    ),
    Reason(
        *("E3512", r"AWS (in a list )?.*federated-user/f"), f"A federated user session is a principal: {_PRINCIPALS}"
    ),
    Reason(
        *(
            "E3512",
            r"(Id|Sid|(only Not)?Resource|Federated|AWS( in a list)?|Null of|\w+ of) \[?(True|1|1\.5|1{4}2{4}3{4})\]?",
        ),
        "CloudFormation and most of AWS take a number or a boolean for its text, and a condition's value may be one: "
        + _GRAMMAR,
    ),
    Reason(
        *("E3512", r"only NotResource (''|\[?'x'.*)"),
        "KMS does not document what it makes of a NotResource that is no ARN: "
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html",
    ),
)


@pytest.fixture(scope="module")
def e3512() -> Any:
    """`e3512(policy)` is what cfn-lint's rule has against a key policy."""
    template = {"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {}}}}}
    cfn = Template("template.yaml", template, regions=["us-east-1"])
    context = create_context_for_template(cfn)
    at = context.path.evolve(cfn_path=deque(["Resources", "AWS::KMS::Key", "Properties", "KeyPolicy"]))
    validator = CfnTemplateValidator({}).evolve(cfn=cfn, context=context.evolve(path=at))
    rule = ResourcePolicy()
    return lambda given: [error.message for error in rule.validate(validator, "KeyPolicy", given, {})]


def reasons_for(fails: str, label: str) -> List[Reason]:
    return [
        reason for reason in REASONS if reason.fails == fails and re.fullmatch(reason.labels + ".*", label, re.DOTALL)
    ]


def test_rule_080_and_cfn_lint_agree_or_it_is_known_why_not(e3512):
    unexplained, needed, count = [], set(), 0
    for label, given in (*of_policies(), *of_elements(), *of_principals(), *of_conditions()):
        count += 1
        ours, theirs = problems_of(parse(given)), e3512(given)
        if bool(ours) != bool(theirs):
            reasons = reasons_for("080" if ours else "E3512", label)
            needed.update(reasons)
            if not reasons:
                unexplained.append((label, [problem.what for problem in ours] or theirs))
    assert unexplained == []
    assert [reason for reason in REASONS if reason not in needed] == []
    assert count > 1_000
