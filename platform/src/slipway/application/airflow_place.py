"""Where a checkout's Airflow lives, and the settings that it runs with."""

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from slipway.settings import Settings

#: The port of the page and the API, and what names another.
PORT, PORT_VARIABLE = 8080, "SLIPWAY_AIRFLOW_PORT"
USER = "admin"
#: What runs, each as `airflow <words>`. The tasks' logs are read from the disk: the log
#: servers would listen beyond this machine, and `airflow standalone` starts them.
COMPONENTS: dict[str, tuple[str, ...]] = {
    "api-server": ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}


@dataclass(frozen=True)
class AirflowPlace:
    """An Airflow's home, its port, and how it finds the controller."""

    home: Path
    #: The checkout's `airflow/`.
    source: Path
    #: Its environment's folder.
    environment: Path
    port: int
    controller_url: str
    controller_token: str
    #: The address of its tables; empty: SQLite in its home.
    database: str = ""

    @property
    def url(self) -> str:
        """Where its page and its API answer."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def record(self) -> Path:
        """The file that says what runs."""
        return airflow_record(self.home)

    @property
    def passwords(self) -> Path:
        """The file that Airflow writes the password to which it makes."""
        return self.home / "simple_auth_manager_passwords.json.generated"

    def log(self, component: str) -> Path:
        """The file that a component writes to."""
        return self.home / "logs" / f"{component}.log"

    def variables(self) -> dict[str, str]:
        """Return the environment variables that it is started with."""
        tables = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": self.database}
        return {
            **(tables if self.database else {}),
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.source / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(self.source / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": "4",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "false",
            # a file that was rendered is seen within seconds, not within five minutes
            "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "5",
            "AIRFLOW_CONN_SLIPWAY": self._connection(),
        }

    def _connection(self) -> str:
        """Return Airflow's connection to the controller."""
        url = urlsplit(self.controller_url)
        said = {"conn_type": "http", "schema": url.scheme, "host": url.hostname}
        known = {"port": url.port, "password": self.controller_token}
        return json.dumps({**said, **known})


def airflow_home(settings: Settings) -> Path:
    """Return the folder of this checkout's Airflow."""
    return settings.state / "airflow"


def airflow_record(home: Path) -> Path:
    """Return the file that says which processes an Airflow is."""
    return home / "airflow.json"
