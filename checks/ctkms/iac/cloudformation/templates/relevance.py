"""Which files of a scan can have to do with CloudTrail at all, judged by their text.

Reading a template costs far more than searching it. In a tree where nothing speaks of CloudTrail no
template is read; elsewhere, those that do and those that they are linked with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Dict, FrozenSet, Iterable, List, Set

from ctkms.cloudtrail.evidence import speaks_of_cloudtrail

_NESTING = ("AWS::CloudFormation::Stack", "AWS::Serverless::Application")  # a stack set begins with the first
_NESTED = ".nested.template.json"  # how the CDK's names of nested templates end; an address has their hash
# A function that takes a value from another stack, and what stands in the template that gives it.
_TAKING = (
    ("ImportValue", "Export"),
    ("GetStackOutput", "Outputs"),
    ("CrossRegionExportReader", "CrossRegionExportWriter"),
    ("resolve:ssm:", "AWS::SSM::Parameter"),
    ("AWS::SSM::Parameter::Value", "AWS::SSM::Parameter"),
)
_KEY_PROPERTY = re.compile(r"(?i)kms|EncryptionKey|KeyArn")
_FILE_NAME = re.compile(r"(?<![\w.-])[\w.-]+\.(?:ya?ml|json|template)")


def relevant_files(texts: Mapping[str, str]) -> FrozenSet[str]:
    """The files to read, of all the texts by file name: none when no text speaks of CloudTrail."""
    chosen = {file for file, text in texts.items() if speaks_of_cloudtrail(text)}
    if not chosen:
        return frozenset()
    chosen |= _nested(texts)
    for takes, gives in _TAKING:
        if any(takes in texts[file] for file in chosen):
            chosen |= {file for file, text in texts.items() if gives in text}
    if any("alias/" in texts[file] for file in chosen):
        chosen |= {file for file, text in texts.items() if "AWS::KMS::Alias" in text}
    return frozenset(chosen | _others_using_keys(texts, chosen))


def _others_using_keys(texts: Mapping[str, str], chosen: Set[str]) -> Set[str]:
    """Templates in which something else than CloudTrail may use a key of the chosen ones: that is evidence too."""
    keys = [texts[file] for file in chosen if "AWS::KMS::" in texts[file]]
    names = [name for name, shown in (*_TAKING, ("alias/", "alias/")) if any(shown in t for t in keys)]
    return {file for file, text in texts.items() if any(name in text for name in names) and _KEY_PROPERTY.search(text)}


def _nested(texts: Mapping[str, str]) -> Set[str]:
    """Templates with nested stacks, and those that they may nest: values flow both ways."""
    parents = {file for file, text in texts.items() if any(kind in text for kind in _NESTING)}
    mentioned = {name for file in parents for name in _FILE_NAME.findall(texts[file])}
    names = {file: re.split(r"[\\/]", file)[-1] for file in texts} if parents else {}
    return parents | {file for file, name in names.items() if name in mentioned or name.endswith(_NESTED)}


def any_speaks(values: Iterable[object]) -> bool:
    """The same question for templates already read."""
    waiting: List[object] = list(values)
    seen: Dict[int, object] = {}
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if speaks_of_cloudtrail(value):
                return True
        elif isinstance(value, (Mapping, list, tuple)) and id(value) not in seen:
            seen[id(value)] = value  # an anchor is one object, however often it is used
            if isinstance(value, Mapping):
                waiting.extend(value.keys())
                waiting.extend(value.values())
            else:
                waiting.extend(value)
    return False
