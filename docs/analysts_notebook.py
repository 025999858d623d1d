# %% [markdown]
# A notebook for analysts, as a script with cells: open it in VS Code, Spyder or JupyterLab (with jupytext), or run it.
# It runs in the tests. It needs DuckDB and Polars; put `analytics.duckdb` beside it or change the next line.

# %%
import duckdb

FILE = "analytics.duckdb"
connection = duckdb.connect(FILE, read_only=True)

# %% [markdown]
# What is in the file, and of when.

# %%
snapshot = connection.sql("SELECT municipality, published_on FROM publish.snapshot").pl()
tables = connection.sql("SELECT schema_name, table_name, comment FROM duckdb_tables() ORDER BY ALL").pl()
print(snapshot, tables)

# %% [markdown]
# Reach per quarter with its interval, and the national figure beside it. Intervals that overlap are no difference.

# %%
reach = connection.sql(
    "SELECT period, indicator_value, value_low, value_high, national_value FROM publish.indicators "
    "WHERE indicator IN ('reach', 'reach_of_approached') ORDER BY ALL"
).pl()
print(reach)

# %% [markdown]
# Inside the municipality: the same, exactly, and per wijk. These rows do not leave the building.

# %%
by_wijk = connection.sql(
    "SELECT wijkcode, count(*) AS cases, count(*) FILTER (reach = 'bereikt') AS reached "
    "FROM work.cases WHERE approach = 'benaderd' GROUP BY ALL ORDER BY ALL"
).pl()
print(by_wijk)

# %%
connection.close()
