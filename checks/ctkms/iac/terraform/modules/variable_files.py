"""The values that variable files set.

https://developer.hashicorp.com/terraform/language/values/variables#variable-definitions-tfvars-files
"""

from __future__ import annotations

import json
from typing import Dict, Mapping, Tuple

from ctkms.iac.terraform.evaluation.evaluate import evaluate
from ctkms.iac.terraform.evaluation.scope import EmptyScope
from ctkms.iac.terraform.evaluation.values import Value
from ctkms.iac.terraform.modules.files import Files, joined
from ctkms.iac.terraform.syntax.hcl_parser import parse_file


def variable_files(files: Files, folder: str) -> Tuple[str, ...]:
    """The files that Terraform reads variables from without being told to, the strongest last."""
    names = files.names(folder)
    first = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
    automatic = [name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json"))]
    return tuple(joined(folder, name) for name in (*first, *automatic))


def given_variables(files: Files, folder: str) -> Dict[str, Value]:
    """The variables that these files set."""
    given: Dict[str, Value] = {}
    for path in variable_files(files, folder):
        text = files.read(path) or ""
        given.update(_from_json(text) if path.endswith(".json") else _from_hcl(text))
    return given


def _from_json(text: str) -> Mapping[str, Value]:
    try:
        content: object = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _from_hcl(text: str) -> Mapping[str, Value]:
    scope = EmptyScope()
    return {name: evaluate(expression, scope) for name, expression in parse_file(text).body.attributes.items()}
