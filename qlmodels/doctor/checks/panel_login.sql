select format('the panel logs in as %I, who does not see the rows', session_user) as what,
       'it is no member of qlmodels_panel that inherits' as evidence,
       'qlmodels login create --panel NAME, and its URL as QLMODELS_PANEL_URL' as fix
 where not pg_catalog.pg_has_role(session_user, 'qlmodels_panel', 'usage')
union all
select format('the panel logs in as %I, who passes by row-level security', session_user),
       concat_ws(', ', case when rolsuper then 'superuser' end, case when rolbypassrls then 'bypassrls' end),
       'qlmodels login create --panel NAME, and its URL as QLMODELS_PANEL_URL'
  from pg_catalog.pg_roles
 where rolname = session_user
   and (rolsuper or rolbypassrls)
