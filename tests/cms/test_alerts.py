"""The alerts that we ship for Prometheus, evaluated by its own tool."""

import re
import subprocess

import pytest
import yaml

from cms.env import BASE_DIR
from tests.debian import program

FILE = BASE_DIR / "cms" / "prometheus" / "alerts.yml"
RULES = {rule["alert"]: rule for rule in yaml.safe_load(FILE.read_text())["groups"][0]["rules"]}
# Samples of every thirty seconds: `0+60x40` grows by 60 forty times.
WELL = {
    'up{job="toolshelf", instance="one"}': "1x40",
    'toolshelf_database_up{instance="one"}': "1x40",
    'toolshelf_requests_total{area="graphql", status="2xx"}': "0+1000x40",
    'toolshelf_requests_total{area="graphql", status="5xx"}': "0+10x40",
    'toolshelf_request_seconds_bucket{area="graphql", le="1"}': "0+960x40",
    'toolshelf_request_seconds_bucket{area="graphql", le="5"}': "0+1000x40",
    'toolshelf_request_seconds_bucket{area="graphql", le="+Inf"}': "0+1000x40",
    'toolshelf_pool_waiting{instance="one"}': "0x40",
    'toolshelf_silence_seconds{process="worker", instance="one"}': "10x40",
    'toolshelf_jobs_age_seconds{queue="default"}': "30x40",
    'toolshelf_jobs_age_seconds{queue="images"}': "600x40",
    'toolshelf_jobs{queue="webhooks", state="given_up"}': "0x40",
    'toolshelf_jobs{queue="webhooks", state="later"}': "7x40",
    "toolshelf_purge_lag_seconds": "0x40",
    "toolshelf_replica_up": "1x40",
    "toolshelf_replica_lag_seconds": "2x40",
}
ILL = {
    "ToolshelfDown": {'up{job="toolshelf", instance="one"}': "0x40"},
    "ToolshelfDatabaseDown": {'toolshelf_database_up{instance="one"}': "0x40"},
    "ToolshelfErrors": {'toolshelf_requests_total{area="graphql", status="5xx"}': "0+30x40"},
    "ToolshelfSlow": {'toolshelf_request_seconds_bucket{area="graphql", le="1"}': "0+900x40"},
    "ToolshelfPoolTooSmall": {'toolshelf_pool_waiting{instance="one"}': "1x40"},
    "ToolshelfWorkerSilent": {'toolshelf_silence_seconds{process="worker", instance="one"}': "0+30x40"},
    "ToolshelfJobsLate": {'toolshelf_jobs_age_seconds{queue="default"}': "90x40"},
    "ToolshelfJobsGivenUp": {'toolshelf_jobs{queue="webhooks", state="given_up"}': "1x40"},
    "ToolshelfPurgeLate": {"toolshelf_purge_lag_seconds": "0+30x40"},
    "ToolshelfReplicaDown": {"toolshelf_replica_up": "0x40"},
    "ToolshelfReplicaLate": {"toolshelf_replica_lag_seconds": "0+30x40"},
}
OTHERS = {"ToolshelfJobsLate": {'toolshelf_jobs_age_seconds{queue="images"}': "2000x40"}}


def evaluated(folder, *command):
    promtool, variables = program("promtool", ["prometheus"])
    done = subprocess.run([promtool, *command], env=variables, capture_output=True, text=True, check=False, cwd=folder)
    return done.returncode, done.stdout + done.stderr


def firing(folder, series, expected, after="20m"):
    """Evaluated for so long, after which just the expected alerts are to be firing."""
    samples = [{"labels": f'{{alertname="{name}"}}', "value": 1} for name in expected]
    test = {
        "interval": "30s",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {"expr": 'count by (alertname) (ALERTS{alertstate="firing"})', "eval_time": after, "exp_samples": samples}
        ],
    }
    (folder / "test.yml").write_text(
        yaml.safe_dump({"rule_files": [str(FILE)], "evaluation_interval": "30s", "tests": [test]})
    )
    return evaluated(folder, "test", "rules", "test.yml")


def test_prometheus_takes_them(tmp_path):
    code, said = evaluated(tmp_path, "check", "rules", FILE)
    assert code == 0, said
    assert f"{len(RULES)} rules found" in said


def test_nothing_is_said_while_all_is_well(tmp_path):
    code, said = firing(tmp_path, WELL, [])
    assert code == 0, said


@pytest.mark.parametrize("name", RULES)
def test_each_is_said_when_it_is_so(name, tmp_path):
    code, said = firing(tmp_path, WELL | ILL[name], [name])
    assert code == 0, said


@pytest.mark.parametrize("name", OTHERS)
def test_other_reasons(name, tmp_path):
    code, said = firing(tmp_path, WELL | OTHERS[name], [name])
    assert code == 0, said


def test_a_moment_is_nothing_to_look_at(tmp_path):
    series = WELL.copy()
    for each in ILL.values():
        series |= each
    code, said = firing(tmp_path, series, ["ToolshelfJobsGivenUp"], after="30s")
    assert code == 0, said


def test_they_ask_for_what_there_is():
    """Of the documented metrics, which are compared with the code elsewhere."""
    documented = set(re.findall(r"^\| `(toolshelf_\w+)", (BASE_DIR / "docs" / "operate.md").read_text(), re.MULTILINE))
    asked = {
        name.removesuffix("_bucket") for rule in RULES.values() for name in re.findall(r"toolshelf_\w+", rule["expr"])
    }
    assert asked <= documented
    assert all({"summary", "action"} <= set(rule["annotations"]) for rule in RULES.values())
