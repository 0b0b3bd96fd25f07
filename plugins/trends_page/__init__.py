"""The Viewer Trends page of Airflow and the JSON API behind it."""
