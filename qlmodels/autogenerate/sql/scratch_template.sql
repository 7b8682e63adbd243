-- the template database that an administrator prepared, if there is one of that name
select quote_ident(datname) as name from pg_catalog.pg_database
where datname = :name and datistemplate
