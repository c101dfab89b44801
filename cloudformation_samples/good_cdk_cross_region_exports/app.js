// As good_cdk_cross_region, with the CDK's other way: custom resources carry the key's ARN into the trail's Region.
'use strict';

const cdk = require('aws-cdk-lib');
const cloudtrail = require('aws-cdk-lib/aws-cloudtrail');
const iam = require('aws-cdk-lib/aws-iam');
const kms = require('aws-cdk-lib/aws-kms');
const s3 = require('aws-cdk-lib/aws-s3');

// A key with the policy that CloudTrail's documentation asks for, for one trail.
class TrailKey extends kms.Key {
  constructor(scope, id, { trailName, region, reader }) {
    super(scope, id, { enableKeyRotation: true });
    const trails = { service: 'cloudtrail', resource: 'trail' };
    const source = { 'aws:SourceArn': cdk.Stack.of(this).formatArn({ ...trails, region, resourceName: trailName }) };
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

class LogStack extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    const reader = this.formatArn({ service: 'iam', region: '', resource: 'role', resourceName: 'LogReader' });
    this.bucket = new s3.Bucket(this, 'Logs', { bucketName: 'acme-exported-logs' });
    this.key = new TrailKey(this, 'TrailKey', { trailName: 'audit', region: 'us-east-1', reader });
  }
}

class TrailStack extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    new cloudtrail.Trail(this, 'Trail', { trailName: 'audit', bucket: props.bucket, encryptionKey: props.key });
  }
}

const account = '111122223333';
const app = new cdk.App();
const references = { crossRegionReferences: true };
const { bucket, key } = new LogStack(app, 'LogStack', { env: { account, region: 'eu-west-1' }, ...references });
new TrailStack(app, 'TrailStack', { env: { account, region: 'us-east-1' }, ...references, bucket, key });
app.synth();
