"""Known states only, leases, the log of calls, budgets, endpoints with a state."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_STATES = {
    "run": ("running", "succeeded", "failed", "rejected", "stopped", "blocked"),
    "step": ("running", "succeeded", "failed", "rejected", "stopped", "blocked"),
    "operation": (
        "intended",
        "waiting_quota",
        "blocked_auth",
        "submitted",
        "stopping",
        "timing_out",
        "stuck",
        "succeeded",
        "failed",
        "stopped",
        "timed_out",
        "conflict",
        "replaced",
    ),
    "model_version": (
        "registered",
        "approved",
        "rejected",
        "champion",
        "superseded",
        "retired",
    ),
    "deployment": (
        "planned",
        "updating",
        "baking",
        "holding",
        "verifying",
        "rolling_back",
        "aborting",
        "stuck",
        "succeeded",
        "rolled_back",
        "aborted",
        "superseded",
        "failed",
    ),
}
_ENDPOINT_STATES = (
    "absent",
    "creating",
    "updating",
    "rolling_back",
    "in_service",
    "drifted",
    "out_of_service",
    "failed",
    "rollback_failed",
    "deleting",
    "missing",
)
_UNFINISHED_DEPLOYMENTS = (
    "aborting",
    "baking",
    "holding",
    "planned",
    "rolling_back",
    "stuck",
    "updating",
    "verifying",
)
#: What a state that the first tables do not know becomes in them.
_OLDER = {
    "run": {"blocked": "failed"},
    "step": {"blocked": "failed"},
    "operation": {
        "waiting_quota": "intended",
        "blocked_auth": "intended",
        "stopping": "submitted",
        "timing_out": "submitted",
        "stuck": "submitted",
        "timed_out": "stopped",
    },
    "model_version": {
        "registered": "approved",
        "rejected": "superseded",
        "champion": "live",
        "retired": "superseded",
    },
    "deployment": {
        "baking": "updating",
        "holding": "updating",
        "rolling_back": "updating",
        "aborting": "updating",
        "stuck": "updating",
        "aborted": "rolled_back",
    },
}
_ACTOR = "migration 0002"


def upgrade() -> None:
    """Go forward."""
    _rename_states("model_version", {"live": "champion"})
    _split_registration()
    _replace_older_generations()
    _end_overtaken_deployments()
    with op.batch_alter_table("operation") as batch:
        batch.add_column(
            sa.Column("owner", sa.JSON(), nullable=False, server_default="{}")
        )
        batch.add_column(
            sa.Column("attempts", sa.Integer(), nullable=False, server_default="0")
        )
        batch.add_column(sa.Column("due_at", sa.DateTime(), nullable=True))
    with op.batch_alter_table("transition") as batch:
        batch.add_column(
            sa.Column("token", sa.BigInteger(), nullable=False, server_default="0")
        )
    for table, column in (
        ("operation", "owner"),
        ("operation", "attempts"),
        ("transition", "token"),
    ):
        with op.batch_alter_table(table) as batch:
            batch.alter_column(column, server_default=None)
    for table, states in _STATES.items():
        with op.batch_alter_table(table) as batch:
            batch.create_check_constraint("state", f"state IN ({_listed(states)})")
    with op.batch_alter_table("model_version") as batch:
        batch.create_unique_constraint(
            "uq_model_version_environment_model_artifact_digest_image_uri",
            ["environment", "model", "artifact_digest", "image_uri"],
        )
    op.create_index("ix_operation_due", "operation", ["state", "due_at"])
    _at_most_one("uq_operation_current", "operation", ["key"], "state <> 'replaced'")
    _at_most_one(
        "uq_model_version_champion",
        "model_version",
        ["environment", "model"],
        "state = 'champion'",
    )
    _at_most_one(
        "uq_deployment_unfinished",
        "deployment",
        ["endpoint_name"],
        f"state IN ({_listed(_UNFINISHED_DEPLOYMENTS)})",
    )
    _give_endpoints_a_state()
    _create_tables()


def downgrade() -> None:
    """Go back: states that were not known become the nearest that was."""
    op.drop_table("call_budget")
    op.drop_table("lease")
    with op.batch_alter_table("operation_call") as batch:
        batch.drop_index("ix_operation_call_operation_id")
    op.drop_table("operation_call")
    _take_endpoints_their_state()
    op.drop_index("uq_deployment_unfinished", "deployment")
    op.drop_index("uq_model_version_champion", "model_version")
    op.drop_index("uq_operation_current", "operation")
    op.drop_index("ix_operation_due", "operation")
    with op.batch_alter_table("model_version") as batch:
        batch.drop_constraint(
            "uq_model_version_environment_model_artifact_digest_image_uri",
            type_="unique",
        )
    for table in _STATES:
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_state"), type_="check")
    with op.batch_alter_table("transition") as batch:
        batch.drop_column("token")
    with op.batch_alter_table("operation") as batch:
        batch.drop_column("due_at")
        batch.drop_column("attempts")
        batch.drop_column("owner")
    _join_registration()
    _take_back("operation", "replace")
    _take_back("deployment", "supersede")
    for table, renamed in _OLDER.items():
        _rename_states(table, renamed)


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _at_most_one(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(
        name,
        table,
        columns,
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _rename_states(table: str, renamed: dict[str, str]) -> None:
    for old, new in renamed.items():
        values = {"old": old, "new": new, "kind": table}
        _run(f"UPDATE {table} SET state = :new WHERE state = :old", values)  # noqa: S608 - a name of this file
        for column in ("from_state", "to_state"):
            _run(
                f"UPDATE transition SET {column} = :new"  # noqa: S608 - as above
                f" WHERE kind = :kind AND {column} = :old",
                values,
            )


def _split_registration() -> None:
    """Let versions be registered first, approved then: one row of history before it."""
    _run(
        "INSERT INTO transition"
        ' (id, kind, row_id, "trigger", from_state, to_state, actor, reason, at)'
        " SELECT -id, kind, row_id, 'create', '', 'registered', actor, '', at"
        " FROM transition WHERE kind = 'model_version' AND \"trigger\" = 'create'"
    )
    _run(
        "UPDATE transition SET \"trigger\" = 'approve', from_state = 'registered'"
        " WHERE kind = 'model_version' AND \"trigger\" = 'create' AND id > 0"
    )


def _join_registration() -> None:
    _run(
        "DELETE FROM transition WHERE kind = 'model_version' AND \"trigger\" = 'create'"
    )
    _run(
        "UPDATE transition SET \"trigger\" = 'create', from_state = ''"
        " WHERE kind = 'model_version' AND \"trigger\" = 'approve'"
    )


def _replace_older_generations() -> None:
    """Say of each generation but a key's last that another took over."""
    older = (
        "SELECT id FROM operation WHERE generation <"
        " (SELECT max(last.generation) FROM operation AS last"
        " WHERE last.key = operation.key)"
    )
    _transit("operation", older, "replace", "replaced")


