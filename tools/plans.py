"""Has Terraform write the plans that the tests read, without an AWS account.

    python tools/plans.py                 every plan, for every sample and every scenario
    python tools/plans.py NAME ...        only those folders
    python tools/plans.py --jobs 4        so many at a time

From `terraform_samples/<name>/` comes `tests/plans/samples/<name>.json`; from the Terraform in
`tests/plans/scenarios/<name>/` comes `plan.json` beside it. A scenario's `state.json` is the state that its
plan starts from.

It needs `terraform` and its provider hashicorp/aws, which `terraform init` gets in the way that your CLI
configuration says. The plans that are checked in are of Terraform 1.11.4; another one may write other plans.

Terraform runs in a copy of the folder, with made-up credentials, and no call to AWS leaves the machine:
a stand-in on localhost answers the few that a plan needs and refuses the rest. Everything is set through the
environment, so a plan is what Terraform makes of the code as it stands. What it writes is kept as it is,
except for `timestamp`, which is always the same, and `relevant_attributes`, which Terraform writes in any order.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Dict, List, Mapping, NamedTuple, Optional, Tuple
from urllib.parse import parse_qsl

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "terraform_samples"
PLANS = ROOT / "tests" / "plans"

UNPLANNABLE: Mapping[str, str] = {
    "bad_080_missing_comma": "the provider refuses a policy that is no JSON",
    "unknown_key_in_registry_module": "its module is in the registry",
    "unknown_policy_from_registry_module": "its module is in the registry",
}
"""The samples that have no plan, and why."""

STORED_POLICY = (SAMPLES / "good_file_policy_json/policies/cloudtrail-key.json").read_text(encoding="utf-8")
STORED_POLICY = STORED_POLICY.replace("trail/management-events", "trail/audit")
"""The key policy that some samples keep in a parameter or in another stack's state."""

VARIABLES: Mapping[str, Mapping[str, str]] = {
    "good_account_variable_of_the_only_administrator": {"account_id": "111111111111"},
    "good_conditional_both_branches": {"bucket_keys": "true", "wide_readers": "false"},
    "unknown_account_in_conditions": {"trail_account_id": "111111111111"},
    "unknown_bucket_key_setting": {"bucket_key_enabled": "true"},
    "unknown_condition_branches_disagree": {"strict": "true"},
    "unknown_deny_with_open_organization": {"organization_id": "o-a1b2c3d4e5"},
    "unknown_extra_statements": {"extra_statements": "[]"},
    "unknown_policy_variable_without_default": {"key_policy": STORED_POLICY},
    "unknown_terraform_json_policy_variable": {"key_policy": STORED_POLICY},
}
"""What is handed to the samples whose variables have no default."""

PRETTY = ("pretty",)
"""The plans that are indented, as a user's `jq .` would."""

DROPPED = ("AWS_", "TF_VAR_", "TF_CLI_ARGS", "TF_DATA_DIR", "TF_WORKSPACE")
"""What the variables of the user's environment begin with that would change a plan."""

TIMESTAMP = "2026-01-01T00:00:00Z"
REGION = "us-east-1"
LOCK_FILE = 'provider "registry.terraform.io/hashicorp/aws" {\n  version = "5.100.0"\n}\n'

STS_ANSWER = """<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>{result}
</{action}Result><ResponseMetadata><RequestId>plan</RequestId></ResponseMetadata></{action}Response>"""
CALLER = "<Arn>arn:{partition}:iam::{account}:user/plan</Arn><UserId>AIDA{account}</UserId><Account>{account}</Account>"
ROLE = """<AssumedRoleUser><Arn>arn:{partition}:sts::{account}:assumed-role/Deploy/plan</Arn>
<AssumedRoleId>AROA{account}:plan</AssumedRoleId></AssumedRoleUser><Credentials>
<AccessKeyId>AKIA{account}</AccessKeyId><SecretAccessKey>plan</SecretAccessKey><SessionToken>plan</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"""

IAM_ANSWER = """<{action}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><{action}Result>{result}
</{action}Result><ResponseMetadata><RequestId>plan</RequestId></ResponseMetadata></{action}Response>"""
ROLE_MEMBERS = """<Path>{path}</Path><RoleName>{name}</RoleName><RoleId>AROA{account}</RoleId>
<Arn>arn:aws:iam::{account}:role{path}{name}</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>
<AssumeRolePolicyDocument>%7B%7D</AssumeRolePolicyDocument>"""
LISTED_ROLE = "AWSReservedSSO_LogReader_0123456789abcdef"
"""The one role that there is below any path."""

