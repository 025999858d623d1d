#!/bin/sh
# The server's own image runs this once, on an empty data folder.
set -eu
psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 \
  --set airflow_password="$AIRFLOW_DB_PASSWORD" \
  --set migrate_password="$MIGRATE_DB_PASSWORD" \
  --set flow_password="$FLOW_DB_PASSWORD" \
  --set opener_password="$OPENER_DB_PASSWORD" \
  --file /etc/samenloop/roles.sql