def _end_overtaken_deployments() -> None:
    """Leave one unfinished deployment an endpoint: the last."""
    unfinished = f"state IN ({_listed(_UNFINISHED_DEPLOYMENTS)})"
    older = (
        f"SELECT id FROM deployment WHERE {unfinished} AND id <"  # noqa: S608 - names of this file
        " (SELECT max(last.id) FROM deployment AS last"
        f" WHERE last.endpoint_name = deployment.endpoint_name AND last.{unfinished})"
    )
    _transit("deployment", older, "supersede", "superseded")


def _transit(table: str, ids: str, trigger: str, target: str) -> None:
    """Move the rows called `ids` to `target`, with their history."""
    values = {"kind": table, "trigger": trigger, "target": target, "actor": _ACTOR}
    _run(
        "INSERT INTO transition"  # noqa: S608 - names of this file
        ' (kind, row_id, "trigger", from_state, to_state, actor, reason, at)'
        f" SELECT :kind, id, :trigger, state, :target, :actor, '', changed_at"
        f" FROM {table} WHERE id IN ({ids})",
        values,
    )
    _run(f"UPDATE {table} SET state = :target WHERE id IN ({ids})", {"target": target})  # noqa: S608 - as above


def _give_endpoints_a_state() -> None:
    _set_aside("endpoint", "endpoint_before")
    op.create_table(
        "endpoint",
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("environment", sa.String(length=32), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("desired_config_name", sa.String(length=63), nullable=False),
        sa.Column("desired_version", sa.Integer(), nullable=False),
        sa.Column("observed_status", sa.String(length=32), nullable=False),
        sa.Column("observed_config_name", sa.String(length=63), nullable=False),
        sa.Column("observed_at", sa.DateTime(), nullable=True),
        *_stateful(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endpoint")),
        sa.UniqueConstraint("name", name=op.f("uq_endpoint_name")),
        sa.CheckConstraint(
            f"state IN ({_listed(_ENDPOINT_STATES)})", name=op.f("ck_endpoint_state")
        ),
    )
    _run(
        "INSERT INTO endpoint (name, environment, model, desired_config_name,"
        " desired_version, observed_status, observed_config_name, observed_at,"
        " state, revision, reason, created_at, changed_at)"
        " SELECT name, environment, model, desired_config_name, desired_version,"
        " observed_status, observed_config_name, observed_at, 'absent', 1, '',"
        " coalesce(observed_at, CURRENT_TIMESTAMP),"
        " coalesce(observed_at, CURRENT_TIMESTAMP)"
        " FROM endpoint_before"
    )
    _run(
        "INSERT INTO transition"
        ' (kind, row_id, "trigger", from_state, to_state, actor, reason, token, at)'
        " SELECT 'endpoint', id, 'create', '', 'absent', :actor, '', 0, created_at"
        " FROM endpoint",
        {"actor": _ACTOR},
    )
    op.drop_table("endpoint_before")


def _take_back(table: str, trigger: str) -> None:
    """Undo the last change of the rows that `trigger` ended."""
    values = {"kind": table, "trigger": trigger}
    fired = (
        "SELECT from_state FROM transition WHERE kind = :kind"  # noqa: S608 - names of this file
        f' AND "trigger" = :trigger AND row_id = {table}.id'
    )
    _run(f"UPDATE {table} SET state = ({fired}) WHERE EXISTS ({fired})", values)  # noqa: S608 - names of this file
    _run('DELETE FROM transition WHERE kind = :kind AND "trigger" = :trigger', values)


def _set_aside(table: str, name: str) -> None:
    """Rename a table with its key: PostgreSQL's indexes have names of their own."""
    op.rename_table(table, name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER INDEX pk_{table} RENAME TO pk_{name}")


def _take_endpoints_their_state() -> None:
    _run("DELETE FROM transition WHERE kind = 'endpoint'")
    with op.batch_alter_table("endpoint") as batch:
        batch.drop_constraint(op.f("uq_endpoint_name"), type_="unique")
    _set_aside("endpoint", "endpoint_after")
    op.create_table(
        "endpoint",
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("environment", sa.String(length=32), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("desired_config_name", sa.String(length=63), nullable=False),
        sa.Column("desired_version", sa.Integer(), nullable=False),
        sa.Column("observed_status", sa.String(length=32), nullable=False),
        sa.Column("observed_config_name", sa.String(length=63), nullable=False),
        sa.Column("observed_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_endpoint")),
    )
    _run(
        "INSERT INTO endpoint SELECT name, environment, model, desired_config_name,"
        " desired_version, observed_status, observed_config_name, observed_at"
        " FROM endpoint_after"
    )
    op.drop_table("endpoint_after")


def _stateful() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=4096), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
    ]


def _create_tables() -> None:
    op.create_table(
        "operation_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("call", sa.String(length=64), nullable=False),
        sa.Column("request_digest", sa.String(length=80), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("request_id", sa.String(length=128), nullable=False),
        sa.Column("message", sa.String(length=4096), nullable=False),
        sa.ForeignKeyConstraint(
            ["operation_id"],
            ["operation.id"],
            name=op.f("fk_operation_call_operation_id_operation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation_call")),
    )
    op.create_index(
        "ix_operation_call_operation_id", "operation_call", ["operation_id"]
    )
    op.create_table(
        "lease",
        sa.Column("resource", sa.String(length=200), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("place", sa.String(length=64), nullable=False),
        sa.Column("renewals", sa.Integer(), nullable=False),
        sa.Column("acquired_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("resource", name=op.f("pk_lease")),
    )
    op.create_table(
        "call_budget",
        sa.Column("bucket", sa.String(length=200), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("refilled_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_call_budget")),
    )


def _run(statement: str, values: dict[str, str] | None = None) -> None:
    op.get_bind().execute(sa.text(statement), values or {})
