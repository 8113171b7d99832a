from deploy_soak_run import soaked


def test_deploys_that_are_killed_six_times_converge_with_one_create_each(tmp_path):
    said = []

    found = soaked(tmp_path, kills=6, seed=3, say=said.append)

    assert found.violations == []
    assert found.kills == 6
