-- Views of this login on the original's tables and summaries, or on other such views, in the order in
-- which they can be made. They read with the rights of the login that queries them.
with recursive original as (
    select class.oid
      from pg_catalog.pg_class as class
     where class.relnamespace = 'public'::pg_catalog.regnamespace
       and (class.relkind = 'r' and class.relname = any ($1) or class.relkind = 'm' and class.relname = any ($2))
), reading as (
    select depend.refobjid as read_oid, rule.ev_class as view_oid
      from pg_catalog.pg_depend as depend
      join pg_catalog.pg_rewrite as rule on rule.oid = depend.objid
     where depend.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
       and depend.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
       and rule.ev_class <> depend.refobjid
       and rule.ev_class not in (select oid from original)
), found (oid, place) as (
    select reading.view_oid, 1
      from original
      join reading on reading.read_oid = original.oid
    union
    select reading.view_oid, found.place + 1
      from found
      join reading on reading.read_oid = found.oid
)
select class.oid::regclass::text as name,
       class.relkind = 'm' as is_materialized,
       pg_catalog.pg_get_viewdef(class.oid) as definition,
       array(
           select pg_catalog.pg_get_indexdef(index.indexrelid)
             from pg_catalog.pg_index as index
            where index.indrelid = class.oid
            order by index.indexrelid
       ) as indexes,
       array(
           select format(
                      'grant %s on %s to %s', acl.privilege_type, class.oid::regclass,
                      coalesce(nullif(acl.grantee, 0)::regrole::text, 'public')
                  )
             from pg_catalog.aclexplode(class.relacl) as acl
            where acl.grantee <> class.relowner
       ) as grants,
       format(
           'comment on %s %s is %L', case class.relkind when 'm' then 'materialized view' else 'view' end,
           class.oid::regclass, pg_catalog.obj_description(class.oid, 'pg_class')
       ) as comment
  from found
  join pg_catalog.pg_class as class on class.oid = found.oid
 where class.relkind in ('v', 'm')
   and pg_catalog.pg_has_role(class.relowner, 'usage')
 group by class.oid
 order by max(found.place), class.oid
