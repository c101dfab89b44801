// A key and its trail in two stacks: KeyStack exports the key's ARN, TrailStack imports it (Fn::ImportValue).
'use strict';

const cdk = require('aws-cdk-lib');
const cloudtrail = require('aws-cdk-lib/aws-cloudtrail');
const iam = require('aws-cdk-lib/aws-iam');
const kms = require('aws-cdk-lib/aws-kms');
const s3 = require('aws-cdk-lib/aws-s3');

// A key with the policy that CloudTrail's documentation asks for, for one trail.
class TrailKey extends kms.Key {
  constructor(scope, id, { trailName, reader }) {
    super(scope, id, { enableKeyRotation: true });
    const trails = { service: 'cloudtrail', resource: 'trail' };
    const source = { 'aws:SourceArn': cdk.Stack.of(this).formatArn({ ...trails, resourceName: trailName }) };
    const context = 'kms:EncryptionContext:aws:cloudtrail:arn';
    const anyTrail = cdk.Stack.of(this).formatArn({ ...trails, region: '*', resourceName: '*' });
    this.allow(new iam.ServicePrincipal('cloudtrail.amazonaws.com'), 'kms:GenerateDataKey*', {
      StringEquals: source,
      StringLike: { [context]: anyTrail },
    });
    this.allow(new iam.ServicePrincipal('cloudtrail.amazonaws.com'), 'kms:DescribeKey', { StringEquals: source });
    this.allow(new iam.ArnPrincipal(reader), 'kms:Decrypt', { Null: { [context]: 'false' } });
  }

  allow(principal, action, conditions) {
    this.addToResourcePolicy(
      new iam.PolicyStatement({ principals: [principal], actions: [action], resources: ['*'], conditions }),
    );
  }
}

class KeyStack extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    const reader = this.formatArn({ service: 'iam', region: '', resource: 'role', resourceName: 'LogReader' });
    this.key = new TrailKey(this, 'TrailKey', { trailName: 'audit', reader });
  }
}

class TrailStack extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    new cloudtrail.Trail(this, 'Trail', {
      trailName: 'audit',
      bucket: s3.Bucket.fromBucketName(this, 'Logs', 'acme-cloudtrail-logs'),
      encryptionKey: props.key,
    });
  }
}

const app = new cdk.App();
const { key } = new KeyStack(app, 'KeyStack');
new TrailStack(app, 'TrailStack', { key });
app.synth();
