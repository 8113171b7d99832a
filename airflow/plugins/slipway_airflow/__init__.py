"""Operators that ask Slipway's controller: everything that the DAGs need beside Airflow."""
