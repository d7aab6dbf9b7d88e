import pytest

from tests import processes

pytestmark = pytest.mark.django_db(transaction=True)

SCENARIOS = ["killed", "alive", "failing", "two", "due", "stopped", "away"]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_real_workers(scenario, tmp_path):
    with processes.shared_database(tmp_path) as database:
        code, output = processes.run(database, "-m", "tests.cms.working", scenario, str(tmp_path))
    assert code == 0, output
