"""The only room that knows Airflow: connections become adapters, jobs call use cases."""
