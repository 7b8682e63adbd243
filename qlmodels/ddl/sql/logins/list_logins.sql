select login.rolname::text as name,
       case when login.rolname like 'ql\_%' then 'agent'
            when login.rolname like 'qlfleet\_%' then 'fleet'
            else 'panel'
       end as kind,
       case when login.rolname like 'ql\_%' then array[substr(login.rolname, 4)]
            else coalesce(
                (select array_agg(allowed.agent_type::text order by allowed.agent_type)
                   from qlmodels_private.fleet_grants as allowed
                  where allowed.login = login.rolname),
                '{}'
            )
       end as may_act_as,
       login.rolconnlimit as connection_limit,
       nullif(login.rolvaliduntil, 'infinity') as valid_until
  from pg_catalog.pg_roles as login
 where login.rolcanlogin
   and (login.rolname like 'ql\_%'
        or login.rolname like 'qlfleet\_%'
        or login.rolname like 'qlpanel\_%')
 order by login.rolname;
