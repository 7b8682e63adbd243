-- Keep the Q-table of an agent type as its next version, and say its number; null where there is
-- nothing to keep at a session's end or before an import. One statement reads the pairs as of one
-- moment, and nobody waits for it. Numbers are beyond `p_beyond`. What was kept at sessions' ends is
-- thinned out: the last six stay, and the last of each of seven days; what was kept for a merge, an
-- import or a restore stays for 30 days, what was kept by hand or for a promotion for good.
create or replace function qlmodels_private.keep_policy(
    p_agent_type text, p_reason text, p_note text default null, p_beyond integer default 0
) returns integer
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
set row_security = on
set plan_cache_mode = force_custom_plan
set default_toast_compression = 'pglz'
as $$
declare
    v_version integer;
    v_pairs bigint;
begin
    -- where the server was built with it; until this function ends
    perform set_config('default_toast_compression', 'lz4', true)
       from pg_settings
      where name = 'default_toast_compression' and 'lz4' = any (enumvals);

    while v_pairs is null loop
        v_version := greatest(1 + p_beyond, qlmodels_private.next_version(p_agent_type));
        begin
            with pair as (
                select held.*, (dense_rank() over (order by held.state_hash) - 1) / 256 as part
                  from public.q_values as held
                 where held.agent_type = p_agent_type
                 order by held.state_hash, held.action_hash
            ), kept as (
                insert into qlmodels_private.policy_parts (
                    agent_type, policy_version, part, q_value_ids, session_ids, state_hashes,
                    states, action_hashes, actions, q_values, visit_counts, confidence_scores,
                    uncertainties, td_errors, last_updated, created_at, metadata
                )
                select p_agent_type, v_version, pair.part,
                       array_agg(pair.q_value_id), array_agg(pair.session_id),
                       array_agg(pair.state_hash::text), array_agg(pair.state_data),
                       array_agg(pair.action_hash::text), array_agg(pair.action_data),
                       array_agg(pair.q_value::double precision),
                       array_agg(pair.visit_count::integer),
                       array_agg(pair.confidence_score::double precision),
                       array_agg(pair.uncertainty::double precision),
                       array_agg(pair.td_error::double precision),
                       array_agg(pair.last_updated), array_agg(pair.created_at),
                       array_agg(pair.metadata)
                  from pair
                 group by pair.part
                returning state_hashes, visit_counts
            ), counted as (
                select coalesce(sum((select count(distinct state) from unnest(state_hashes) as state)), 0)
                           as states,
                       coalesce(sum(cardinality(state_hashes)), 0) as pairs,
                       coalesce(sum((select sum(visits) from unnest(visit_counts) as visits)), 0)
                           as visits
                  from kept
            )
            insert into qlmodels_private.policy_versions (
                agent_type, policy_version, reason, login, panel_user, note, states, pairs, visits,
                settings
            )
            select p_agent_type, v_version, p_reason, session_user,
                   case when session_user like 'qlpanel\_%'
                        then nullif(current_setting('app.panel_user', true), '') end,
                   p_note, counted.states, counted.pairs, counted.visits,
                   qlmodels_private.policy_settings(p_agent_type)
              from counted
             where counted.pairs > 0 or p_reason not in ('session', 'import')
            returning pairs into v_pairs;
            if v_pairs is null then
                return null;
            end if;
        exception when unique_violation then  -- somebody else kept one of this number meanwhile
            if p_reason = 'session' then
                return null;
            end if;
        end;
    end loop;

    delete from qlmodels_private.policy_versions as former
     where former.agent_type = p_agent_type
       and former.policy_version < v_version
       and (   former.reason = 'session'
               and former.policy_version not in (
                   select version.policy_version
                     from qlmodels_private.policy_versions as version
                    where version.agent_type = p_agent_type and version.reason = 'session'
                    order by version.policy_version desc
                    limit 6
               )
               and former.policy_version not in (
                   select max(version.policy_version)
                     from qlmodels_private.policy_versions as version
                    where version.agent_type = p_agent_type
                      and version.reason = 'session'
                      and version.kept_at > now() - interval '7 days'
                    group by date_trunc('day', version.kept_at at time zone 'UTC')
               )
            or former.reason in ('merge', 'import', 'restore')
               and former.kept_at < now() - interval '30 days');
    return v_version;
end $$;
