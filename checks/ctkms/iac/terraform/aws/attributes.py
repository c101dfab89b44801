"""The attributes that AWS resources and data sources have once they exist, as far as they follow from the code.

A table: a resource type, an attribute, and how to work it out. What is not in the table has the
value that the code sets, or is not known. Names that the provider makes up are holes of the kind
`NAME`, and are named by the address of their resource: one resource, one value.
"""

from __future__ import annotations

from typing import Callable, Dict, Mapping, Optional, Protocol, Tuple

from ctkms.cloudtrail.resources import key_arn, trail_arn
from ctkms.iac.terraform.aws.policy_document import policy_of
from ctkms.iac.terraform.aws.providers import Provider
from ctkms.iac.terraform.evaluation.conversion import text
from ctkms.iac.terraform.evaluation.evaluate import Scope, evaluate
from ctkms.iac.terraform.evaluation.function_calls import TemplateScope
from ctkms.iac.terraform.evaluation.open_names import open_value
from ctkms.iac.terraform.evaluation.paths import from_working_folder
from ctkms.iac.terraform.evaluation.values import Failure, Json, Value
from ctkms.iac.terraform.syntax.hcl_parser import parse_template
from ctkms.iac.terraform.syntax.syntax_tree import Body
from ctkms.unknowns.text import MANAGEMENT_ACCOUNT, OWN_PARTITION, OWN_SUFFIX, Hole, Kind, Text, join, split

KEY_TYPES = ("aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key", "aws_kms_replica_external_key")
TRAIL, STORE = "aws_cloudtrail", "aws_cloudtrail_event_data_store"
TOPIC = "aws_sns_topic"
KEY_POLICY, ALIAS = "aws_kms_key_policy", "aws_kms_alias"


class Declared(Protocol):
    """One instance of a resource or data source."""

    @property
    def address(self) -> str:
        """Its name in the whole configuration."""

    @property
    def is_exact(self) -> bool:
        """Whether its address is that of one instance, not of several or of one among several."""

    @property
    def scope(self) -> Scope:
        """What its arguments can refer to."""

    @property
    def body(self) -> Body:
        """What the code says of it."""

    def argument(self, name: str) -> Value:
        """The value that the code sets; None when it sets none."""

    def known(self, name: str) -> Value:
        """The value of an attribute that Terraform has worked out already; None when it has not."""

    def provider(self) -> Provider:
        """The provider that makes it."""

    def key(self, reference: Value) -> Optional[Declared]:
        """The key resource in the same configuration that a key id, an ARN or an alias leads to."""


Formula = Callable[[Declared], Value]
TextFormula = Callable[[Declared], Text]


def attribute(declared: Declared, type_: str, name: str) -> Value:
    """The value of an attribute of a resource (`aws_kms_key`) or data source (`data.aws_kms_key`)."""
    known, formula = declared.known(name), _FORMULAS.get(type_, {}).get(name)
    if known is not None and (formula is None or isinstance(known, str)):
        return known
    if formula is not None:
        return formula(declared)
    given = declared.argument(name) if name in declared.body.attributes else None
    if given is not None:
        return given
    return Hole("${" + f"{declared.address}.{name}" + "}", _KINDS.get((type_, name), Kind.ANY))


def key_id(declared: Declared) -> Text:
    """The id that AWS gives to a key, or will give to it. One address is one key."""
    known = declared.known("key_id")
    if isinstance(known, str):
        return known
    return Hole(f"{declared.address}.key_id", Kind.KEY_ID if declared.is_exact else Kind.SOME_KEY_ID)


def as_text(value: Value, otherwise: Hole) -> Text:
    """A value where a string belongs."""
    try:
        return otherwise if value is None else text(value)
    except Failure:
        return otherwise


def _argument(name: str) -> TextFormula:
    return lambda declared: as_text(declared.argument(name), Hole("${" + f"{declared.address}.{name}" + "}"))


def _made(declared: Declared, name: str) -> Hole:
    """A name that the provider makes up."""
    return Hole("${" + f"{declared.address}.{name}" + "}", Kind.NAME)


def _constant(value: Text) -> Formula:
    return lambda declared: value


def _region(declared: Declared) -> Text:
    given = declared.argument("region")
    return declared.provider().region if given is None else as_text(given, _made(declared, "region"))


