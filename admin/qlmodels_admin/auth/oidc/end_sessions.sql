-- Sign a user out of all browsers.
delete from qlmodels_admin.sessions
where user_name = :name
