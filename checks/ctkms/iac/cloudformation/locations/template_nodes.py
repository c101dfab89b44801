"""The text of a template as a tree of nodes with their places."""

from __future__ import annotations

from typing import Optional

from ctkms.iac.cloudformation.templates.yaml_loaders import TemplateLoader
from ctkms.unknowns.source_nodes import Node, json_node
from ctkms.unknowns.yaml_nodes import yaml_node


def template_node(text: str) -> Optional[Node]:
    """The tree of a template in JSON or YAML; None where it cannot be read."""
    node = json_node(text) if text.lstrip()[:1] == "{" else None
    return node if node is not None else yaml_node(text, TemplateLoader)
