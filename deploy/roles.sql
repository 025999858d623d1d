-- Runs once, when the database server starts empty. Three roles that log in, none of them superuser: Airflow's own
-- metadata, the steps that Airflow runs, and the opener. The last two work as the group `samenloop`, which owns the
-- tables, so that either may bring them up to date.
CREATE ROLE airflow LOGIN PASSWORD :'airflow_password';
CREATE DATABASE airflow OWNER airflow;
REVOKE ALL ON DATABASE airflow FROM PUBLIC;

CREATE ROLE samenloop NOLOGIN;
CREATE ROLE samenloop_flow LOGIN PASSWORD :'flow_password' IN ROLE samenloop;
CREATE ROLE samenloop_opener LOGIN PASSWORD :'opener_password' IN ROLE samenloop;
CREATE DATABASE samenloop OWNER samenloop;
REVOKE ALL ON DATABASE samenloop FROM PUBLIC;
GRANT CONNECT ON DATABASE samenloop TO samenloop_flow, samenloop_opener;
ALTER ROLE samenloop_flow IN DATABASE samenloop SET role = samenloop;
ALTER ROLE samenloop_opener IN DATABASE samenloop SET role = samenloop;
