"""AWS's names for actions and condition keys: which exist, and which one a misspelt name means."""

from __future__ import annotations

import pytest

from ctkms.iam.vocabulary import (
    CONDITION_KEYS,
    KMS_ACTIONS,
    action_exists,
    condition_key,
    condition_key_exists,
    nearest_action,
    nearest_condition_key,
)
from ctkms.unknowns.text import OWN_ACCOUNT, Hole, Text, join

OPEN = Hole("${var.x}")


@pytest.mark.parametrize(
    "pattern",
    [
        "kms:Decrypt",
        "KMS:decrypt",
        "kms:GenerateDataKey*",
        "kms:Get*",
        "kms:*",
        "kms:*Key*",
        "kms:Generate???",
        "*",
        "kms:ReEncrypt*",
        "kms:ReEncryptFrom",
        "kms:SynchronizeMultiRegionKey",
        "kms:GetKeyLastUsage",
        "kms:Decapsulate",
        OPEN,
        join(("kms:", OPEN)),
    ],
    ids=str,
)
def test_pattern_names_an_action(pattern: Text) -> None:
    assert action_exists(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "kms",
        "kms:",
        "Decrypt",
        "kms:Decript",
        "kms:Describe",
        "kms:ReEncrypt",  # the operation; its permissions are ReEncryptFrom and ReEncryptTo
        "kms:GenerateDataKeys*",
        "kms:kms:Decrypt",
        "kms: Decrypt",
        "kms:Generate????",
        "s3:GetObject",
        "s3:*",
        "cloudtrail:*",
        join(("s3:", OPEN)),
        join(("kms:", OWN_ACCOUNT)),
    ],
    ids=str,
)
def test_pattern_names_no_action(pattern: Text) -> None:
    assert not action_exists(pattern)


@pytest.mark.parametrize(
    "name",
    [
        "aws:SourceArn",
        "AWS:SourceArn",
        "aws:sourcearn",
        "aws:SourceOrgPaths",
        "aws:PrincipalTag/team",
        "AWS:PRINCIPALTAG/Team",
        "aws:ResourceTag/a/b:c",
        "kms:EncryptionContext:aws:cloudtrail:arn",
        "kms:encryptioncontext:AWS:CloudTrail:Arn",
        "kms:EncryptionContextKeys",
        "kms:RecipientAttestation:PCR31",
        "kms:RecipientAttestation:NitroTPMPCR23",
        "kms:RecipientAttestation:ImageSha384",
        "ec2:SourceInstanceARN",
        "saml:sub",
        "token.actions.githubusercontent.com:sub",
        join(("kms:EncryptionContext:", OPEN)),
        join(("kms:EncryptionContext:aws:", OPEN, ":arn")),
        OPEN,
    ],
    ids=str,
)
def test_condition_key_exists(name: Text) -> None:
    assert condition_key_exists(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ":",
        "SourceArn",
        "aws:SourceARNs",
        "aws:CallerAccount",
        "aws:PrincipalTag",
        "aws:PrincipalTag/",
        "kms:EncryptionContext",
        "kms:EncryptionContext:",
        "kms:kms:EncryptionContext:aws:cloudtrail:arn",
        "kmsCallerAccount",
        "kms:RecipientAttestation:PCR32",
        "kms:RecipientAttestation:NitroTPMPCR24",
        "s3:prefix",
        join(("aws:SourceArn", OPEN, "/")),
    ],
    ids=str,
)
def test_condition_key_does_not_exist(name: Text) -> None:
    assert not condition_key_exists(name)


@pytest.mark.parametrize(
    ("name", "multivalued"),
    [
        ("aws:SourceArn", False),
        ("AWS:TAGKEYS", True),
        ("aws:CalledVia", True),
        ("aws:CalledViaFirst", False),
        ("aws:PrincipalOrgPaths", True),
        ("aws:PrincipalOrgID", False),
        ("kms:GrantOperations", True),
        ("kms:EncryptionContextKeys", True),
        ("kms:EncryptionContext:aws:cloudtrail:arn", False),
        ("aws:PrincipalTag/team", False),
    ],
)
def test_multivalued(name: str, multivalued: bool) -> None:
    key = condition_key(name)
    assert key is not None
    assert key.multivalued is multivalued


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("kms:Decript", "kms:Decrypt"),
        ("kms:GenerateDatakeys*", "kms:GenerateDataKey"),
        ("kms:DescribeKeys", "kms:DescribeKey"),
        ("Decrypt", "kms:Decrypt"),
        ("kmd:Decrypt", "kms:Decrypt"),
        ("kms:kms:Decrypt", "kms:Decrypt"),
        ("kms:ReEncrypt", "kms:ReEncryptTo"),
        ("kms:ListAlias", "kms:ListAliases"),
        ("s3:GetObject", None),
        ("kms:FooBar", None),
        ("", None),
    ],
)
def test_nearest_action(misspelt: str, meant: str | None) -> None:
    assert nearest_action(misspelt) == meant


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("kmsCallerAccount", "kms:CallerAccount"),
        ("aws:CallerAccount", "kms:CallerAccount"),
        ("aws:ViaService", "kms:ViaService"),
        ("kms:SourceArn", "aws:SourceArn"),
        ("aws:SourceArns", "aws:SourceArn"),
        ("SourceAccount", "aws:SourceAccount"),
        ("aws:PrincipalOrgId s", "aws:PrincipalOrgID"),
        ("kms:kms:EncryptionContext:aws:cloudtrail:arn", "kms:EncryptionContext:aws:cloudtrail:arn"),
        ("kms:EncryptionContexts:aws:cloudtrail:arn", "kms:EncryptionContext:aws:cloudtrail:arn"),
        ("kms:EncryptionContext/Department", "kms:EncryptionContext:Department"),
        ("aws:PrincipalTags/Team", "aws:PrincipalTag/Team"),
        ("aws:PrincipalTag:Team", "aws:PrincipalTag/Team"),
        ("kms:EncryptionContext", "kms:EncryptionContext:<key>"),
        ("kms:EncryptionContext:", "kms:EncryptionContext:<key>"),
        ("aws:PrincipalTag", "aws:PrincipalTag/<key>"),
        ("s3:prefix", None),
        ("", None),
    ],
)
def test_nearest_condition_key(misspelt: str, meant: str | None) -> None:
    assert nearest_condition_key(misspelt) == meant


def test_hostile_names_are_answered_quickly() -> None:
    for name in (":" * 100_000, "kms:EncryptionContext:" + "a:" * 50_000, "é" * 100_000):
        condition_key_exists(name)
        nearest_condition_key(name)
        nearest_action(name)


def test_every_key_and_action_knows_itself() -> None:
    for action in KMS_ACTIONS:
        assert action_exists(f"kms:{action}")
        assert nearest_action(f"kms:{action}") == f"kms:{action}"
    for key in CONDITION_KEYS:
        name = key.name + "x" if key.family else key.name
        assert condition_key(name) == key
        assert nearest_condition_key(name) == name


def test_names_are_unique_in_lower_case() -> None:
    names = [key.name.lower() for key in CONDITION_KEYS]
    assert len(names) == len(set(names))
    assert all(name.rstrip(":/") for name in names)