PARAMETER = {"Parameter": {"Name": "stored", "Type": "SecureString", "Value": STORED_POLICY, "Version": 1}}
MANAGEMENT = {"Id": "999999999999", "Name": "management", "Email": "management@example.com", "Status": "ACTIVE"}
MEMBER = {"Id": "222222222222", "Name": "workload", "Email": "workload@example.com", "Status": "ACTIVE"}
ORGANIZATION = {
    "Organization": {"Id": "o-a1b2c3d4e5", "FeatureSet": "ALL", "MasterAccountId": MANAGEMENT["Id"]},
    "Accounts": [MANAGEMENT, MEMBER],
    "Roots": [{"Id": "r-a1b2", "Name": "Root"}],
}
"""What the calls that describe the organization answer; each takes its own member of it."""

# By the service that the calls are for.
BY_SERVICE = {"AmazonSSM": PARAMETER, "AWSOrganizationsV20161128": ORGANIZATION}
OUTPUTS = {"cloudtrail_key_policy": {"value": STORED_POLICY, "type": "string"}}
STATE = {"version": 4, "serial": 1, "lineage": "plan", "outputs": OUTPUTS, "resources": []}
PARTITIONS = (("us-gov-", "aws-us-gov"), ("cn-", "aws-cn"), ("", "aws"))

# Terraform writes these characters so.
ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&"}

# Terraform's cache of providers is not made for more than one writer.
ONE_INIT_AT_A_TIME = Lock()

# The access key id that the stand-in is called with says which account the caller is in.
CREDENTIAL = re.compile(r"Credential=AKIA(\d{12})/\d+/([\w-]+)/")
ERROR = re.compile(r"Error: (.*)")


class Source(NamedTuple):
    """A folder of Terraform: the account it is planned in, and the file its plan goes to."""

    folder: Path
    account: str
    plan: Path