def _region_looked_up(declared: Declared) -> Text:
    given = declared.argument("name")
    return _region(declared) if given is None else as_text(given, _made(declared, "name"))


def _account(declared: Declared) -> Text:
    return declared.provider().account


# Names


def _name(argument: str, fixed_start: str = "") -> TextFormula:
    """A name that is given, or begins as given, or is made up."""

    def name(declared: Declared) -> Text:
        given = declared.argument(argument)
        if given is not None and given != "":
            return as_text(given, _made(declared, argument))
        prefix = declared.argument(_PREFIXES.get(argument, argument + "_prefix"))
        start = fixed_start if prefix is None else as_text(prefix, _made(declared, argument))
        return join((start, _made(declared, argument)))

    return name


_PREFIXES = {"bucket": "bucket_prefix"}
_named, _bucket, _alias_name = _name("name"), _name("bucket"), _name("name", "alias/")


def _principal(kind: str) -> Formula:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns"""

    def arn(declared: Declared) -> Text:
        path = declared.argument("path")
        where = "/" if path is None or path == "" else as_text(path, _made(declared, "path"))
        return join(("arn:", OWN_PARTITION, ":iam::", _account(declared), f":{kind}", where, _named(declared)))

    return arn


def _existing_principal(kind: str) -> Formula:
    """One that the code only looks up: its path is not known."""

    def arn(declared: Declared) -> Text:
        rest = _made(declared, "arn")
        return join(("arn:", OWN_PARTITION, ":iam::", _account(declared), f":{kind}/", rest))

    return arn


def _caller_arn(declared: Declared) -> Text:
    service, rest = _made(declared, "arn service"), _made(declared, "arn resource")
    return join(("arn:", OWN_PARTITION, ":", service, "::", _account(declared), ":", rest))


def _issuer_arn(declared: Declared) -> Text:
    """The role behind an assumed-role session is in the account of the session."""
    sections = split(as_text(declared.argument("arn"), _made(declared, "arn")), ":")
    issuer = _made(declared, "issuer_arn")
    return join(("arn:", sections[1], ":iam::", sections[4], ":", issuer)) if len(sections) > 5 else Hole(issuer.source)


def _service_principal(declared: Declared) -> Text:
    # In every partition; a service that is named otherwise somewhere is none that the rules speak of.
    return join((_argument("service_name")(declared), ".amazonaws.com"))


# Keys


def _key_arn(declared: Declared) -> Text:
    return key_arn(key_id(declared), _region(declared), _account(declared))


def _alias_arn(declared: Declared) -> Text:
    where = (_region(declared), ":", _account(declared), ":")
    return join(("arn:", OWN_PARTITION, ":kms:", *where, _alias_name(declared)))


def _target(attribute_name: str, reference: str) -> Formula:
    """An attribute of the key that is referred to, when the code declares that key."""

    def value(declared: Declared) -> Text:
        given = declared.argument(reference)
        found = declared.key(given)
        if found is not None:
            return _key_arn(found) if attribute_name == "arn" else key_id(found)
        named = as_text(given, _made(declared, reference))
        sections = split(named, ":")
        if len(sections) > 5 and not _is_alias(sections[-1]):
            return named if attribute_name == "arn" else split(sections[-1], "/")[-1]
        # Whatever key that is, it is the same one for each that names it so.
        id_ = Hole("${key_id of " + str(named) + "}", Kind.NAME) if _is_alias(sections[-1]) else named
        return key_arn(id_, _region(declared), _account(declared)) if attribute_name == "arn" else id_

    return value


def _is_alias(section: Text) -> bool:
    return isinstance(split(section, "/")[0], str) and split(section, "/")[0] == "alias"


def _topic_arn(declared: Declared) -> Text:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html"""
    return join(("arn:", OWN_PARTITION, ":sns:", _region(declared), ":", _account(declared), ":", _named(declared)))


# Data that the provider only works out


def _policy_json(declared: Declared) -> Value:
    policy = policy_of(declared.body, declared.scope)
    return policy if isinstance(policy, Hole) else Json(policy)


def _rendered(declared: Declared) -> Value:
    template = declared.argument("template")
    if not isinstance(template, str):
        return open_value(f"{declared.address}.rendered", [template])
    return evaluate(parse_template(template), TemplateScope(declared.scope, declared.argument("vars") or {}))


