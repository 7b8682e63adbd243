-- Whether this login may read the revision itself, as the owner may, or there is none yet.
select coalesce(
           pg_catalog.has_table_privilege(
               pg_catalog.to_regclass('qlmodels_private.alembic_version')::oid, 'select'
           ),
           true
       )
