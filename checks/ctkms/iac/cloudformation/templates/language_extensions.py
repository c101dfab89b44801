"""What only the transform `AWS::LanguageExtensions` adds to the language of a template.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-languageextensions.html
Where a template does not declare it, AWS refuses these functions, and nothing is known of what they stand for.
"""

from __future__ import annotations

from ctkms.iac.cloudformation.templates.template import LANGUAGE_EXTENSIONS

FUNCTIONS = frozenset({"Fn::Length", "Fn::ToJsonString"})
LOOP = "Fn::ForEach"
WITHOUT = f"without Transform {LANGUAGE_EXTENSIONS}"
