-- the template database that an administrator prepared, if there is one
select quote_ident(datname) as name from pg_catalog.pg_database
where datname = 'qlmodels_template' and datistemplate
