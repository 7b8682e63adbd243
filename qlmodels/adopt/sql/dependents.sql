-- What somebody else hung on the original's tables, and would be lost with them.
with original as (
    select class.oid, class.relname, class.reltype, type.typarray
      from pg_catalog.pg_class as class
      join pg_catalog.pg_type as type on type.oid = class.reltype
     where class.relnamespace = 'public'::pg_catalog.regnamespace
       and class.relkind = 'r'
       and class.relname = any ($1)
)
select distinct
       case depend.classid
       when 'pg_catalog.pg_rewrite'::pg_catalog.regclass then (
           select pg_catalog.pg_describe_object('pg_catalog.pg_class'::pg_catalog.regclass, rule.ev_class, 0)
             from pg_catalog.pg_rewrite as rule
            where rule.oid = depend.objid
       )
       else pg_catalog.pg_describe_object(depend.classid, depend.objid, 0)
       end as what
  from original
  join pg_catalog.pg_depend as depend
    on (depend.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and depend.refobjid = original.oid)
    or (depend.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass
        and depend.refobjid in (original.reltype, original.typarray))
 where depend.classid in (
           'pg_catalog.pg_rewrite'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass,
           'pg_catalog.pg_trigger'::pg_catalog.regclass, 'pg_catalog.pg_constraint'::pg_catalog.regclass,
           'pg_catalog.pg_class'::pg_catalog.regclass
       )
   and not exists (  -- an index, sequence or toast table of their own
       select from pg_catalog.pg_class as own
        where depend.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
          and own.oid = depend.objid
          and own.relkind in ('i', 'S', 't')
   )
   and not exists (  -- a constraint between them
       select from pg_catalog.pg_constraint as key
        where depend.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
          and key.oid = depend.objid
          and key.conrelid in (select oid from original)
   )
   and not exists (  -- the trigger that the original put on three of them, or one of a foreign key
       select from pg_catalog.pg_trigger as trigger
         join pg_catalog.pg_proc as function on function.oid = trigger.tgfoid
        where depend.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass
          and trigger.oid = depend.objid
          and (trigger.tgisinternal or function.proname = 'update_updated_at_column')
   )
   and not exists (  -- a view of this login, which is made again
       select from pg_catalog.pg_rewrite as rule
         join pg_catalog.pg_class as view on view.oid = rule.ev_class
        where depend.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
          and rule.oid = depend.objid
          and view.relkind in ('v', 'm')
          and pg_catalog.pg_has_role(view.relowner, 'usage')
   )
   and not exists (  -- its two materialised views
       select from pg_catalog.pg_rewrite as rule
         join pg_catalog.pg_class as view on view.oid = rule.ev_class
        where depend.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
          and rule.oid = depend.objid
          and view.relkind = 'm'
          and view.relnamespace = 'public'::pg_catalog.regnamespace
          and view.relname = any ($2)
   )
 order by what
