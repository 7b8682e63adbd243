-- Policies, privileges, views and functions over the tables $1 that are none of ours. $2, $3: tables and
-- names of our policies; $4 to $7: grantee, table, privilege and column ('' for the whole table) of
-- our grants; $8: our views; $9: our functions, each with its schema. `opens` says whether rows would be
-- seen or changed through it if the restrictive rule were not there.
with ours as (
    select class.oid, class.relname::text as name, class.relowner, class.relacl
      from pg_catalog.pg_class as class
     where class.relnamespace = 'public'::regnamespace and class.relname = any ($1::text[])
), granted as (
    select * from unnest($4::text[], $5::text[], $6::text[], $7::text[]) as given (grantee, relation, privilege, "column")
), policy as (
    select ours.oid as class, ours.name as relation, policy.polname::text as name, policy.polroles, policy.polpermissive,
           policy.polcmd,
           coalesce(pg_catalog.pg_get_expr(policy.polqual, policy.polrelid), '') as using_,
           coalesce(pg_catalog.pg_get_expr(policy.polwithcheck, policy.polrelid), '') as checking,
           (select string_agg(case target.id when 0 then 'public' else target.id::regrole::text end, ', ' order by target.id)
              from unnest(policy.polroles) as target (id)) as roles
      from ours
      join pg_catalog.pg_policy as policy on policy.polrelid = ours.oid
     where not exists (
               select from unnest($2::text[], $3::text[]) as known (relation, name)
                where known.relation = ours.name and known.name = policy.polname
           )
), opening as (
    select policy.*
      from policy
     where policy.polpermissive
       and (policy.using_ not in ('', 'false') or policy.checking not in ('', 'false'))
       and exists (  -- beyond those to whom our own policies show every row
           select from unnest(policy.polroles) as target (id)
            where target.id = 0
               or target.id <> all (array['qlmodels_definer'::regrole::oid, 'qlmodels_panel'::regrole::oid, 'service_role'::regrole::oid])
              and not (target.id = 'analytics_role'::regrole and policy.polcmd = 'r')
       )
), privilege as (
    select ours.oid as class, ours.name as relation, ours.relowner, '' as "column", acl.grantee, acl.privilege_type
      from ours
     cross join lateral pg_catalog.aclexplode(ours.relacl) as acl
    union all
    select ours.oid, ours.name, ours.relowner, attribute.attname::text, acl.grantee, acl.privilege_type
      from ours
      join pg_catalog.pg_attribute as attribute on attribute.attrelid = ours.oid and not attribute.attisdropped
     cross join lateral pg_catalog.aclexplode(attribute.attacl) as acl
), stray as (
    select privilege.class, privilege.relation, privilege.grantee, privilege."column" <> '' as is_partial,
           case privilege.grantee when 0 then 'public' else privilege.grantee::regrole::text end as who,
           string_agg(distinct lower(privilege.privilege_type), ', ') as privileges,
           string_agg(distinct privilege."column", ', ') as columns,
           bool_or(privilege.privilege_type = 'TRUNCATE') as truncates
      from privilege
     where privilege.grantee <> privilege.relowner
       and not exists (
               select from granted
                where granted.grantee = case privilege.grantee when 0 then 'public' else pg_catalog.pg_get_userbyid(privilege.grantee)::text end
                  and granted.relation = privilege.relation
                  and granted.privilege = lower(privilege.privilege_type)
                  and granted."column" in ('', privilege."column")
           )
     group by privilege.class, privilege.relation, privilege.grantee, privilege."column" <> ''
), viewed as (
    select view.oid::regclass::text as name,
           string_agg(distinct ours.name, ', ') as relations,
           exists (select from pg_catalog.aclexplode(view.relacl) as acl where acl.grantee <> view.relowner) as is_shared
      from ours
      join pg_catalog.pg_depend as dependency
        on dependency.refclassid = 'pg_catalog.pg_class'::regclass and dependency.refobjid = ours.oid
       and dependency.classid = 'pg_catalog.pg_rewrite'::regclass
      join pg_catalog.pg_rewrite as rule on rule.oid = dependency.objid
      join pg_catalog.pg_class as view on view.oid = rule.ev_class and view.relkind in ('v', 'm')
     where pg_catalog.format('%I.%I', view.relnamespace::regnamespace::text, view.relname) <> all ($8::text[])
       and not coalesce(view.reloptions, '{}') && array['security_invoker=true', 'security_invoker=on', 'security_invoker=1']
     group by view.oid, view.reloptions, view.relacl, view.relowner
), called as (
    select function.oid::regprocedure::text as name, owner.rolname::text as owner,
           (select string_agg(case acl.grantee when 0 then 'public' else acl.grantee::regrole::text end, ', ')
              from pg_catalog.aclexplode(coalesce(function.proacl, pg_catalog.acldefault('f', function.proowner))) as acl
             where acl.grantee <> function.proowner) as callers
      from pg_catalog.pg_proc as function
      join pg_catalog.pg_roles as owner on owner.oid = function.proowner
     where function.prosecdef
       and pg_catalog.format('%I.%I', function.pronamespace::regnamespace::text, function.proname) <> all ($9::text[])
       and (owner.rolsuper or owner.rolbypassrls
            or pg_catalog.pg_has_role(owner.oid, 'qlmodels_definer', 'usage')
            or pg_catalog.pg_has_role(owner.oid, 'qlmodels_panel', 'usage')
            or pg_catalog.pg_has_role(owner.oid, 'service_role', 'usage'))
       and coalesce(function.prosrc, '') || coalesce(pg_catalog.pg_get_function_sqlbody(function.oid), '')
           ~ ('\m(' || array_to_string($1::text[], '|') || ')\M')
       and not exists (
               select from pg_catalog.pg_depend as dependency
                where dependency.classid = 'pg_catalog.pg_proc'::regclass
                  and dependency.objid = function.oid and dependency.deptype = 'e'
           )
)
select pg_catalog.format('policy %I on %I, for %s', policy.name, policy.relation, policy.roles) as what,
       pg_catalog.concat_ws(', ', case when policy.polpermissive then 'permissive' else 'restrictive' end,
                            'using (' || nullif(policy.using_, '') || ')', 'with check (' || nullif(policy.checking, '') || ')') as evidence,
       pg_catalog.format('drop policy %I on public.%I;', policy.name, policy.relation) as fix,
       exists (select from opening where opening.class = policy.class and opening.name = policy.name) as opens
  from policy
