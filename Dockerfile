# Airflow with everything Airtide needs and this checkout; every Airflow service and the simulated sites run it.
FROM apache/airflow:3.3.2-python3.11

COPY requirements.txt /opt/airtide/requirements.txt
RUN pip install --no-cache-dir --requirement /opt/airtide/requirements.txt

# owned by root: tasks run as another user and cannot change what they run
COPY --chown=root:root . /opt/airtide
