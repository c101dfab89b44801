"""What the CDK writes beside the templates that it synthesises: which stack each is, where it goes, and its assets.

The manifest of a cloud assembly (`cdk.out/manifest.json`, one in the folder of each stage) gives each stack's name,
account and Region; a template does not. `<stack>.assets.json` gives the file behind the hash in an address in S3.
https://github.com/aws/aws-cdk-cli/tree/main/packages/@aws-cdk/cloud-assembly-schema
"""

from __future__ import annotations

import os.path
import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Callable, Dict, Iterator, Mapping, Optional, Tuple

from ctkms.iac.cloudformation.templates.template import entries
from ctkms.iac.cloudformation.templates.template_text import read_json

MANIFEST = "manifest.json"
TEMPLATE, ASSETS = ".template.json", ".assets.json"  # how the names of the files end
MAX_SIZE = 3_000_000  # characters; the manifest of a hundred stacks has a tenth of it

_STACK = "aws:cloudformation:stack"
_ENVIRONMENT = re.compile(r"aws://([0-9]{12}|unknown-account)/([a-z]{2,}(?:-[a-z]+)+-[0-9]{1,2}|unknown-region)")

ReadBeside = Callable[[str, str], Optional[str]]  # the text of a file of that name in a folder, if it may be read


@dataclass(frozen=True)
class StackIdentity:
    """What is known of a stack besides its template; "" where nothing is."""

    name: str = ""
    account: str = ""
    region: str = ""


UNKNOWN_STACK = StackIdentity()


class Assembly:
    """The manifests and lists of assets of a scan. Each is read once, when somebody asks for it."""

    def __init__(self, read_beside: ReadBeside) -> None:
        self._read_beside = read_beside
        self._stacks: Dict[str, Mapping[str, StackIdentity]] = {}
        self._assets: Dict[str, Mapping[str, str]] = {}

    def identity(self, file: str) -> StackIdentity:
        """The stack that a manifest makes of a template."""
        folder, name = os.path.split(file)
        if not name.endswith(TEMPLATE):
            return UNKNOWN_STACK
        if folder not in self._stacks:
            self._stacks[folder] = _stacks_of(self._content(folder, MANIFEST))
        return self._stacks[folder].get(name, UNKNOWN_STACK)

    def asset(self, file: str, key: str) -> Optional[str]:
        """The path of the file that is uploaded for a template under a name in S3; None where nobody says."""
        folder, name = os.path.split(file)
        if not name.endswith(TEMPLATE):
            return None
        listed = name[: -len(TEMPLATE)] + ASSETS
        if file not in self._assets:
            self._assets[file] = dict(_assets_of(self._content(folder, listed)))
        return self._assets[file].get(key)

    def _content(self, folder: str, name: str) -> Mapping[str, object]:
        text = self._read_beside(folder, name) or ""
        return entries(read_json(text)) if len(text) <= MAX_SIZE else {}


NO_ASSEMBLY = Assembly(lambda folder, name: None)


def _stacks_of(manifest: Mapping[str, object]) -> Mapping[str, StackIdentity]:
    """The stacks by the file of their template, which lies beside the manifest."""
    found: Dict[str, StackIdentity] = {}
    for file, identity in _declared(manifest):
        # A template of two stacks is neither's alone.
        found[file] = identity if found.get(file, identity) == identity else UNKNOWN_STACK
    return found


def _declared(manifest: Mapping[str, object]) -> Iterator[Tuple[str, StackIdentity]]:
    for artifact, declared in entries(manifest.get("artifacts")).items():
        fields = entries(declared)
        properties = entries(fields.get("properties"))
        file = properties.get("templateFile")
        if fields.get("type") == _STACK and isinstance(file, str):
            name = properties.get("stackName", artifact)
            account, region = _environment(fields.get("environment"))
            yield file, StackIdentity(name if isinstance(name, str) else "", account, region)


def _environment(given: object) -> Tuple[str, str]:
    found = _ENVIRONMENT.fullmatch(given) if isinstance(given, str) else None
    account, region = found.groups() if found is not None else ("", "")
    return account if account.isdecimal() else "", "" if region == "unknown-region" else region


def _assets_of(listed: Mapping[str, object]) -> Iterator[Tuple[str, str]]:
    """The last part of each address in S3, with the path of what is uploaded there."""
    for declared in entries(listed.get("files")).values():
        fields = entries(declared)
        path = entries(fields.get("source")).get("path")
        for destination in entries(fields.get("destinations")).values():
            key = entries(destination).get("objectKey")
            if isinstance(path, str) and isinstance(key, str):
                yield PurePath(key).name, path


def asset_path(metadata: Mapping[str, object], property_: str) -> Optional[str]:
    """The file that the CDK says, on the resource itself, it took for a property."""
    path = metadata.get("aws:asset:path")
    return path if isinstance(path, str) and metadata.get("aws:asset:property") == property_ else None
