"""Schedules as data: what Airflow is told of each model, without Airflow."""

from slipway.dags.folder import Rendering, render_models
from slipway.dags.plan import DagPlan, TaskPlan, plan_dags

__all__ = ["DagPlan", "Rendering", "TaskPlan", "plan_dags", "render_models"]
