"""Which KMS key a reference leads to.

A key may be named by its id, its ARN, an alias or the ARN of an alias:
https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
"""

from __future__ import annotations

from ctkms.iam.text import Text, join, parts_of, split


def identity_of(reference: Text) -> Text:
    """The key id, or the name of the alias with its `alias/`, whatever form the reference has."""
    for separator, prefix in ((":key/", ""), (":alias/", "alias/")):
        pieces = split(reference, separator)
        if len(pieces) == 2:
            return join((prefix, pieces[1]))
    return reference


def is_alias(identity: Text) -> bool:
    """Whether an identity is the name of an alias."""
    first = parts_of(identity)[0]
    return isinstance(first, str) and first.startswith("alias/")
