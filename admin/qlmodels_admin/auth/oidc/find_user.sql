-- The user of an identity.
select name, role, is_active
from qlmodels_admin.users
where issuer = :issuer and subject = :subject
