"""Which KMS key a reference leads to.

A key may be named by its id, its ARN, an alias or the ARN of an alias:
https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
"""

from __future__ import annotations

import re

from ctkms.unknowns.text import Text, join, parts_of, split

# An alias that only AWS makes, for a key that nobody gives a policy; or the key behind it, as looked up.
_OF_AWS = re.compile(r"(?:\$\{key_id of (?:arn:[^/]*:)?)?alias/aws/")


def identity_of(reference: Text) -> Text:
    """The key id, or the name of the alias with its `alias/`, whatever form the reference has."""
    for separator, prefix in ((":key/", ""), (":alias/", "alias/")):
        pieces = split(reference, separator)
        if len(pieces) == 2:
            return join((prefix, pieces[1]))
    return reference


def is_of_aws(identity: Text) -> bool:
    """Whether an identity is that of a key which an AWS service has made for itself."""
    return _OF_AWS.match(str(identity)) is not None


def is_alias(identity: Text) -> bool:
    """Whether an identity is the name of an alias."""
    first = parts_of(identity)[0]
    return isinstance(first, str) and first.startswith("alias/")
