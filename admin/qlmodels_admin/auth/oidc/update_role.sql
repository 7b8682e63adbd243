-- The role that the groups of a user give them now.
update qlmodels_admin.users
set role = :role
where name = :name
