"""What `Ref` and `Fn::GetAtt` return for the resource types that key policies speak of.

Data from each type's "Return values" section:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Mapping, Optional, Tuple

from ctkms.unknowns.text import OWN_ACCOUNT, OWN_PARTITION, OWN_REGION, Hole, Kind, Text, join

KEY_TYPES = frozenset({"AWS::KMS::Key", "AWS::KMS::ReplicaKey"})
ALIAS_TYPE = "AWS::KMS::Alias"
ENTRY_TYPE = "AWS::SSM::Parameter"  # an entry of Parameter Store
TRAIL_TYPE = "AWS::CloudTrail::Trail"
STORE_TYPE = "AWS::CloudTrail::EventDataStore"
TOPIC_TYPE = "AWS::SNS::Topic"
BUCKET_TYPE = "AWS::S3::Bucket"
ORGANIZATION_TYPE = "AWS::Organizations::Organization"
ACCOUNT_TYPE = "AWS::Organizations::Account"
ROLE_TYPE = "AWS::IAM::Role"
USER_TYPE = "AWS::IAM::User"
GROUP_TYPE = "AWS::IAM::Group"

# The property that holds the key, for the resources of CloudTrail's that use one.
KEY_PROPERTIES = {TRAIL_TYPE: "KMSKeyId", STORE_TYPE: "KmsKeyId"}

# The same for what else uses keys, by the path to it; buckets are left out, since trails share keys with them.
OTHER_KEY_PROPERTIES: Mapping[str, Tuple[str, ...]] = {
    TOPIC_TYPE: ("KmsMasterKeyId",),
    "AWS::AmazonMQ::Broker": ("EncryptionOptions", "KmsKeyId"),
    "AWS::Backup::BackupVault": ("EncryptionKeyArn",),
    "AWS::CodeArtifact::Domain": ("EncryptionKey",),
    "AWS::CodeBuild::Project": ("EncryptionKey",),
    "AWS::CodePipeline::Pipeline": ("ArtifactStore", "EncryptionKey", "Id"),
    "AWS::DMS::ReplicationInstance": ("KmsKeyId",),
    "AWS::DocDB::DBCluster": ("KmsKeyId",),
    "AWS::DynamoDB::GlobalTable": ("Replicas", "SSESpecification", "KMSMasterKeyId"),
    "AWS::DynamoDB::Table": ("SSESpecification", "KMSMasterKeyId"),
    "AWS::EC2::Volume": ("KmsKeyId",),
    "AWS::ECR::Repository": ("EncryptionConfiguration", "KmsKey"),
    "AWS::EFS::FileSystem": ("KmsKeyId",),
    "AWS::EKS::Cluster": ("EncryptionConfig", "Provider", "KeyArn"),
    "AWS::ElastiCache::ReplicationGroup": ("KmsKeyId",),
    "AWS::Elasticsearch::Domain": ("EncryptionAtRestOptions", "KmsKeyId"),
    "AWS::Events::EventBus": ("KmsKeyIdentifier",),
    "AWS::FSx::FileSystem": ("KmsKeyId",),
    "AWS::Kinesis::Stream": ("StreamEncryption", "KeyId"),
    "AWS::KinesisFirehose::DeliveryStream": ("DeliveryStreamEncryptionConfigurationInput", "KeyARN"),
    "AWS::Lambda::Function": ("KmsKeyArn",),
    "AWS::Logs::LogGroup": ("KmsKeyId",),
    "AWS::MSK::Cluster": ("EncryptionInfo", "EncryptionAtRest", "DataVolumeKMSKeyId"),
    "AWS::Neptune::DBCluster": ("KmsKeyId",),
    "AWS::OpenSearchService::Domain": ("EncryptionAtRestOptions", "KmsKeyId"),
    "AWS::RDS::DBCluster": ("KmsKeyId",),
    "AWS::RDS::DBInstance": ("KmsKeyId",),
    "AWS::Redshift::Cluster": ("KmsKeyId",),
    "AWS::SageMaker::NotebookInstance": ("KmsKeyId",),
    "AWS::SecretsManager::Secret": ("KmsKeyId",),
    "AWS::Serverless::Function": ("KmsKeyArn",),
    "AWS::SQS::Queue": ("KmsMasterKeyId",),
    "AWS::StepFunctions::StateMachine": ("EncryptionConfiguration", "KmsKeyId"),
    "AWS::Timestream::Database": ("KmsKeyId",),
    "AWS::WorkSpaces::Workspace": ("VolumeEncryptionKey",),
}

# The property that says where the nested template is.
STACK_SET_TYPE = "AWS::CloudFormation::StackSet"
NESTING_PROPERTIES = {
    "AWS::CloudFormation::Stack": "TemplateURL",
    "AWS::Serverless::Application": "Location",
    STACK_SET_TYPE: "TemplateURL",
}


@dataclass(frozen=True)
class Deployment:
    """A template as deployed: on its own, or as the nested stack `stack` of another deployment.

    `apart` is an instance of a stack set, which is in an account and a Region of its own.
    """

    file: str
    parent: Optional[Deployment] = None
    stack: str = ""
    apart: bool = False

    @property
    def outermost(self) -> Deployment:
        """The stack whose account and Region this one shares: the outermost, or an instance of a stack set."""
        around = self
        while around.parent is not None and not around.apart:
            around = around.parent
        return around


Place = Tuple[Deployment, str]  # a resource: where it is deployed, and its logical id


@dataclass(frozen=True)
class MadeName(Hole):
    """The name that AWS or CloudFormation gives to one resource when it makes it."""

    place: Optional[Place] = None


@dataclass(frozen=True)
class Shape:
    """How resources of one type are named.

    `name` is the property in which the author may give the name; without it, `made` says whose name
    it is. In `arn`, `{name}` is the name and `{path}` the property `Path`.
    """

    name: str
    arn: str
    arns: Tuple[str, ...] = ("Arn",)  # the attributes that return the ARN
    names: Tuple[str, ...] = ()  # the attributes that return the name
    ref_is_arn: bool = False
    made: str = "the name CloudFormation gives {}"
    kind: Kind = Kind.NAME  # of a name that is made
    fixed: Mapping[str, Text] = field(default_factory=dict)  # attributes that are the same for all of the type
    given: Tuple[str, ...] = ()  # the attributes that return the property of that name


_KEY = Shape(
    "", "arn:{partition}:kms:{region}:{account}:key/{name}", names=("KeyId",), made="{}.KeyId", kind=Kind.KEY_ID
)
_FUNCTION = Shape("FunctionName", "arn:{partition}:lambda:{region}:{account}:function:{name}")

SHAPES: Mapping[str, Shape] = {
    "AWS::KMS::Key": _KEY,
    "AWS::KMS::ReplicaKey": _KEY,
    ALIAS_TYPE: Shape("AliasName", "arn:{partition}:kms:{region}:{account}:{name}"),
    ENTRY_TYPE: Shape(
        "Name", "arn:{partition}:ssm:{region}:{account}:parameter/{name}", arns=(), given=("Type", "Value")
    ),
    "AWS::CloudTrail::Trail": Shape("TrailName", "arn:{partition}:cloudtrail:{region}:{account}:trail/{name}"),
    "AWS::CloudTrail::EventDataStore": Shape(
        "",  # the property Name is no part of the ARN
        "arn:{partition}:cloudtrail:{region}:{account}:eventdatastore/{name}",
        arns=("EventDataStoreArn",),
        ref_is_arn=True,
        made="the id of {}",
    ),
    BUCKET_TYPE: Shape("BucketName", "arn:{partition}:s3:::{name}"),
    ROLE_TYPE: Shape("RoleName", "arn:{partition}:iam::{account}:role{path}{name}"),
    USER_TYPE: Shape("UserName", "arn:{partition}:iam::{account}:user{path}{name}"),
    GROUP_TYPE: Shape("GroupName", "arn:{partition}:iam::{account}:group{path}{name}"),
    "AWS::IAM::ManagedPolicy": Shape(
        "ManagedPolicyName",
        "arn:{partition}:iam::{account}:policy{path}{name}",
        arns=("PolicyArn",),
        ref_is_arn=True,
    ),
    "AWS::Lambda::Function": _FUNCTION,
    "AWS::Serverless::Function": _FUNCTION,
    TOPIC_TYPE: Shape(
        "TopicName",
        "arn:{partition}:sns:{region}:{account}:{name}",
        arns=("TopicArn",),
        names=("TopicName",),
        ref_is_arn=True,
    ),
    "AWS::Logs::LogGroup": Shape("LogGroupName", "arn:{partition}:logs:{region}:{account}:log-group:{name}:*"),
    # Whoever makes an organization is its management account, so there the two are one value:
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-organizations-organization.html
    ORGANIZATION_TYPE: Shape(
        "",
        "arn:{partition}:organizations::{account}:organization/{name}",
        names=("Id",),
        made="the id of {}",
        fixed={"ManagementAccountId": OWN_ACCOUNT},
    ),
    ACCOUNT_TYPE: Shape("", "", arns=(), names=("AccountId",), made="{}.AccountId", kind=Kind.ACCOUNT),
}

_FIELD = re.compile(r"\{(\w+)\}")


def arn_of(shape: Shape, name: Text, path: Text = "/", account: Text = OWN_ACCOUNT, region: Text = OWN_REGION) -> Text:
    """The ARN of a resource."""
    fields: Mapping[str, Text] = {
        "partition": OWN_PARTITION,
        "region": region,
        "account": account,
        "name": name,
        "path": path,
    }
    return join(fields[piece] if index % 2 else piece for index, piece in enumerate(_FIELD.split(shape.arn)))
