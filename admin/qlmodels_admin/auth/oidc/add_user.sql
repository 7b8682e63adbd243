-- A new user of an identity; no row where another user has the name.
insert into qlmodels_admin.users (name, role, issuer, subject)
values (:name, :role, :issuer, :subject)
on conflict do nothing
