// Synthesises the apps of the samples: each cloudformation_samples/*/app.js writes the cdk.out beside it.
//
//     npm ci && npm run synth             # all of them
//     npm run synth -- good_cdk_nested    # those whose folder has this in its name
//
// Needs Node, and neither an AWS account nor the CDK's command. An app is handed what that command would hand
// to it: the folder for its output, and the context of the cdk.json beside it.
'use strict';

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const SAMPLES = path.join(__dirname, '..', '..', 'cloudformation_samples');
const MODULES = path.join(__dirname, 'node_modules');

// What the command sets by itself: https://docs.aws.amazon.com/cdk/v2/guide/context.html
const OF_THE_COMMAND = { 'aws:cdk:enable-path-metadata': true, 'aws:cdk:enable-asset-metadata': true };

// No template is in these: the tree of constructs, what was validated, and the code of the CDK's own functions.
const LEFT_OUT = /^(tree\.json|validation-report\.json|asset\..*|.*\.metadata\.json)$/;

const REPORTS = new Set(['cdk:tree', 'cdk:feature-flag-report']);

function synthesise(folder) {
  const output = path.join(folder, 'cdk.out');
  const settings = JSON.parse(fs.readFileSync(path.join(folder, 'cdk.json'), 'utf-8'));
  fs.rmSync(output, { recursive: true, force: true });
  const result = spawnSync(process.execPath, ['app.js'], {
    cwd: folder,
    stdio: 'inherit',
    env: {
      PATH: process.env.PATH,
      NODE_PATH: MODULES,
      CDK_OUTDIR: output,
      CDK_CONTEXT_JSON: JSON.stringify({ ...OF_THE_COMMAND, ...settings.context }),
      CDK_DISABLE_STACK_TRACE: '1',
    },
  });
  if (result.status !== 0) {
    throw new Error(`${folder}/app.js failed`);
  }
  keepTemplates(output);
}

function keepTemplates(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const found = path.join(folder, entry.name);
    if (LEFT_OUT.test(entry.name)) {
      fs.rmSync(found, { recursive: true });
    } else if (entry.isDirectory()) {
      keepTemplates(found);
    } else {
      fs.writeFileSync(found, `${withoutReports(entry.name, fs.readFileSync(found, 'utf-8')).trimEnd()}\n`);
    }
  }
}

// A manifest tells of every feature flag that the CDK has: 30 KB that change with each release.
function withoutReports(name, text) {
  if (name !== 'manifest.json') {
    return text;
  }
  const manifest = JSON.parse(text);
  const kept = Object.entries(manifest.artifacts).filter(([, one]) => !REPORTS.has(one.type));
  return JSON.stringify({ ...manifest, artifacts: Object.fromEntries(kept) }, null, 2);
}

const wanted = process.argv.slice(2);
for (const name of fs.readdirSync(SAMPLES).sort()) {
  const folder = path.join(SAMPLES, name);
  if (fs.existsSync(path.join(folder, 'app.js')) && (!wanted.length || wanted.some((one) => name.includes(one)))) {
    console.log(name);
    synthesise(folder);
  }
}