class StandIn(BaseHTTPRequestHandler):
    """Answers the calls that a plan makes to AWS."""

    def do_POST(self) -> None:
        """STS speaks forms and XML, the others are named in a header."""
        form = dict(parse_qsl(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()))
        answer = BY_SERVICE.get(self.headers.get("X-Amz-Target", "").split(".")[0])
        if answer:
            self._answer("application/x-amz-json-1.1", json.dumps(answer))
        elif form.get("Action") == "GetCallerIdentity":
            self._answer_sts("GetCallerIdentity", CALLER, self._caller()[0])
        elif form.get("Action") == "AssumeRole":
            self._answer_sts("AssumeRole", ROLE, form["RoleArn"].split(":")[4])
        elif form.get("Action") == "ListRoles":
            self._answer_iam("ListRoles", f"<Roles><member>{ROLE_MEMBERS}</member></Roles>", form, LISTED_ROLE)
        elif form.get("Action") == "GetRole":
            self._answer_iam("GetRole", f"<Role>{ROLE_MEMBERS}</Role>", form, form["RoleName"])
        else:
            self.send_error(400)

    def do_GET(self) -> None:
        """Another stack's state in S3."""
        if "list-type" in self.path:
            self._answer("application/xml", "<ListBucketResult/>")
        elif self.path.split("?")[0].endswith(".tfstate"):
            self._answer("application/json", json.dumps(STATE))
        else:
            self.send_error(404)

    do_HEAD = do_GET  # noqa: N815

    def _caller(self) -> Tuple[str, str]:
        """The account and the Region that a call is signed for."""
        signed = CREDENTIAL.search(self.headers.get("Authorization", ""))
        return (signed[1], signed[2]) if signed else ("000000000000", REGION)

    def _answer_iam(self, action: str, result: str, form: Mapping[str, str], name: str) -> None:
        filled = result.format(path=form.get("PathPrefix", "/"), name=name, account=self._caller()[0])
        self._answer("text/xml", IAM_ANSWER.format(action=action, result=filled))

    def _answer_sts(self, action: str, result: str, account: str) -> None:
        region = self._caller()[1]
        partition = next(name for start, name in PARTITIONS if region.startswith(start))
        filled = result.format(account=account, partition=partition)
        self._answer("text/xml", STS_ANSWER.format(action=action, result=filled))

    def _answer(self, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Print nothing: the calls are of no interest."""


def sources() -> Dict[str, Source]:
    """Every folder that gets a plan, by its name."""
    found = {
        folder.name: Source(folder, "111111111111", PLANS / "samples" / f"{folder.name}.json")
        for folder in sorted(SAMPLES.iterdir())
        if folder.is_dir() and folder.name not in UNPLANNABLE
    }
    for main in sorted((PLANS / "scenarios").glob("*/main.tf")):
        found[main.parent.name] = Source(main.parent, "111122223333", main.with_name("plan.json"))
    return found


def environment(source: Source, endpoint: str, cache: Path) -> Dict[str, str]:
    """The user's environment without what would change the plan, and with what it needs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(DROPPED)}
    kept.setdefault("TF_PLUGIN_CACHE_DIR", str(cache))
    kept.update(
        TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE="1",
        CHECKPOINT_DISABLE="1",
        AWS_ACCESS_KEY_ID=f"AKIA{source.account}",
        AWS_SECRET_ACCESS_KEY="plan",  # noqa: S106
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        AWS_ENDPOINT_URL=endpoint,
        AWS_REGION=REGION,
    )
    kept.update({f"TF_VAR_{name}": value for name, value in VARIABLES.get(source.folder.name, {}).items()})
    return kept


def make_plan(source: Source, endpoint: str, cache: Path) -> str:
    """The plan of a folder, as text."""
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary, "work")
        shutil.copytree(source.folder, work, ignore=shutil.ignore_patterns(".terraform*", "plan.json"))
        (work / ".terraform.lock.hcl").write_text(LOCK_FILE, encoding="utf-8")
        if (work / "state.json").exists():
            (work / "state.json").rename(work / "terraform.tfstate")
        settings = environment(source, endpoint, cache)
        with ONE_INIT_AT_A_TIME:
            terraform(work, settings, "init", "-input=false")
        terraform(work, settings, "plan", "-input=false", "-lock=false", "-refresh=false", "-out=plan.bin")
        return written(terraform(work, settings, "show", "-json", "plan.bin"), source.folder.name in PRETTY)


def terraform(work: Path, settings: Mapping[str, str], command: str, *options: str) -> str:
    """What a command of Terraform's prints."""
    line = ["terraform", command, "-no-color", *options]
    return subprocess.run(line, cwd=work, env=settings, check=True, capture_output=True, text=True).stdout  # noqa: S603


def written(shown: str, pretty: bool) -> str:
    """The plan as it is kept: the same on every run."""
    plan = json.loads(shown)
    plan["timestamp"] = TIMESTAMP
    plan.get("relevant_attributes", []).sort(key=json.dumps)
    if pretty:
        return json.dumps(plan, ensure_ascii=False, indent=2) + "\n"
    return json.dumps(plan, ensure_ascii=False, separators=(",", ":")).translate(ESCAPES) + "\n"


def keep_plan(source: Source, endpoint: str, cache: Path) -> Optional[str]:
    """Write one plan; what went wrong, if anything."""
    try:
        source.plan.write_text(make_plan(source, endpoint, cache), encoding="utf-8")
    except subprocess.CalledProcessError as failure:
        error = ERROR.search(failure.stderr)
        return f"{source.folder.name}: terraform {failure.cmd[1]}: {error[1] if error else failure.stderr.strip()}"
    return None


def main() -> int:
    """Write the plans that are asked for; the return value is the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    known = sources()
    names: List[str] = options.names or list(known)
    for name in names:
        if name not in known:
            sys.exit(f"{name}: {UNPLANNABLE.get(name, 'no such sample or scenario')}")
    if not shutil.which("terraform"):
        sys.exit("terraform is not on the PATH")
    server = ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
    Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    with tempfile.TemporaryDirectory() as cache, ThreadPoolExecutor(options.jobs) as pool:
        outcomes = pool.map(lambda name: keep_plan(known[name], endpoint, Path(cache)), names)
        errors = [error for error in outcomes if error]
    print("\n".join([*errors, f"{len(names) - len(errors)} of {len(names)} plans written"]))
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
