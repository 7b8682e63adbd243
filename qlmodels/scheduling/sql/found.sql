select case
           when not exists (select from pg_catalog.pg_extension where extname = 'pg_cron') then 'absent'
           when not pg_catalog.has_schema_privilege(to_regnamespace('cron'), 'usage') then 'forbidden'
           else 'scheduled'
       end as outcome
