-- The actions of a policy that gives their probabilities; null for other policies.
create or replace function qlmodels.policy_actions(p_policy jsonb) returns text[]
language sql immutable parallel safe
return case
    when p_policy ? 'probabilities'
    then array(select jsonb_object_keys(p_policy -> 'probabilities'))
end;
