"""The command line: `invoke --list`."""

from invoke.collection import Collection

from slipway.tasks.commands import (
    airflow,
    config,
    controller,
    dag,
    documents,
    history,
    inspection,
    local,
    model,
    pipeline,
    tried,
    upkeep,
)


def _namespace() -> Collection:
    commands = Collection(
        model.new,
        model.run_tests,
        model.build,
        model.lock,
        model.upgrade,
        pipeline.run,
        pipeline.deploy,
        pipeline.plan,
        pipeline.score,
        pipeline.promote,
        pipeline.rollback,
        pipeline.predict,
        pipeline.stop,
        pipeline.demo,
        inspection.status,
        inspection.logs,
        upkeep.operations,
        upkeep.reconcile,
        upkeep.retire,
        upkeep.gc,
        config.explain,
        history.versions,
        history.approve,
        history.reject,
        history.serving_at,
        tried.experiments,
        tried.compare,
    )
    commands.add_collection(
        Collection("config", config.set_, config.list_, config.unset)
    )
    commands.add_collection(Collection("local", local.up, local.down))
    commands.add_collection(Collection("controller", controller.up, controller.down))
    commands.add_collection(
        Collection("token", controller.create, controller.list_all, controller.revoke)
    )
    commands.add_collection(Collection("warehouse", local.seed))
    commands.add_collection(Collection("docs", documents.write, documents.check))
    commands.add_collection(Collection("dag", dag.render, dag.check))
    commands.add_collection(
        Collection("airflow", airflow.up, airflow.run, airflow.down)
    )
    return commands


#: What invoke finds in tasks.py.
namespace = _namespace()
