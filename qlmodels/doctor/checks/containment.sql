-- $1: calls below which it does not matter.
select format('%I searches %s by @> itself', login.rolname, told.relation) as what,
       format('%s calls of %s ms: %s', told.calls, round(told.mean_exec_time::numeric, 1),
              left(regexp_replace(told.query, '\s+', ' ', 'g'), 100)) as evidence,
       format('select * from %s(''{"key": "value"}'');',
              case told.relation when 'q_values' then 'find_states' else 'find_patterns' end) as fix
  from (
        select statement.*, substring(statement.query from '\m(q_values|patterns)\M') as relation
          from pg_stat_statements as statement
         where statement.query like '%@>%'
       ) as told
  join pg_roles as login on login.oid = told.userid
 where told.dbid = (select oid from pg_database where datname = current_database())
   and told.relation is not null
   and told.calls >= $1
   and login.rolname similar to '(ql|qlfleet)\_%'
 order by told.calls desc, login.rolname
 limit 5
