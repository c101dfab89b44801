"""Which resources of AWS take a KMS key, and in which argument: a table.

Left out is what has a place of its own here (trails, event data stores, topics, key policies,
aliases, grants), and all of S3: whose key a bucket names says nothing of what else it is for.
https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Dict, Iterator, List, Mapping, Tuple

from ctkms.iac.terraform.evaluation.dynamic_blocks import Nested, blocks
from ctkms.iac.terraform.evaluation.values import Value
from ctkms.iac.terraform.instances.resource_instance import ResourceInstance
from ctkms.unknowns.text import Text

if TYPE_CHECKING:
    from ctkms.iac.terraform.instances.scenario import Scenario

Argument = Tuple[str, ...]  # the nested blocks that lead to an argument, and its name

# A resource type with the arguments in it that name a key.
ENCRYPTED: Mapping[str, Tuple[Argument, ...]] = {
    **dict.fromkeys(
        (
            "aws_cloudwatch_log_group",
            "aws_docdb_cluster",
            "aws_ebs_snapshot_copy",
            "aws_ebs_volume",
            "aws_efs_file_system",
            "aws_elasticache_replication_group",
            "aws_elasticache_serverless_cache",
            "aws_fsx_lustre_file_system",
            "aws_fsx_ontap_file_system",
            "aws_fsx_openzfs_file_system",
            "aws_fsx_windows_file_system",
            "aws_kinesis_stream",
            "aws_redshift_cluster",
            "aws_sagemaker_domain",
            "aws_sagemaker_notebook_instance",
            "aws_secretsmanager_secret",
        ),
        (("kms_key_id",),),
    ),
    **dict.fromkeys(
        (
            "aws_backup_vault",
            "aws_dms_replication_instance",
            "aws_guardduty_publishing_destination",
            "aws_lambda_function",
            "aws_memorydb_cluster",
            "aws_neptune_cluster",
        ),
        (("kms_key_arn",),),
    ),
    **dict.fromkeys(
        ("aws_db_instance", "aws_rds_cluster", "aws_rds_cluster_instance"),
        (("kms_key_id",), ("performance_insights_kms_key_id",), ("master_user_secret_kms_key_id",)),
    ),
    **dict.fromkeys(("aws_opensearch_domain", "aws_elasticsearch_domain"), (("encrypt_at_rest", "kms_key_id"),)),
    **dict.fromkeys(
        ("aws_ecr_repository", "aws_apprunner_service"),
        (("encryption_configuration", "kms_key"),),
    ),
    "aws_cloudwatch_event_bus": (("kms_key_identifier",),),
    "aws_codeartifact_domain": (("encryption_key",),),
    "aws_codebuild_project": (("encryption_key",),),
    "aws_codepipeline": (("artifact_store", "encryption_key", "id"),),
    "aws_config_delivery_channel": (("s3_kms_key_arn",),),
    "aws_dynamodb_table": (("server_side_encryption", "kms_key_arn"),),
    "aws_ebs_default_kms_key": (("key_arn",),),
    "aws_eks_cluster": (("encryption_config", "provider", "key_arn"),),
    "aws_instance": (("root_block_device", "kms_key_id"), ("ebs_block_device", "kms_key_id")),
    "aws_kinesis_firehose_delivery_stream": (("server_side_encryption", "key_arn"),),
    "aws_launch_template": (("block_device_mappings", "ebs", "kms_key_id"),),
    "aws_mq_broker": (("encryption_options", "kms_key_id"),),
    "aws_msk_cluster": (("encryption_info", "encryption_at_rest_kms_key_arn"),),
    "aws_sfn_state_machine": (("encryption_configuration", "kms_key_id"),),
    "aws_sqs_queue": (("kms_master_key_id",),),
    "aws_ssm_parameter": (("key_id",),),
    "aws_timestreamwrite_database": (("kms_key_id",),),
    "aws_workspaces_workspace": (("volume_encryption_key",),),
}

# Names of arguments that take a key, wherever they stand. `id` may be anything.
KEY_ARGUMENTS = tuple(
    sorted({path[-1] for paths in ENCRYPTED.values() for path in paths if path[-1] != "id"} - {"key_id"})
)


def other_users(scenario: Scenario) -> Mapping[Text, Tuple[str, ...]]:
    """The addresses of the resources that certainly use a key, by the id of that key."""
    found: Dict[Text, List[str]] = {}
    for instance in scenario.instances(*ENCRYPTED) if scenario.declares(*ENCRYPTED) else ():
        references = (value for path in ENCRYPTED[instance.type] for value in _values(instance, path))
        for identity in dict.fromkeys(
            scenario.shared.identity(one, instance) for one in references if one is not None and one != ""
        ):
            found.setdefault(identity, []).append(instance.address)
    return {identity: tuple(addresses) for identity, addresses in found.items()}


def _values(instance: ResourceInstance, path: Argument) -> Iterator[Value]:
    """The values of an argument in nested blocks, of those blocks that are certainly there."""
    if len(path) == 1:
        yield instance.argument(path[0])
        return
    places = [Nested(instance.body, instance.scope)]
    for type_ in path[:-1]:
        places = [one for place in places for one in blocks(place.body, type_, place.scope) if one.open is None]
    for place in places:
        yield place.value(path[-1])
