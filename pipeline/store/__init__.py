"""The only importer of sqlalchemy and alembic: state that several processes share."""
