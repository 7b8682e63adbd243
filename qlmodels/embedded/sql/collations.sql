-- Commands for a database whose order of text, as the system has it now, is not that of its indexes.
with changed as (
    select 1 as place,
           format('alter database %I refresh collation version', datname) as refresh
      from pg_catalog.pg_database
     where datname = current_database()
       and datcollversion is distinct from pg_catalog.pg_database_collation_actual_version(oid)
    union all
    select 2, format('alter collation %s refresh version', rule.oid::pg_catalog.regcollation)
      from pg_catalog.pg_collation as rule
     where rule.collprovider <> 'd'
       and rule.collversion is distinct from pg_catalog.pg_collation_actual_version(rule.oid)
       and exists (
           select from pg_catalog.pg_depend as dependent
            where dependent.refclassid = 'pg_catalog.pg_collation'::pg_catalog.regclass
              and dependent.refobjid = rule.oid
       )
)
select command
  from (
      select 0 as place, format('reindex database %I', current_database()) as command
       where exists (select from changed)
      union all
      select place, refresh from changed
  ) as commands
 order by place, command
