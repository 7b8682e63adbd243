-- Whether a state or an action is the one that is stored under its hash. Adopted rows may hold less
-- than what was hashed: the hash alone, the name of the action, or other features beside those that
-- were hashed, which are the state_tuple. Inlined into the statements that call it.
create or replace function qlmodels.is_same_document(p_stored jsonb, p_given jsonb, p_hash text)
returns boolean
language sql immutable parallel safe
return p_stored = p_given
    or coalesce(p_stored ->> 'hash' = p_hash, false)
    or coalesce(p_stored -> 'state_tuple' = p_given -> 'state_tuple', false)
    or coalesce(jsonb_typeof(p_given) = 'string' and p_stored -> 'action' = p_given, false);
