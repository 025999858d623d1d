-- Runs once, when the database server starts empty. Roles, none of them superuser: Airflow's own metadata; `samenloop`
-- owns the tables and nobody works as it, but for `samenloop_migrate`, which brings them up to date before the
-- others start; the steps that Airflow runs; and the opener. What the last two may do to each table, migrations say
-- (pipeline/store/rights.py): the journal only grows, and only the opener may retire lines of it.
CREATE ROLE airflow LOGIN PASSWORD :'airflow_password';
CREATE DATABASE airflow OWNER airflow;
REVOKE ALL ON DATABASE airflow FROM PUBLIC;

CREATE ROLE samenloop NOLOGIN;
CREATE ROLE samenloop_migrate LOGIN PASSWORD :'migrate_password' IN ROLE samenloop;
CREATE ROLE samenloop_flow LOGIN PASSWORD :'flow_password';
CREATE ROLE samenloop_opener LOGIN PASSWORD :'opener_password';
CREATE DATABASE samenloop OWNER samenloop;
REVOKE ALL ON DATABASE samenloop FROM PUBLIC;
GRANT CONNECT ON DATABASE samenloop TO samenloop_migrate, samenloop_flow, samenloop_opener;
ALTER ROLE samenloop_migrate IN DATABASE samenloop SET role = samenloop;
