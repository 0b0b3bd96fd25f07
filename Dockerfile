# Airflow with everything Airtide needs and this checkout; every Airflow service and the simulated sites run it.
FROM apache/airflow:3.3.2-python3.11

COPY requirements.txt /opt/airtide/requirements.txt
RUN pip install --no-cache-dir --requirement /opt/airtide/requirements.txt

# docker build --build-arg LAKE=gcs: for a lake on Google Cloud Storage
ARG LAKE=s3
COPY requirements-gcs.txt /opt/airtide/requirements-gcs.txt
RUN if [ "$LAKE" = gcs ]; then pip install --no-cache-dir --requirement /opt/airtide/requirements-gcs.txt; fi

# owned by root: tasks run as another user and cannot change what they run
COPY --chown=root:root . /opt/airtide
