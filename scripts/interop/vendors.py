#!/usr/bin/env python3
"""Holds our tables against the vendors' own packages, which it gets into target/interop/vendors: every error code of
mcp/data/cloud_errors.csv that names a package as its source is still in it, and the actions of
mcp/data/permissions.toml are operations that the packages know. What stands in no package but in a document is counted by
document, never passed silently.

    scripts/interop/vendors.py
"""

import csv
import glob
import gzip
import json
import pathlib
import re
import subprocess
import sys
import tomllib
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
HOME = ROOT / "target" / "interop" / "vendors"
PACKAGES = [
    "botocore==1.44.5", "google-api-python-client==2.202.0", "googleapis-common-protos==1.76.0",
    "azure-storage-blob==12.31.1", "azure-mgmt-compute==39.0.0", "azure-mgmt-network==33.1.0",
    "azure-mgmt-storage==25.3.0", "azure-mgmt-containerservice==41.8.0", "azure-mgmt-trafficmanager==2.0.0",
    "azure-mgmt-quota==3.0.1", "azure-ai-ml==1.35.2", "google-cloud-bigquery==3.47.0",
]
# AWS: the name of a service in policies, and of its model; and actions whose names differ from the operation they allow.
AWS = {"ec2": "ec2/2016-11-15", "autoscaling": "autoscaling/2011-01-01", "eks": "eks/2017-11-01", "s3": "s3/2006-03-01",
       "sagemaker": "sagemaker/2017-07-24", "pricing": "pricing/2017-10-15", "servicequotas": "service-quotas/2019-06-24",
       "cloudwatch": "cloudwatch/2010-08-01", "secretsmanager": "secretsmanager/2017-10-17", "kms": "kms/2014-11-01",
       "health": "health/2016-08-04", "route53": "route53/2013-04-01"}
AWS_ALIASES = {"s3:PutEncryptionConfiguration": "PutBucketEncryption", "s3:PutBucketPublicAccessBlock": "PutPublicAccessBlock",
               "s3:PutLifecycleConfiguration": "PutBucketLifecycleConfiguration"}
DISCOVERY = ["compute.v1", "container.v1", "storage.v1", "aiplatform.v1", "monitoring.v3", "secretmanager.v1", "dns.v1"]
# Google: verbs of permissions, and of the methods that they are for.
GOOGLE_VERBS = {"create": "insert", "update": "patch", "add": "addVersion", "use": "insert", "deploy": "deployModel", "undeploy": "undeployModel"}


def fetch():
    done = HOME / ".done"
    if done.exists() and done.read_text() == "\n".join(PACKAGES):
        return
    HOME.mkdir(parents=True, exist_ok=True)
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check", "-d", HOME, *PACKAGES], check=True)
    for wheel in HOME.glob("*.whl"):
        zipfile.ZipFile(wheel).extractall(HOME)
    done.write_text("\n".join(PACKAGES))


def text(pattern):
    return "".join(pathlib.Path(path).read_text() for path in sorted(glob.glob(str(HOME / pattern))))


def botocore(name):
    path = HOME / "botocore/data" / f"{name}.json"
    return path.read_text() if path.exists() else gzip.open(f"{path}.gz", "rt").read()


def source(named):
    """The text of the package that a row names; none where it names a document."""
    if named.startswith("botocore") and "data/" in named and " and " not in named:
        return botocore(named.split("data/")[1].split(" ")[0])
    if named.startswith("botocore"):
        return text("botocore/retries/standard.py")
    if named.startswith("azure-storage-blob"):
        return text("azure/storage/blob/_shared/models.py")
    if named.startswith("googleapis-common-protos"):
        return text("google/rpc/code.proto") + text("google/api/error_reason.proto")
    if named.startswith("azure-ai-ml"):
        return text("azure/ai/ml/_restclient/dataset_dataplane/models/_enums.py")
    if named.startswith("google-cloud-bigquery"):
        return text("google/cloud/bigquery/job/base.py")
    if named.endswith("http.py"):
        return text("googleapiclient/http.py")
    if named.startswith("google-api-python-client"):
        documents = re.findall(r"\b[a-z]+\.v\d\b", named)
        return "".join(text(f"googleapiclient/discovery_cache/documents/{document}.json") for document in documents)
    return None


def error_codes():
    rows = list(csv.DictReader(open(ROOT / "mcp/data/cloud_errors.csv")))
    texts = {named: source(named) for named in {row["source"] for row in rows}}
    held = [row for row in rows if texts[row["source"]] is not None]
    lost = [row["code"] for row in held if not re.search(rf"\b{re.escape(row['code'])}\b", texts[row["source"]])]
    documents = {row["source"] for row in rows if texts[row["source"]] is None}
    undated = [row["code"] for row in rows if texts[row["source"]] is None and not re.search(r", read \d{4}-\d\d-\d\d$", row["source"])]
    print(f"error codes: {len(rows)}; {len(held) - len(lost)} of {len(held)} that name a package are in it, {len(rows) - len(held)} are of {len(documents)} documents")
    return lost + undated


def aws_actions(actions):
    known = {service: set(json.loads(botocore(f"{model}/service-2"))["operations"]) for service, model in AWS.items()}
    for action in actions:
        service, name = action.split(":")
        if service in known:
            yield action, AWS_ALIASES.get(action, name) in known[service]


def google_actions(actions):
    methods = set()

    def walk(resource):
        methods.update(m["id"] for m in resource.get("methods", {}).values())
        for below in resource.get("resources", {}).values():
            walk(below)

    for name in DISCOVERY:
        walk(json.loads((HOME / f"googleapiclient/discovery_cache/documents/{name}.json").read_text()))
    services = {method.split(".")[0] for method in methods}
    for action in actions:
        service, *resource, verb = action.split(".")
        if service in services:
            of = [m for m in methods if m.startswith(service + ".") and m.lower().split(".")[-2] == resource[-1].lower()]
            yield action, any(m.split(".")[-1] in (verb, GOOGLE_VERBS.get(verb, verb)) for m in of) or action.endswith(".useReadOnly")


def azure_actions(actions):
    code = "".join(pathlib.Path(p).read_text() for p in glob.glob(str(HOME / "azure/**/*operations*.py"), recursive=True))
    paths = "".join(re.findall(r'"([^"\n]*)"', code)).lower()
    paths = re.sub(r"/\{[^}]*\}", "", paths).replace("/default", "")
    providers = set(re.findall(r"/providers/(microsoft\.\w+)/", paths))
    for action in actions:
        kind = re.sub(r"/(read|write|delete|action)$", "", action).lower()
        if kind.split("/")[0] in providers:
            yield action, f"/providers/{kind}" in paths


def permissions():
    tools = tomllib.load(open(ROOT / "mcp/data/permissions.toml", "rb"))["tools"]
    lost = []
    for cloud, known in (("aws", aws_actions), ("gcp", google_actions), ("azure", azure_actions)):
        actions = sorted({action for tool in tools.values() for action in tool[cloud]})
        held = list(known(actions))
        unknown = [action for action, is_known in held if not is_known]
        print(f"{cloud} actions: {len(held) - len(unknown)} of {len(held)} known to the vendor's packages, {len(actions) - len(held)} are of services that none is for")
        for action in unknown:
            print(f"  only in the vendor's documents: {action}")
    return lost


if __name__ == "__main__":
    fetch()
    lost = error_codes()
    permissions()
    for code in lost:
        print(f"  no more in its package: {code}")
    sys.exit(1 if lost else 0)
