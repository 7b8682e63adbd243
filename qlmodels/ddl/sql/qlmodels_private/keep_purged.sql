-- Keep pairs that a purge is about to delete, in the agent type's version "before purge DATE" of today, and
-- say its number. A purge goes by bites: the first one of a day makes the version, later ones
-- add to it, so that each writes as many pairs as it takes. Such a version is never thinned out.
create or replace function qlmodels_private.keep_purged(p_agent_type text, p_ids bigint[]) returns integer
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set row_security = on
set plan_cache_mode = force_custom_plan
set timezone = 'UTC'
as $$
declare
    v_note constant text := format('before purge %s', current_date);
    v_version integer;
begin
    loop
        select version.policy_version into v_version
          from qlmodels_private.policy_versions as version
         where version.agent_type = p_agent_type and version.reason = 'purge' and version.note = v_note
         order by version.policy_version desc
         limit 1
           for update;
        exit when found;
        insert into qlmodels_private.policy_versions (
            agent_type, policy_version, reason, login, note, states, pairs, visits
        )
        select p_agent_type, qlmodels_private.next_version(p_agent_type), 'purge', session_user,
               v_note, 0, 0, 0
        on conflict do nothing;  -- another transaction keeps one of this number: look again
    end loop;

    with pair as (
        select held.*,
               (select 1 + coalesce(max(part.part), -1)
                  from qlmodels_private.policy_parts as part
                 where part.agent_type = p_agent_type and part.policy_version = v_version)
               + (dense_rank() over (order by held.state_hash) - 1) / 256 as part
          from public.q_values as held
         where held.agent_type = p_agent_type and held.q_value_id = any (p_ids)
         order by held.state_hash, held.action_hash
    ), kept as (
        insert into qlmodels_private.policy_parts (
            agent_type, policy_version, part, q_value_ids, session_ids, state_hashes, states,
            action_hashes, actions, q_values, visit_counts, confidence_scores, uncertainties,
            td_errors, last_updated, created_at, metadata
        )
        select p_agent_type, v_version, pair.part,
               array_agg(pair.q_value_id), array_agg(pair.session_id),
               array_agg(pair.state_hash::text), array_agg(pair.state_data),
               array_agg(pair.action_hash::text), array_agg(pair.action_data),
               array_agg(pair.q_value::double precision), array_agg(pair.visit_count::integer),
               array_agg(pair.confidence_score::double precision),
               array_agg(pair.uncertainty::double precision),
               array_agg(pair.td_error::double precision),
               array_agg(pair.last_updated), array_agg(pair.created_at), array_agg(pair.metadata)
          from pair
         group by pair.part
    ), counted as (
        select count(distinct pair.state_hash) filter (
                   where not exists (  -- what is left of a state is counted when the last of it goes
                       select from public.q_values as rest
                        where rest.agent_type = p_agent_type and rest.state_hash = pair.state_hash
                          and rest.expires_at < now() and rest.q_value_id <> all (p_ids)
                   )
               ) as states,
               count(*) as pairs, coalesce(sum(pair.visit_count), 0) as visits
          from pair
    )
    update qlmodels_private.policy_versions as version
       set states = version.states + counted.states,
           pairs = version.pairs + counted.pairs,
           visits = version.visits + counted.visits
      from counted
     where version.agent_type = p_agent_type and version.policy_version = v_version;
    return v_version;
end $$;