union all
select pg_catalog.format('%s may %s on %s%I', stray.who, stray.privileges, case when stray.is_partial then 'columns of ' else '' end, stray.relation),
       case when stray.is_partial then pg_catalog.format('granted on %s', stray.columns) else 'granted on the whole table' end,
       case when stray.is_partial
            then pg_catalog.format('revoke %s on public.%I from %s;',
                                   (select string_agg(pg_catalog.format('%s (%s)', privilege, stray.columns), ', ')
                                      from unnest(string_to_array(stray.privileges, ', ')) as privilege), stray.relation, stray.who)
            else pg_catalog.format('revoke %s on public.%I from %s;', stray.privileges, stray.relation, stray.who)
       end,
       stray.truncates or stray.who in ('public', 'anon')
       or exists (
           select from opening
            where opening.class = stray.class
              and exists (
                  select from unnest(opening.polroles) as target (id)
                   where target.id = 0 or stray.grantee <> 0 and pg_catalog.pg_has_role(stray.grantee, target.id, 'usage')
              )
       )
  from stray
union all
select pg_catalog.format('view %s reads %s', viewed.name, viewed.relations),
       pg_catalog.format('as its owner%s', case when viewed.is_shared then ', and others may read it' end),
       pg_catalog.format('alter view %s set (security_invoker = true);', viewed.name),
       viewed.is_shared
  from viewed
union all
select pg_catalog.format('function %s reads or writes tables of ours as %s', called.name, called.owner),
       pg_catalog.format('security definer; %s may execute it', called.callers),
       pg_catalog.format('revoke execute on function %s from %s;', called.name, called.callers),
       true
  from called
 where called.callers is not null
 order by 1