def _file_content(declared: Declared) -> Value:
    path = declared.argument("filename")
    where = from_working_folder(path)
    content = None if where is None else declared.scope.read_file(where)
    return open_value(f"{declared.address}.content", [path]) if content is None else content


_REVERSE_PREFIX = Hole("this partition's reverse DNS prefix", Kind.NAME, own=True)
_KEY: Mapping[str, Formula] = {"arn": _key_arn, "key_id": key_id, "id": key_id}
_BUCKET: Mapping[str, Formula] = {
    "bucket": _bucket,
    "id": _bucket,
    "arn": lambda declared: join(("arn:", OWN_PARTITION, ":s3:::", _bucket(declared))),
}
_ORGANIZATION: Mapping[str, Formula] = {"master_account_id": _constant(MANAGEMENT_ACCOUNT)}
_FORMULAS: Dict[str, Mapping[str, Formula]] = {
    **dict.fromkeys(KEY_TYPES, _KEY),
    ALIAS: {
        "name": _alias_name,
        "id": _alias_name,
        "arn": _alias_arn,
        "target_key_arn": _target("arn", "target_key_id"),
    },
    "data.aws_kms_key": {"arn": _target("arn", "key_id"), "id": _target("key_id", "key_id")},
    "data.aws_kms_alias": {
        "arn": _alias_arn,
        "id": _alias_arn,
        "target_key_arn": _target("arn", "name"),
        "target_key_id": _target("key_id", "name"),
    },
    TOPIC: {**dict.fromkeys(("arn", "id"), _topic_arn), "name": _named},
    TRAIL: {
        # `id` was the name, and is the ARN in later versions of the provider.
        "arn": lambda declared: trail_arn(_named(declared), _region(declared), _account(declared)),
        "name": _named,
        "home_region": _region,
    },
    "aws_iam_role": {"arn": _principal("role"), "name": _named, "id": _named},
    "aws_iam_user": {"arn": _principal("user"), "name": _named, "id": _named},
    "aws_iam_group": {"arn": _principal("group"), "name": _named, "id": _named},
    "aws_iam_policy": dict.fromkeys(("arn", "id"), _principal("policy")),
    "aws_s3_bucket": {**_BUCKET, "region": _region},
    "data.aws_s3_bucket": _BUCKET,
    "data.aws_iam_role": {"arn": _existing_principal("role"), "id": _named},
    "data.aws_iam_user": {"arn": _existing_principal("user")},
    "data.aws_caller_identity": {"account_id": _account, "id": _account, "arn": _caller_arn},
    "data.aws_region": dict.fromkeys(("name", "id", "region"), _region_looked_up),
    "data.aws_partition": {
        "partition": _constant(OWN_PARTITION),
        "id": _constant(OWN_PARTITION),
        "dns_suffix": _constant(OWN_SUFFIX),
        "reverse_dns_prefix": _constant(_REVERSE_PREFIX),
    },
    "data.aws_service_principal": {"name": _service_principal},
    "aws_organizations_organization": _ORGANIZATION,
    "data.aws_organizations_organization": _ORGANIZATION,
    "data.aws_iam_session_context": {"issuer_arn": _issuer_arn},
    "data.aws_iam_policy_document": {"json": _policy_json, "minified_json": _policy_json},
    "data.template_file": {"rendered": _rendered},
    "data.local_file": {"content": _file_content},
}
_KINDS: Dict[Tuple[str, str], Kind] = {
    ("aws_iam_role", "unique_id"): Kind.NAME,
    ("aws_iam_user", "unique_id"): Kind.NAME,
    ("aws_iam_group", "unique_id"): Kind.NAME,
    ("data.aws_iam_role", "unique_id"): Kind.NAME,
    ("data.aws_caller_identity", "user_id"): Kind.ANY,
    ("aws_organizations_account", "id"): Kind.ACCOUNT,
    ("aws_organizations_organization", "id"): Kind.NAME,
    ("data.aws_organizations_organization", "id"): Kind.NAME,
    ("data.aws_cloudtrail_service_account", "id"): Kind.ACCOUNT,
    ("data.aws_elb_service_account", "id"): Kind.ACCOUNT,
    ("random_id", "hex"): Kind.NAME,
    ("random_pet", "id"): Kind.NAME,
    ("random_uuid", "result"): Kind.NAME,
    ("random_integer", "result"): Kind.NAME,
}
