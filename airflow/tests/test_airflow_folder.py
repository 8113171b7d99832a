from pathlib import Path

FOLDER = Path(__file__).parents[1]


def test_the_folder_is_no_package_that_would_shadow_apache_airflow():
    assert not (FOLDER / "__init__.py").exists()


def test_no_dag_folder_is_a_package_either():
    assert not (FOLDER / "dags" / "__init__.py").exists()
