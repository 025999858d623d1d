"""What lies behind `demo` and `airflow`: a practice region, what is spoilt in it on purpose, what is shown."""
