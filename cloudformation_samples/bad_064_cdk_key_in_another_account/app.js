// The key is in account 111122223333, the event data store in 444455556666. AWS: both must be in one account.
'use strict';

const cdk = require('aws-cdk-lib');
const cloudtrail = require('aws-cdk-lib/aws-cloudtrail');
const iam = require('aws-cdk-lib/aws-iam');
const kms = require('aws-cdk-lib/aws-kms');

class KeyStack extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    this.key = new kms.Key(this, 'StoreKey', { enableKeyRotation: true });
    this.key.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('cloudtrail.amazonaws.com')],
        actions: ['kms:GenerateDataKey', 'kms:Decrypt', 'kms:DescribeKey'],
        resources: ['*'],
      }),
    );
  }
}

class LakeStack extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    new cloudtrail.CfnEventDataStore(this, 'Lake', { name: 'lake', kmsKeyId: props.key.keyArn });
  }
}

const region = 'eu-west-1';
const app = new cdk.App();
const { key } = new KeyStack(app, 'KeyStack', { env: { account: '111122223333', region } });
new LakeStack(app, 'LakeStack', { env: { account: '444455556666', region }, key });
app.synth();
