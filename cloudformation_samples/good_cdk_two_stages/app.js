// Two stages with stacks and outputs of the same names, each with a trail and a key of its own.
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

class AuditStage extends cdk.Stage {
  constructor(scope, id, { trailName, allowed, ...props }) {
    super(scope, id, props);
    const keys = new cdk.Stack(this, 'Keys', { stackName: 'audit-keys' });
    const reader = keys.formatArn({ service: 'iam', region: '', resource: 'role', resourceName: 'LogReader' });
    const key = new TrailKey(keys, `${id}TrailKey`, { trailName: allowed, reader });
    const trails = new cdk.Stack(this, 'Trails', { stackName: 'audit-trails' });
    new cloudtrail.Trail(trails, 'Trail', {
      trailName,
      bucket: s3.Bucket.fromBucketName(trails, 'Logs', `acme-${trailName}-logs`),
      encryptionKey: key,
    });
  }
}

const app = new cdk.App();
const region = 'eu-west-1';
new AuditStage(app, 'Dev', { env: { account: '111122223333', region }, trailName: 'audit-dev', allowed: 'audit-dev' });
new AuditStage(app, 'Prod', { env: { account: '444455556666', region }, trailName: 'audit', allowed: 'audit' });
app.synth();
