select format('everybody (PUBLIC) may make temporary tables in database %I', datname) as what,
       format('privileges of the database: %s', coalesce(datacl::text, 'those of a new one')) as evidence,
       'qlmodels repair' as fix
  from pg_catalog.pg_database
 where datname = current_database()
   and pg_catalog.has_database_privilege('public', oid, 'temporary')
