select format('login %I owns the tables and sees none of their rows', current_user) as what,
       'it is no member of qlmodels_definer that inherits' as evidence,
       format('grant qlmodels_definer to %I;', current_user) as fix
 where not pg_catalog.pg_has_role(current_user, 'qlmodels_definer', 'usage')
