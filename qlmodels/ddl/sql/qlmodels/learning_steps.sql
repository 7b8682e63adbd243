-- The argument of learn_many as rows. `choices` is the number of legal actions of the next state.
create or replace function qlmodels.learning_steps(p_steps jsonb)
returns table (
    "position" integer, state_hash text, state_data jsonb, action_hash text, action_data jsonb,
    reward double precision, next_state_hash text, next_action_hashes jsonb, terminated boolean,
    discount_factor double precision, session_id uuid, reward_type text, reward_source text,
    step integer, choices integer
)
language sql immutable
rows 100
set search_path = pg_catalog, pg_temp
as $$
    select numbered.position::integer, given.state_hash, given.state_data, given.action_hash,
           given.action_data, given.reward, given.next_state_hash,
           nullif(given.next_action_hashes, 'null'), coalesce(given.terminated, false),
           given.discount_factor, given.session_id, given.reward_type, given.reward_source,
           given.step,
           case when given.next_action_hashes <> 'null' then (
               select count(distinct legal.action_hash)::integer
                 from jsonb_array_elements_text(given.next_action_hashes) as legal (action_hash)
           ) end
      from jsonb_array_elements(p_steps) with ordinality as numbered (document, position)
     cross join lateral jsonb_to_record(numbered.document) as given (
           state_hash text, state_data jsonb, action_hash text, action_data jsonb,
           reward double precision, next_state_hash text, next_action_hashes jsonb,
           terminated boolean, discount_factor double precision, session_id uuid,
           reward_type text, reward_source text, step integer
     )
$$;
