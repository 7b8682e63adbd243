select qlmodels.schema_revision()
