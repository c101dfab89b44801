// Key, trail, bucket and the reader's role in one stack.
'use strict';

const cdk = require('aws-cdk-lib');
const cloudtrail = require('aws-cdk-lib/aws-cloudtrail');
const iam = require('aws-cdk-lib/aws-iam');
const kms = require('aws-cdk-lib/aws-kms');

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

class AuditStack extends cdk.Stack {
  constructor(scope, id, props) {
    super(scope, id, props);
    const reader = new iam.Role(this, 'LogReader', { assumedBy: new iam.AccountRootPrincipal() });
    const key = new TrailKey(this, 'TrailKey', { trailName: 'audit', reader: reader.roleArn });
    new cloudtrail.Trail(this, 'Trail', { trailName: 'audit', encryptionKey: key });
  }
}

const app = new cdk.App();
new AuditStack(app, 'AuditStack');
app.synth();
