"""general

Revision: 0002
Revises: 0001
Created: 2026-12-01 03:58:33.594347
"""

from textwrap import dedent

from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # +12 columns, +6 constraints, +35 functions, +1 grant, +7 policies, +8 tables, +12 triggers, +5 views, ~2 columns, ~2 comments, ~1 constraint, ~10 functions, ~7 grants, ~4 triggers, ~2 views, -1 constraint, -1 default, -1 grant

    op.execute("set local check_function_bodies = off")

    op.execute("revoke all on function qlmodels.speaks_for_all() from qlmodels_definer")

    op.execute("grant execute on function qlmodels.speaks_for_all() to public, qlmodels_definer")

    op.execute("drop trigger record_change on qlmodels_private.policy_versions")

    op.execute("drop trigger record_change on qlmodels_admin.users")

    op.execute("drop trigger record_change on public.trajectories")

    op.execute("drop trigger record_change on public.sessions")

    op.execute(dedent("""
        drop function qlmodels.draw_trajectories(text,double precision[],double precision[],double precision[],double precision[])
    """))

    op.execute("alter table qlmodels_admin.action_runs drop constraint fk_action_runs_user")

    op.execute(dedent("""
        alter table qlmodels_private.policy_versions drop constraint ck_policy_versions_reason
    """))

    op.execute("alter table public.agent_types alter column action_space_dimensions drop default")

    op.execute(dedent("""
        create table qlmodels_admin.alert_targets (
            name character varying(100) not null,
            format text not null,
            url text not null,
            signing_secret text,
            created_by character varying(100) not null,
            created_at timestamp with time zone default now() not null,
            constraint alert_targets_pkey PRIMARY KEY (name),
            constraint ck_alert_targets_format CHECK ((format = ANY (ARRAY['webhook'::text, 'slack'::text]))),
            constraint ck_alert_targets_secret CHECK (((format = 'webhook'::text) = (signing_secret IS NOT NULL)))
        )
    """))

    op.execute(dedent("""
        create table qlmodels_admin.alert_messages (
            message_id uuid default gen_random_uuid() not null,
            target character varying(100) not null,
            changes jsonb not null,
            created_at timestamp with time zone default now() not null,
            attempts integer default 0 not null,
            next_attempt_at timestamp with time zone default now(),
            sent_at timestamp with time zone,
            last_error text,
            constraint alert_messages_pkey PRIMARY KEY (message_id),
            constraint fk_alert_messages_target FOREIGN KEY (target) REFERENCES qlmodels_admin.alert_targets(name) ON DELETE CASCADE
        )
    """))

    op.execute(dedent("""
        create table qlmodels_admin.alert_states (
            agent_type character varying(100) not null,
            needs_attention boolean not null,
            is_changing boolean not null,
            constraint alert_states_pkey PRIMARY KEY (agent_type)
        )
    """))

    op.execute(dedent("""
        create table qlmodels_admin.background_jobs (
            name text not null,
            finished_at timestamp with time zone,
            holder text,
            lease_expires_at timestamp with time zone default '-infinity'::timestamp with time zone not null,
            constraint background_jobs_pkey PRIMARY KEY (name)
        )
    """))

    op.execute(dedent("""
        create table qlmodels_admin.sign_in_attempts (
            key bytea not null,
            attempted_at timestamp with time zone[] default '{}'::timestamp with time zone[] not null,
            expires_at timestamp with time zone not null,
            constraint sign_in_attempts_pkey PRIMARY KEY (key)
        )
    """))

    op.execute(dedent("""
        create table qlmodels_private.adopted_hashes (
            agent_type character varying(50) not null,
            kind character varying(10) not null,
            document_hash character varying(64) not null,
            hash character varying(64) not null,
            constraint adopted_hashes_pkey PRIMARY KEY (agent_type, kind, document_hash),
            constraint fk_adopted_hashes_agent_type FOREIGN KEY (agent_type) REFERENCES public.agent_types(agent_type) ON DELETE CASCADE,
            constraint ck_adopted_hashes_kind CHECK (((kind)::text = ANY (ARRAY['state'::character varying, 'action'::character varying])))
        )
    """))

    op.execute(dedent("""
        create table qlmodels_private.adoptions (
            agent_type character varying(50) not null,
            adopted_at timestamp with time zone default now() not null,
            constraint adoptions_pkey PRIMARY KEY (agent_type),
            constraint fk_adoptions_agent_type FOREIGN KEY (agent_type) REFERENCES public.agent_types(agent_type) ON DELETE CASCADE
        )
    """))

    op.execute(dedent("""
        create table qlmodels_private.last_versions (
            agent_type character varying(50) not null,
            policy_version integer not null,
            constraint last_versions_pkey PRIMARY KEY (agent_type)
        )
    """))

    op.execute("alter table public.agent_types alter column action_space_dimensions drop not null")

    op.execute("alter table public.agent_types alter column retention_days drop not null")

    op.execute("alter table public.agent_types add column hashing character varying(20)")

    op.execute("alter table public.sessions add column hyperparameters jsonb")

    op.execute("alter table public.sessions add column tags text[] default '{}'::text[] not null")

    op.execute("alter table public.sessions add column notes text")

    op.execute("alter table public.trajectories add column legal_actions jsonb")

    op.execute("alter table qlmodels_admin.action_runs add column user_role text")

    op.execute("alter table qlmodels_admin.sessions add column confirmed_at timestamp with time zone")

    op.execute("alter table qlmodels_admin.sessions add column address text")

    op.execute("alter table qlmodels_admin.sessions add column browser text")

    op.execute("alter table qlmodels_admin.users add column issuer text")

    op.execute("alter table qlmodels_admin.users add column subject text")

    op.execute("alter table qlmodels_private.policy_versions add column settings jsonb")

    op.execute("alter table public.sessions alter column tags set default '{}'::text[]")

    # careful: scans the table under an exclusive lock
    op.execute(dedent("""
        alter table public.agent_types add constraint ck_agent_types_hashing CHECK (((hashing)::text = 'original'::text))
    """))

    # careful: scans the table under an exclusive lock
    op.execute(dedent("""
        alter table qlmodels_private.policy_versions add constraint ck_policy_versions_reason CHECK (((reason)::text = ANY (ARRAY['hand'::character varying, 'session'::character varying, 'merge'::character varying, 'import'::character varying, 'restore'::character varying, 'purge'::character varying, 'promote'::character varying])))
    """))

    # careful: scans the table under an exclusive lock
    op.execute(dedent("""
        alter table public.sessions add constraint ck_sessions_hyperparameters CHECK ((jsonb_typeof(hyperparameters) = 'object'::text))
    """))

    # careful: scans the table under an exclusive lock
    op.execute(dedent("""
        alter table public.sessions add constraint ck_sessions_tags CHECK (((cardinality(tags) <= 50) AND (array_position(tags, NULL::text) IS NULL)))
    """))

    # careful: scans the table under an exclusive lock
    op.execute(dedent("""
        alter table public.trajectories add constraint ck_trajectories_legal_actions CHECK (
        CASE
            WHEN (legal_actions IS NULL) THEN true
            WHEN ((jsonb_typeof(legal_actions) <> 'array'::text) OR jsonb_path_exists(legal_actions, 'strict $[*]?(@.type() != "array")'::jsonpath)) THEN false
            ELSE ((jsonb_array_length(legal_actions) = 1) OR (jsonb_array_length(legal_actions) = jsonb_array_length(states_visited)))
        END)
    """))

    # careful: scans the table under an exclusive lock
    op.execute(dedent("""
        alter table qlmodels_admin.users add constraint ck_users_identity CHECK ((((issuer IS NULL) = (subject IS NULL)) AND ((issuer IS NULL) OR (password_hash IS NULL))))
    """))

    # careful: builds an index while writes wait
    op.execute(dedent("""
        alter table qlmodels_admin.users add constraint uq_users_issuer_subject UNIQUE (issuer, subject)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_alert_messages_next_attempt_at ON qlmodels_admin.alert_messages USING btree (next_attempt_at) WHERE (next_attempt_at IS NOT NULL)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_alert_messages_target ON qlmodels_admin.alert_messages USING btree (target, created_at)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_sign_in_attempts_expires_at ON qlmodels_admin.sign_in_attempts USING btree (expires_at)
    """))

    op.execute(dedent("""
        CREATE OR REPLACE FUNCTION public.learn(p_agent_type text, p_state_hash text, p_state_data jsonb, p_action_hash text, p_action_data jsonb, p_reward double precision, p_next_state_hash text DEFAULT NULL::text, p_next_action_hashes text[] DEFAULT NULL::text[], p_terminated boolean DEFAULT false, p_session_id uuid DEFAULT NULL::uuid, p_discount_factor double precision DEFAULT NULL::double precision)
         RETURNS double precision
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        begin
            return (
                select step.q_value
                  from qlmodels.learn_transition(
                           p_agent_type, p_state_hash, p_state_data, p_action_hash, p_action_data, p_reward,
                           p_next_state_hash, p_next_action_hashes, p_terminated, p_session_id,
                           p_discount_factor
                       ) as step
            );
        end $function$
    """))

    op.execute(dedent("""
        CREATE OR REPLACE FUNCTION public.learn_many(p_agent_type text, p_steps jsonb)
         RETURNS TABLE(q_value double precision, td_error double precision, learning_rate double precision, visit_count integer)
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        begin
            return query
            select step.q_value, step.td_error, step.learning_rate, step.visit_count
              from qlmodels.learn_transitions(p_agent_type, p_steps) as step;
        end $function$
    """))

    op.execute(dedent("""
        CREATE OR REPLACE FUNCTION public.learn_step(p_agent_type text, p_state_hash text, p_state_data jsonb, p_action_hash text, p_action_data jsonb, p_reward double precision, p_next_state_hash text DEFAULT NULL::text, p_next_action_hashes text[] DEFAULT NULL::text[], p_terminated boolean DEFAULT false, p_session_id uuid DEFAULT NULL::uuid, p_discount_factor double precision DEFAULT NULL::double precision, p_reward_type text DEFAULT NULL::text, p_reward_source text DEFAULT NULL::text, p_step integer DEFAULT NULL::integer)
         RETURNS TABLE(q_value double precision, td_error double precision, learning_rate double precision, visit_count integer, next_values double precision[], next_visits integer[])
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        begin
            return query
            select step.q_value, step.td_error, step.learning_rate, step.visit_count, step.next_values,
                   step.next_visits
              from qlmodels.learn_transition(
                       p_agent_type, p_state_hash, p_state_data, p_action_hash, p_action_data, p_reward,
                       p_next_state_hash, p_next_action_hashes, p_terminated, p_session_id,
                       p_discount_factor, p_reward_type, p_reward_source, p_step
                   ) as step;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION public.nudge_q_values(p_agent_type text, p_nudges jsonb)
         RETURNS TABLE(q_value double precision, visit_count integer, is_new boolean)
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
         SET enable_hashjoin TO 'off'
         SET enable_mergejoin TO 'off'
         SET enable_bitmapscan TO 'off'
         SET enable_seqscan TO 'off'
        AS $function$
        declare
            v_kind record;
            v_nudge record;
            -- the pairs by key, each in its slot
            v_ids bigint[];
            v_states jsonb[];
            v_actions jsonb[];
            v_values double precision[];
            v_visits integer[];
            v_new boolean[];
        begin
            select kind.initial_q_value, kind.retention_days
              into v_kind
              from public.agent_types as kind
             where kind.agent_type = p_agent_type;
            if not found then
                raise insufficient_privilege using
                    message = format('agent type %L is unknown, or this login does not speak for it', p_agent_type),
                    hint = 'Connect by the login of that agent type, or choose it by acting_as().';
            end if;

            select locked.ids, locked.states, locked.actions, locked.q_values, locked.visits, locked.are_new
              into v_ids, v_states, v_actions, v_values, v_visits, v_new
              from qlmodels.lock_pairs(p_agent_type, p_nudges, v_kind.initial_q_value) as locked;

            for v_nudge in
                select pair.slot, pair.is_first, pair.state_hash, pair.state_data, pair.action_hash,
                       pair.action_data,
                       (p_nudges -> pair.position::integer - 1 ->> 'by')::double precision as amount,
                       coalesce((p_nudges -> pair.position::integer - 1 ->> 'visit')::boolean, false) as is_visit
                  from qlmodels.learning_steps(p_nudges) as pair
                 order by pair.position
            loop
                if (v_nudge.state_data <> v_states[v_nudge.slot] or v_nudge.action_data <> v_actions[v_nudge.slot])
                    and not (
                        qlmodels.is_same_document(v_states[v_nudge.slot], v_nudge.state_data, v_nudge.state_hash)
                        and qlmodels.is_same_document(v_actions[v_nudge.slot], v_nudge.action_data, v_nudge.action_hash)
                    )
                then
                    raise sqlstate 'QL001' using
                        message = format(
                            'pair %L, %L is stored with another state or action',
                            v_nudge.state_hash, v_nudge.action_hash
                        ),
                        hint = 'Hash every feature that the document holds, and nothing else.';
                elsif not coalesce(abs(v_nudge.amount) < 'Infinity', false) then
                    raise invalid_parameter_value using
                        message = format('a nudge is by %s', v_nudge.amount),
                        hint = 'Give a finite number.';
                end if;
                q_value := coalesce(v_values[v_nudge.slot], v_kind.initial_q_value) + v_nudge.amount;
                visit_count := v_visits[v_nudge.slot] + v_nudge.is_visit::integer;
                is_new := v_nudge.is_first and v_new[v_nudge.slot];
                v_values[v_nudge.slot] := q_value;
                v_visits[v_nudge.slot] := visit_count;
                return next;
            end loop;

            update public.q_values as pair
               set q_value = v_values[array_position(v_ids, pair.q_value_id)],
                   visit_count = v_visits[array_position(v_ids, pair.q_value_id)],
                   confidence_score = qlmodels.confidence_after(
                       pair.confidence_score, v_visits[array_position(v_ids, pair.q_value_id)] - pair.visit_count
                   ),
                   uncertainty = qlmodels.uncertainty_after(
                       pair.uncertainty, v_visits[array_position(v_ids, pair.q_value_id)] - pair.visit_count
                   ),
                   last_updated = now(),
                   expires_at = qlmodels.expiry(v_kind.retention_days)
             where pair.agent_type = p_agent_type
               and pair.q_value_id = any (v_ids);
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION public.refresh_materialized_views()
         RETURNS void
         LANGUAGE sql
         STABLE PARALLEL SAFE
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$ select $function$
    """))

    op.execute(dedent("""
        CREATE OR REPLACE FUNCTION public.upsert_q_value(p_agent_type text, p_state_hash text, p_state_data jsonb, p_action_hash text, p_action_data jsonb, p_q_value double precision, p_session_id uuid DEFAULT NULL::uuid)
         RETURNS bigint
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        declare
            v_expires_at timestamptz;
            v_id bigint;
        begin
            select qlmodels.expiry(kind.retention_days)
              into v_expires_at
              from public.agent_types as kind
             where kind.agent_type = p_agent_type;

            -- most pairs are there already, and an UPDATE takes less than a conflict
            update public.q_values as pair
               set q_value = p_q_value,
                   visit_count = pair.visit_count + 1,
                   confidence_score = qlmodels.confidence_after(pair.confidence_score, 1),
                   uncertainty = qlmodels.uncertainty_after(pair.uncertainty, 1),
                   last_updated = now(),
                   expires_at = v_expires_at
             where pair.agent_type = p_agent_type
               and pair.state_hash = p_state_hash
               and pair.action_hash = p_action_hash
            returning pair.q_value_id into v_id;
            if found then
                return v_id;
            end if;

            insert into public.q_values as pair (
                agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, expires_at
            )
            values (
                p_agent_type, p_session_id, p_state_hash, p_state_data, p_action_hash, p_action_data,
                p_q_value, v_expires_at
            )
            on conflict (agent_type, state_hash, action_hash) do update
               set q_value = excluded.q_value,
                   visit_count = pair.visit_count + 1,
                   confidence_score = qlmodels.confidence_after(pair.confidence_score, 1),
                   uncertainty = qlmodels.uncertainty_after(pair.uncertainty, 1),
                   last_updated = now(),
                   expires_at = excluded.expires_at
            returning pair.q_value_id into v_id;

            return v_id;
        end $function$
    """))

    op.execute(dedent("""
        CREATE OR REPLACE FUNCTION public.upsert_q_values(p_rows jsonb)
         RETURNS bigint[]
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        begin
            return (select upserted.ids from qlmodels.upsert_pairs(p_rows) as upserted);
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.add_to_instance(p_agent_type text, p_instance text, p_episodes integer, p_successes integer, p_total_reward double precision, p_status text DEFAULT NULL::text, p_exploration_rate double precision DEFAULT NULL::double precision, p_learning_rate double precision DEFAULT NULL::double precision, p_patterns integer DEFAULT 0, p_pairs integer DEFAULT 0, p_lookups bigint DEFAULT 0, p_lookup_hits bigint DEFAULT 0)
         RETURNS TABLE(total_tasks integer, exploration_rate double precision, exploration_decay double precision, min_exploration_rate double precision)
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        #variable_conflict use_column
        begin
            if p_status is null and p_episodes = 0 then
                return query
                select coalesce(instance.total_tasks, 0), kind.exploration_rate, kind.exploration_decay,
                       kind.min_exploration_rate
                  from public.agent_types as kind
                  left join public.agent_states as instance
                    on instance.agent_type = kind.agent_type
                   and instance.agent_instance_id = p_instance
                 where kind.agent_type = p_agent_type;
                return;
            end if;
            return query
            with kind as materialized (
                select agent_type, learning_rate, exploration_rate, exploration_decay, min_exploration_rate
                  from public.agent_types
                 where agent_type = p_agent_type
            ), added as (
                insert into public.agent_states as instance (
                    agent_type, agent_instance_id, status, total_tasks, successful_tasks, failed_tasks,
                    total_reward, avg_reward, current_exploration_rate, current_learning_rate,
                    patterns_learned, q_values_stored, lookups, lookup_hits
                )
                select kind.agent_type, p_instance, coalesce(p_status, 'idle'), p_episodes, p_successes,
                       p_episodes - p_successes, qlmodels.total_after(0, p_total_reward),
                       qlmodels.mean_of(qlmodels.total_after(0, p_total_reward), p_episodes),
                       coalesce(
                           p_exploration_rate,
                           qlmodels.exploration_after(
                               kind.exploration_rate, kind.exploration_decay, kind.min_exploration_rate,
                               p_episodes
                           )
                       ),
                       coalesce(p_learning_rate, kind.learning_rate),
                       p_patterns, p_pairs, p_lookups, p_lookup_hits
                  from kind
                on conflict (agent_type, agent_instance_id) do update
                   set status = coalesce(p_status, instance.status),
                       total_tasks = instance.total_tasks + excluded.total_tasks,
                       successful_tasks = instance.successful_tasks + excluded.successful_tasks,
                       failed_tasks = instance.failed_tasks + excluded.failed_tasks,
                       total_reward = qlmodels.total_after(instance.total_reward, excluded.total_reward),
                       avg_reward = qlmodels.mean_of(
                           qlmodels.total_after(instance.total_reward, excluded.total_reward),
                           instance.total_tasks + excluded.total_tasks
                       ),
                       current_exploration_rate = coalesce(
                           p_exploration_rate,
                           (select qlmodels.exploration_after(
                                       kind.exploration_rate, kind.exploration_decay,
                                       kind.min_exploration_rate, instance.total_tasks + excluded.total_tasks
                                   )
                              from kind)
                       ),
                       current_learning_rate = case
                           when p_status is null then instance.current_learning_rate
                           else excluded.current_learning_rate
                       end,
                       patterns_learned = instance.patterns_learned + excluded.patterns_learned,
                       q_values_stored = instance.q_values_stored + excluded.q_values_stored,
                       lookups = instance.lookups + excluded.lookups,
                       lookup_hits = instance.lookup_hits + excluded.lookup_hits,
                       last_activity = now()
                returning instance.total_tasks
            )
            select added.total_tasks, kind.exploration_rate, kind.exploration_decay,
                   kind.min_exploration_rate
              from added
             cross join kind;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.adopted_hashes_of(p_agent_type text)
         RETURNS TABLE(kind text, document_hash text, hash text)
         LANGUAGE plpgsql
         STABLE SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        begin
            if coalesce(qlmodels.speaking_for(), p_agent_type) <> p_agent_type then
                return;
            end if;
            return query
            select adopted.kind::text, adopted.document_hash::text, adopted.hash::text
              from qlmodels_private.adopted_hashes as adopted
             where adopted.agent_type = p_agent_type;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.agent_of_login()
         RETURNS text
         LANGUAGE plpgsql
         IMMUTABLE PARALLEL SAFE
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        begin
            if starts_with(session_user::text, 'ql_') and current_user <> 'qlmodels_definer' then
                return substr(session_user::text, 4);
            end if;
            return null;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.check_step_options(p_policy jsonb, p_learning_rate double precision, p_weight double precision, p_legal text[])
         RETURNS void
         LANGUAGE plpgsql
         IMMUTABLE
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        declare
            v_kind text;
            v_parameter double precision;
            v_illegal text;
        begin
            if not coalesce(p_learning_rate between 0 and 1, true) then
                raise invalid_parameter_value using
                    message = format('the learning rate is %s', p_learning_rate),
                    hint = 'Give a number between 0 and 1.';
            elsif not coalesce(p_weight >= 0 and p_weight < 'Infinity', true) then
                raise invalid_parameter_value using
                    message = format('the weight is %s', p_weight),
                    hint = 'Give a finite number of at least 0.';
            elsif p_policy is null then
                return;
            elsif jsonb_typeof(p_policy) = 'object' then
                select min(option.name) into v_kind from jsonb_object_keys(p_policy) as option (name) having count(*) = 1;
            end if;

            if v_kind in ('epsilon_greedy', 'softmax') and jsonb_typeof(p_policy -> v_kind) = 'number' then
                v_parameter := (p_policy ->> v_kind)::double precision;
                if v_kind = 'epsilon_greedy' and v_parameter between 0 and 1
                   or v_kind = 'softmax' and v_parameter between 1e-100 and 1e100 then
                    return;
                end if;
            elsif v_kind = 'probabilities' and jsonb_typeof(p_policy -> v_kind) = 'object'
                  and not p_policy @? '$.probabilities.* ? (@.type() != "number" || @ < 0)' then
                select chosen.action
                  into v_illegal
                  from jsonb_object_keys(p_policy -> v_kind) as chosen (action)
                 where chosen.action <> all (p_legal)
                 limit 1;
                if v_illegal is not null then
                    raise invalid_parameter_value using
                        message = format('the policy gives a probability to action %L, which is not legal', v_illegal),
                        hint = 'Give probabilities of the actions of the next state alone.';
                end if;
                select sum(chosen.probability::double precision)
                  into v_parameter
                  from jsonb_each_text(p_policy -> v_kind) as chosen (action, probability);
                if abs(v_parameter - 1) <= 1e-9 then
                    return;
                end if;
            end if;
            raise invalid_parameter_value using
                message = format('%s is no policy', left(p_policy::text, 200)),
                hint = 'Give {"epsilon_greedy": 0 to 1}, {"softmax": above 0}, or {"probabilities": {hash: number, ...}} whose sum is 1.';
        end $function$
    """))

    op.execute(dedent("""
        CREATE OR REPLACE FUNCTION qlmodels.cleanup_expired_data()
         RETURNS TABLE(table_name text, deleted_count bigint)
         LANGUAGE plpgsql
         SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        declare
            v_deleted bigint;
        begin
            foreach table_name in array array['q_values', 'trajectories', 'patterns', 'rewards', 'sessions'] loop
                deleted_count := 0;
                loop
                    v_deleted := qlmodels.purge_expired(table_name, 10000);
                    deleted_count := deleted_count + v_deleted;
                    exit when v_deleted < 10000;
                end loop;
                return next;
            end loop;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.confidence_after(p_confidence double precision, p_visits integer)
         RETURNS double precision
         LANGUAGE sql
         IMMUTABLE PARALLEL SAFE
        RETURN LEAST((1)::double precision, (p_confidence + ((0.01 * (p_visits)::numeric))::double precision))
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.confined_to()
         RETURNS text
         LANGUAGE plpgsql
         STABLE PARALLEL SAFE
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        declare
            v_role name := coalesce(nullif(current_setting('role'), 'none'), session_user);
        begin
            if current_user = 'qlmodels_definer' and v_role <> 'qlmodels_definer' then
                return null;  -- the function itself decides whose rows it returns
            elsif starts_with(session_user::text, 'ql_') then
                return substr(session_user::text, 4);
            elsif starts_with(session_user::text, 'qlfleet_') or v_role = 'qlmodels_fleet' then
                return coalesce(qlmodels.fleet_agent(), '');
            elsif v_role = 'authenticated' then
                return coalesce(qlmodels.current_agent(), '');
            elsif v_role = 'anon' then
                return '';
            elsif qlmodels.speaks_for_all() or pg_has_role(v_role, 'analytics_role', 'usage') then
                return null;
            elsif pg_has_role(v_role, 'qlmodels_fleet', 'usage') then
                return coalesce(qlmodels.fleet_agent(), '');
            elsif pg_has_role(v_role, 'qlmodels_agent', 'member')
                  or pg_has_role(v_role, 'authenticated', 'member')
                  or pg_has_role(v_role, 'anon', 'member')
            then
                return '';  -- its name is not an agent's, or it could still choose an API role
            end if;
            return null;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.draw_trajectories(p_agent_type text, p_starts double precision[], p_widths double precision[], p_buckets double precision[] DEFAULT NULL::double precision[], p_floors double precision[] DEFAULT NULL::double precision[])
         RETURNS TABLE(draw bigint, trajectory_id uuid, task_id text, total_reward double precision, success boolean, terminated boolean, truncated boolean, priority double precision, states_visited jsonb, actions_taken jsonb, step_rewards jsonb, legal_actions jsonb)
         LANGUAGE plpgsql
         STABLE SECURITY DEFINER ROWS 300
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
         SET enable_bitmapscan TO 'off'
         SET enable_seqscan TO 'off'
        AS $function$
        declare
            v_speaker text := qlmodels.speaking_for();
        begin
            if v_speaker <> p_agent_type then
                return;
            end if;
            if p_buckets is null then
                return query
                select probe.position, episode.*
                  from unnest(p_starts, p_widths) with ordinality as probe (start, width, position)
                 cross join lateral (
                       select one.trajectory_id, one.task_id::text, one.total_reward, one.success,
                              one.terminated, one.truncated, one.priority, one.states_visited,
                              one.actions_taken, one.step_rewards, one.legal_actions
                         from public.trajectories as one
                        where one.agent_type = p_agent_type
                          and one.sample_key >= probe.start
                          and one.sample_key < probe.start + probe.width
                       offset 0
                 ) as episode;
            else
                return query
                select probe.position, episode.*
                  from unnest(p_starts, p_widths, p_buckets, p_floors) with ordinality
                       as probe (start, width, bucket, floor, position)
                 cross join lateral (
                       select one.trajectory_id, one.task_id::text, one.total_reward, one.success,
                              one.terminated, one.truncated, one.priority, one.states_visited,
                              one.actions_taken, one.step_rewards, one.legal_actions
                         from public.trajectories as one
                        where one.agent_type = p_agent_type
                          and ceil(ln(one.priority) / ln(2::double precision)) = probe.bucket
                          and one.sample_key >= probe.start
                          and one.sample_key < probe.start + probe.width
                          and one.priority > probe.floor
                       offset 0
                 ) as episode;
            end if;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.end_sessions()
         RETURNS trigger
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        begin
            delete from qlmodels_admin.sessions where user_name = new.name;
            delete from qlmodels_admin.sign_in_links where user_name = new.name;
            return null;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.expiring_agent_types(p_unused boolean DEFAULT false)
         RETURNS TABLE(agent_type text, retention interval, counted_from timestamp with time zone)
         LANGUAGE plpgsql
         STABLE SECURITY DEFINER ROWS 20
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        declare
            v_agent_type text := qlmodels.speaking_for();
        begin
            return query
            select kind.agent_type::text, qlmodels.retention(kind.retention_days),
                   coalesce(adopted.adopted_at, '-infinity')
              from public.agent_types as kind
              left join qlmodels_private.adoptions as adopted on adopted.agent_type = kind.agent_type
             cross join lateral (select now() - qlmodels.retention(kind.retention_days) as at) as since
             where kind.retention_days is not null
               and (v_agent_type is null or kind.agent_type = v_agent_type)
               and not (
                   p_unused
                   and (
                       coalesce(adopted.adopted_at > since.at, false)
                       or exists (
                           select from public.agent_states as instance
                            where instance.agent_type = kind.agent_type
                              and instance.last_activity > since.at
                       )
                       or exists (
                           select from public.sessions as run
                            where run.agent_type = kind.agent_type
                              and greatest(run.start_time, run.end_time) > since.at
                       )
                       or exists (
                           select from public.q_values as pair
                            where pair.agent_type = kind.agent_type and pair.last_updated > since.at
                       )
                       or exists (
                           select from public.trajectories as episode
                            where episode.agent_type = kind.agent_type
                              and greatest(episode.started_at, episode.completed_at) > since.at
                       )
                       or exists (
                           select from public.rewards as reward
                            where reward.agent_type = kind.agent_type and reward.observed_at > since.at
                       )
                       or exists (
                           select from public.patterns as pattern
                            where pattern.agent_type = kind.agent_type
                              and greatest(pattern.first_seen, pattern.last_used) > since.at
                       )
                   )
               );
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.retention(p_days integer)
         RETURNS interval
         LANGUAGE sql
         IMMUTABLE PARALLEL SAFE
        RETURN CASE WHEN (p_days IS NOT NULL) THEN make_interval(days => LEAST(p_days, 1000000)) ELSE NULL::interval END
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.expiry(p_retention_days integer)
         RETURNS timestamp with time zone
         LANGUAGE sql
         STABLE PARALLEL SAFE
        RETURN (now() + qlmodels.retention(p_retention_days))
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.exploration_after(p_rate double precision, p_decay double precision, p_minimum double precision, p_episodes integer)
         RETURNS double precision
         LANGUAGE sql
         IMMUTABLE PARALLEL SAFE
        RETURN GREATEST(p_minimum, CASE WHEN (p_episodes = 0) THEN p_rate WHEN ((p_rate = (0)::double precision) OR (p_decay = (0)::double precision)) THEN (0)::double precision WHEN ((ln(p_rate) + ((p_episodes)::double precision * ln(p_decay))) < ('-700'::integer)::double precision) THEN (0)::double precision ELSE (p_rate * power(p_decay, (p_episodes)::double precision)) END)
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.is_same_document(p_stored jsonb, p_given jsonb, p_hash text)
         RETURNS boolean
         LANGUAGE sql
         IMMUTABLE PARALLEL SAFE
        RETURN ((p_stored = p_given) OR COALESCE(((p_stored ->> 'hash'::text) = p_hash), false) OR COALESCE(((p_stored -> 'state_tuple'::text) = (p_given -> 'state_tuple'::text)), false) OR COALESCE(((jsonb_typeof(p_given) = 'string'::text) AND ((p_stored -> 'action'::text) = p_given)), false))
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.is_unconfined()
         RETURNS boolean
         LANGUAGE plpgsql
         IMMUTABLE PARALLEL SAFE
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        begin
            return qlmodels.agent_of_login() is null and qlmodels.confined_to() is null;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.keep_an_admin()
         RETURNS trigger
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        begin
            if tg_level = 'STATEMENT' then
                perform
                   from qlmodels_admin.users
                  where role = 'admin' and is_active
                  order by name
                    for no key update;
            elsif not exists (select from qlmodels_admin.users where role = 'admin' and is_active) then
                raise check_violation using
                    message = format('%s is the last active admin', old.name),
                    hint = 'Make another user an admin first.',
                    schema = tg_table_schema, table = tg_table_name, constraint = tg_name;
            end if;
            return null;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.keep_first_writer()
         RETURNS trigger
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        declare
            v_column text;
        begin
            if qlmodels.confined_to() is null
               or current_user = (select pg_get_userbyid(relowner) from pg_class where oid = tg_relid)
            then
                return new;
            end if;
            select name into v_column
              from unnest(tg_argv) as name
             where to_jsonb(old) -> name is distinct from to_jsonb(new) -> name;
            raise insufficient_privilege using
                message = format('column %I of %I keeps what it was inserted with', v_column, tg_table_name),
                hint = 'Leave it out of the update, or send the value that the row has.',
                table = tg_table_name,
                column = v_column;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.learn_transition(p_agent_type text, p_state_hash text, p_state_data jsonb, p_action_hash text, p_action_data jsonb, p_reward double precision, p_next_state_hash text DEFAULT NULL::text, p_next_action_hashes text[] DEFAULT NULL::text[], p_terminated boolean DEFAULT false, p_session_id uuid DEFAULT NULL::uuid, p_discount_factor double precision DEFAULT NULL::double precision, p_reward_type text DEFAULT NULL::text, p_reward_source text DEFAULT NULL::text, p_step integer DEFAULT NULL::integer, p_next_policy jsonb DEFAULT NULL::jsonb, p_learning_rate double precision DEFAULT NULL::double precision, p_weight double precision DEFAULT NULL::double precision)
         RETURNS TABLE(q_value double precision, td_error double precision, learning_rate double precision, visit_count integer, next_values double precision[], next_visits integer[], is_new boolean)
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        declare
            v_read record;
            v_next_value double precision;
            v_step_size double precision;
            v_known double precision[];
            v_at integer;
            v_is_locked boolean := false;
        begin
            if not p_terminated and p_next_state_hash is null then
                raise invalid_parameter_value using
                    message = 'a step that does not terminate needs the hash of the next state',
                    hint = 'Give p_next_state_hash, or p_terminated => true.';
            elsif not p_terminated and cardinality(p_next_action_hashes) = 0 then
                raise invalid_parameter_value using
                    message = 'the next state has no legal action, yet the step does not terminate',
                    hint = 'Give its actions, or p_terminated => true.';
            end if;

            if p_next_policy is not null or p_learning_rate is not null or p_weight is not null then
                perform qlmodels.check_step_options(p_next_policy, p_learning_rate, p_weight, p_next_action_hashes);
                if p_next_policy is not null and not p_terminated then
                    p_next_action_hashes := coalesce(p_next_action_hashes, qlmodels.policy_actions(p_next_policy));
                    perform qlmodels.lock_states(p_agent_type, array[p_state_hash], array[p_next_state_hash]);
                end if;
            end if;

            loop
                select kind.learning_rate, kind.learning_rate_decay, kind.min_learning_rate,
                       kind.discount_factor, kind.initial_q_value, kind.action_space_dimensions,
                       qlmodels.expiry(kind.retention_days) as expires_at,
                       pair.q_value_id, coalesce(pair.q_value, kind.initial_q_value) as q_value,
                       coalesce(pair.visit_count, 0) as visit_count,
                       qlmodels.is_same_document(pair.state_data, p_state_data, p_state_hash)
                       and qlmodels.is_same_document(pair.action_data, p_action_data, p_action_hash) as is_same,
                       next.actions, next.q_values, next.visits
                  into v_read
                  from public.agent_types as kind
                  left join public.q_values as pair
                    on pair.agent_type = p_agent_type
                   and pair.state_hash = p_state_hash
                   and pair.action_hash = p_action_hash
                  left join lateral (
                       select array_agg(known.action_hash::text) as actions,
                              array_agg(known.q_value::double precision) as q_values,
                              array_agg(known.visit_count::integer) as visits
                         from public.q_values as known
                        where known.agent_type = p_agent_type
                          and known.state_hash = p_next_state_hash
                          and known.action_hash = any (p_next_action_hashes)
                  ) as next on not p_terminated
                 where kind.agent_type = p_agent_type;
                if not found then
                    raise insufficient_privilege using
                        message = format('agent type %L is unknown, or this login does not speak for it', p_agent_type),
                        hint = 'Connect by the login of that agent type, or choose it by acting_as().';
                elsif not v_read.is_same then
                    raise sqlstate 'QL001' using
                        message = format('pair %L, %L is stored with another state or action', p_state_hash, p_action_hash),
                        hint = 'Hash every feature that the document holds, and nothing else.';
                end if;

                if p_terminated then
                    v_next_value := 0;
                elsif p_next_action_hashes is null and v_read.action_space_dimensions is null then
                    raise invalid_parameter_value using
                        message = format('the legal actions of the next state are not known for agent type %L', p_agent_type),
                        hint = 'Give p_next_action_hashes, or set action_space_dimensions, the number of its actions.',
                        column = 'action_space_dimensions';
                elsif p_next_action_hashes is null and p_next_policy is not null then
                    select array_agg(known.q_value::double precision)
                      into v_known
                      from public.q_values as known
                     where known.agent_type = p_agent_type
                       and known.state_hash = p_next_state_hash;
                    v_next_value := qlmodels.policy_value(
                        p_next_policy, null, v_known,
                        v_read.action_space_dimensions - coalesce(cardinality(v_known), 0), v_read.initial_q_value
                    );
                elsif p_next_action_hashes is null then
                    select greatest(
                               max(known.q_value),
                               case when count(*) < v_read.action_space_dimensions then v_read.initial_q_value end
                           )
                      into v_next_value
                      from public.q_values as known
                     where known.agent_type = p_agent_type
                       and known.state_hash = p_next_state_hash;
                else
                    v_next_value := null;
                    for i in 1..cardinality(p_next_action_hashes) loop
                        v_at := array_position(v_read.actions, p_next_action_hashes[i]);
                        next_values[i] := coalesce(v_read.q_values[v_at], v_read.initial_q_value);
                        next_visits[i] := coalesce(v_read.visits[v_at], 0);
                        v_next_value := greatest(v_next_value, next_values[i]);
                    end loop;
                    if p_next_policy is not null then
                        v_next_value := qlmodels.policy_value(
                            p_next_policy, p_next_action_hashes, next_values, 0, v_read.initial_q_value
                        );
                    end if;
                end if;

                visit_count := v_read.visit_count + 1;
                learning_rate := coalesce(
                    p_learning_rate,
                    qlmodels.learning_rate_at(
                        v_read.learning_rate, v_read.learning_rate_decay, v_read.min_learning_rate, visit_count
                    )
                );
                td_error := p_reward
                    + qlmodels.product(coalesce(p_discount_factor, v_read.discount_factor), v_next_value)
                    - v_read.q_value;
                v_step_size := qlmodels.product(learning_rate, coalesce(p_weight, 1));
                q_value := v_read.q_value + qlmodels.product(v_step_size, td_error);

                is_new := v_read.q_value_id is null;
                if is_new then
                    insert into public.q_values (
                        agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value,
                        td_error, visit_count, confidence_score, uncertainty, expires_at
                    )
                    values (
                        p_agent_type, p_session_id, p_state_hash, p_state_data, p_action_hash, p_action_data,
                        learn_transition.q_value, learn_transition.td_error, 1,
                        qlmodels.confidence_after(0.5, 1), qlmodels.uncertainty_after(0.5, 1), v_read.expires_at
                    )
                    on conflict (agent_type, state_hash, action_hash) do nothing;
                    exit when found;
                else
                    update public.q_values as pair
                       set q_value = learn_transition.q_value,
                           td_error = learn_transition.td_error,
                           visit_count = learn_transition.visit_count,
                           confidence_score = qlmodels.confidence_after(pair.confidence_score, 1),
                           uncertainty = qlmodels.uncertainty_after(pair.uncertainty, 1),
                           last_updated = now(),
                           expires_at = v_read.expires_at
                     where pair.agent_type = p_agent_type
                       and pair.q_value_id = v_read.q_value_id
                       and pair.q_value = v_read.q_value
                       and pair.visit_count = v_read.visit_count;
                    exit when found or v_is_locked;
                    perform
                       from public.q_values as pair
                      where pair.agent_type = p_agent_type
                        and pair.q_value_id = v_read.q_value_id
                        for update;
                    v_is_locked := found;
                end if;
            end loop;

            if p_next_state_hash = p_state_hash and p_action_hash = any (p_next_action_hashes) then
                next_values[array_position(p_next_action_hashes, p_action_hash)] := q_value;
                next_visits[array_position(p_next_action_hashes, p_action_hash)] := visit_count;
            end if;

            if p_reward_type is not null then
                insert into public.rewards (
                    agent_type, session_id, state_hash, action_hash, reward_value, step, reward_type, reward_source
                )
                values (
                    p_agent_type, p_session_id, p_state_hash, p_action_hash, p_reward, p_step,
                    p_reward_type, p_reward_source
                );
            end if;
            return next;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.learn_transitions(p_agent_type text, p_steps jsonb)
         RETURNS TABLE(q_value double precision, td_error double precision, learning_rate double precision, visit_count integer, is_new boolean)
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
         SET enable_hashjoin TO 'off'
         SET enable_mergejoin TO 'off'
         SET enable_bitmapscan TO 'off'
         SET enable_seqscan TO 'off'
        AS $function$
        declare
            v_kind record;
            v_step record;
            v_has_options boolean;  -- whether any step has a policy, a rate or a weight of its own
            v_options jsonb;
            v_policy jsonb;
            v_rate double precision;
            v_weight double precision := 1;
            -- the pairs that are learned, by key, each in its slot
            v_ids bigint[];
            v_states jsonb[];
            v_actions jsonb[];
            v_values double precision[];  -- null until a new pair is learned
            v_new boolean[];
            v_visits integer[];
            v_errors double precision[];
            v_slot integer;
            v_value double precision;
            v_known integer;
            v_choices integer;
            v_known_actions text[];
            v_known_values double precision[];
            v_next_value double precision;
            v_step_size double precision;
        begin
            select kind.learning_rate, kind.learning_rate_decay, kind.min_learning_rate,
                   kind.discount_factor, kind.initial_q_value, kind.retention_days,
                   kind.action_space_dimensions
              into v_kind
              from public.agent_types as kind
             where kind.agent_type = p_agent_type;
            if not found then
                raise insufficient_privilege using
                    message = format('agent type %L is unknown, or this login does not speak for it', p_agent_type),
                    hint = 'Connect by the login of that agent type, or choose it by acting_as().';
            end if;

            v_has_options := p_steps @? '$[*] ? (exists(@.next_policy) || exists(@.learning_rate) || exists(@.weight))';
            if v_has_options and p_steps @? '$[*].next_policy ? (@ != null)' then
                perform qlmodels.lock_states(
                            p_agent_type, array_agg(step.state_hash), array_agg(step.next_state_hash)
                        )
                   from qlmodels.learning_steps(p_steps) as step;
            end if;

            select locked.ids, locked.states, locked.actions, locked.visits, locked.q_values, locked.are_new
              into v_ids, v_states, v_actions, v_visits, v_values, v_new
              from qlmodels.lock_pairs(p_agent_type, p_steps, v_kind.initial_q_value) as locked;
            v_errors := array_fill(null::double precision, array[cardinality(v_ids)]);

            for v_step in
                select step.*, known.slots, known.q_values, known.actions
                  from qlmodels.learning_steps(p_steps) as step
                 cross join lateral (
                       select array_agg(array_position(v_ids, pair.q_value_id)) as slots,
                              array_agg(pair.q_value::double precision) as q_values,
                              array_agg(pair.action_hash::text) filter (where v_has_options) as actions
                         from public.q_values as pair
                        where not step.terminated
                          and pair.agent_type = p_agent_type
                          and pair.state_hash = step.next_state_hash
                          and (step.next_action_hashes is null or step.next_action_hashes ? pair.action_hash)
                 ) as known
                 order by step.position
            loop
                if (v_step.state_data <> v_states[v_step.slot] or v_step.action_data <> v_actions[v_step.slot])
                    and not (
                        qlmodels.is_same_document(v_states[v_step.slot], v_step.state_data, v_step.state_hash)
                        and qlmodels.is_same_document(v_actions[v_step.slot], v_step.action_data, v_step.action_hash)
                    )
                then
                    raise sqlstate 'QL001' using
                        message = format(
                            'pair %L, %L is stored with another state or action',
                            v_step.state_hash, v_step.action_hash
                        ),
                        hint = 'Hash every feature that the document holds, and nothing else.';
                elsif not v_step.terminated and (v_step.next_state_hash is null or v_step.next_action_hashes = '[]') then
                    raise invalid_parameter_value using
                        message = format(
                            'step %s does not terminate and has no next state or no action in it',
                            v_step.position
                        ),
                        hint = 'Give next_state_hash and next_action_hashes, or terminated: true.';
                end if;

                if v_has_options then
                    v_options := p_steps -> v_step.position::integer - 1;
                    v_policy := nullif(v_options -> 'next_policy', 'null');
                    v_rate := (v_options ->> 'learning_rate')::double precision;
                    v_weight := coalesce((v_options ->> 'weight')::double precision, 1);
                    v_known_actions := '{}';
                    v_known_values := '{}';
                    perform qlmodels.check_step_options(
                                v_policy, v_rate, v_weight,
                                (
                                    select array_agg(legal.action_hash)
                                      from jsonb_array_elements_text(v_step.next_action_hashes) as legal (action_hash)
                                )
                            );
                end if;

                v_next_value := 0;
                if not v_step.terminated then
                    v_next_value := null;
                    v_known := 0;
                    for i in 1..coalesce(cardinality(v_step.slots), 0) loop
                        v_slot := v_step.slots[i];
                        v_value := v_step.q_values[i];
                        if v_slot is not null then
                            v_value := v_values[v_slot];
                        end if;
                        if v_value is not null then
                            v_known := v_known + 1;
                            v_next_value := greatest(v_next_value, v_value);
                            if v_policy is not null then
                                v_known_actions := v_known_actions || v_step.actions[i];
                                v_known_values := v_known_values || v_value;
                            end if;
                        end if;
                    end loop;
                    v_choices := v_kind.action_space_dimensions;
                    if v_step.next_action_hashes is null and v_choices is null
                       and qlmodels.policy_actions(v_policy) is null then
                        raise invalid_parameter_value using
                            message = format(
                                'step %s: the legal actions of the next state are not known for agent type %L',
                                v_step.position, p_agent_type
                            ),
                            hint = 'Give next_action_hashes, or set action_space_dimensions, the number of its actions.',
                            column = 'action_space_dimensions';
                    elsif v_step.next_action_hashes is not null then
                        v_choices := jsonb_array_length(v_step.next_action_hashes);
                        if v_known < v_choices then  -- an action that is listed twice is one
                            select count(distinct legal.action_hash) into v_choices
                              from jsonb_array_elements_text(v_step.next_action_hashes) as legal (action_hash);
                        end if;
                    end if;
                    if v_policy is not null then
                        v_next_value := qlmodels.policy_value(
                            v_policy, v_known_actions, v_known_values, v_choices - v_known, v_kind.initial_q_value
                        );
                    elsif v_known < v_choices then
                        v_next_value := greatest(v_next_value, v_kind.initial_q_value);
                    end if;
                end if;

                v_slot := v_step.slot;
                v_value := coalesce(v_values[v_slot], v_kind.initial_q_value);
                visit_count := v_visits[v_slot] + 1;
                learning_rate := coalesce(
                    v_rate,
                    qlmodels.learning_rate_at(
                        v_kind.learning_rate, v_kind.learning_rate_decay, v_kind.min_learning_rate, visit_count
                    )
                );
                td_error := v_step.reward
                    + qlmodels.product(coalesce(v_step.discount_factor, v_kind.discount_factor), v_next_value)
                    - v_value;
                v_step_size := qlmodels.product(learning_rate, v_weight);
                q_value := v_value + qlmodels.product(v_step_size, td_error);
                is_new := v_step.is_first and v_new[v_slot];
                v_values[v_slot] := q_value;
                v_visits[v_slot] := visit_count;
                v_errors[v_slot] := td_error;
                return next;
            end loop;

            update public.q_values as pair
               set q_value = v_values[array_position(v_ids, pair.q_value_id)],
                   td_error = v_errors[array_position(v_ids, pair.q_value_id)],
                   visit_count = v_visits[array_position(v_ids, pair.q_value_id)],
                   confidence_score = qlmodels.confidence_after(
                       pair.confidence_score, v_visits[array_position(v_ids, pair.q_value_id)] - pair.visit_count
                   ),
                   uncertainty = qlmodels.uncertainty_after(
                       pair.uncertainty, v_visits[array_position(v_ids, pair.q_value_id)] - pair.visit_count
                   ),
                   last_updated = now(),
                   expires_at = qlmodels.expiry(v_kind.retention_days)
             where pair.agent_type = p_agent_type
               and pair.q_value_id = any (v_ids);

            if p_steps @? '$[*].reward_type ? (@ != null)' then
                insert into public.rewards (
                    agent_type, session_id, state_hash, action_hash, reward_value, step, reward_type,
                    reward_source
                )
                select p_agent_type, step.session_id, step.state_hash, step.action_hash, step.reward,
                       step.step, step.reward_type, step.reward_source
                  from qlmodels.learning_steps(p_steps) as step
                 where step.reward_type is not null
                 order by step.position;
            end if;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.learning_rate_at(p_rate double precision, p_decay double precision, p_minimum double precision, p_visits integer)
         RETURNS double precision
         LANGUAGE sql
         IMMUTABLE PARALLEL SAFE
        RETURN GREATEST(p_minimum, CASE WHEN (p_decay = (0)::double precision) THEN p_rate WHEN (p_rate = (0)::double precision) THEN (0)::double precision WHEN (((LEAST(p_decay, ('1000000'::numeric)::double precision) * ln((p_visits)::double precision)) - ln(p_rate)) > (700)::double precision) THEN (0)::double precision ELSE (p_rate / power((p_visits)::double precision, p_decay)) END)
    """))

    op.execute(dedent("""
        CREATE OR REPLACE FUNCTION qlmodels.learning_steps(p_steps jsonb)
         RETURNS TABLE("position" bigint, slot bigint, is_first boolean, state_hash text, state_data jsonb, action_hash text, action_data jsonb, reward double precision, next_state_hash text, next_action_hashes jsonb, terminated boolean, discount_factor double precision, session_id uuid, reward_type text, reward_source text, step integer)
         LANGUAGE sql
         IMMUTABLE ROWS 100
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
            select given.position,
                   dense_rank() over pairs,
                   row_number() over (
                       partition by given.state_hash collate "C", given.action_hash collate "C"
                       order by given.position
                   ) = 1,
                   given.state_hash,
                   coalesce(given.state_data, p_steps -> given.position::integer - 1 -> 'state_data'),
                   given.action_hash,
                   coalesce(given.action_data, p_steps -> given.position::integer - 1 -> 'action_data'),
                   given.reward,
                   given.next_state_hash, nullif(given.next_action_hashes, 'null'),
                   coalesce(given.terminated, false), given.discount_factor, given.session_id,
                   given.reward_type, given.reward_source, given.step
              from rows from (
                   jsonb_to_recordset(p_steps) as (
                       state_hash text, state_data jsonb, action_hash text, action_data jsonb,
                       reward double precision, next_state_hash text, next_action_hashes jsonb,
                       terminated boolean, discount_factor double precision, session_id uuid,
                       reward_type text, reward_source text, step integer
                   )
              ) with ordinality as given (
                   state_hash, state_data, action_hash, action_data, reward, next_state_hash,
                   next_action_hashes, terminated, discount_factor, session_id, reward_type,
                   reward_source, step, position
              )
            window pairs as (order by given.state_hash collate "C", given.action_hash collate "C")
        $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.lock_pairs(p_agent_type text, p_steps jsonb, p_q_value double precision, OUT ids bigint[], OUT states jsonb[], OUT actions jsonb[], OUT visits integer[], OUT q_values double precision[], OUT are_new boolean[])
         RETURNS record
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        declare
            v_new bigint[] := '{}';
            v_slots integer;
        begin
            select count(*) into v_slots from qlmodels.learning_steps(p_steps) as step where step.is_first;
            loop
                with made as (
                    insert into public.q_values (
                        agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count
                    )
                    select p_agent_type, step.session_id, step.state_hash, step.state_data,
                           step.action_hash, step.action_data, p_q_value, 0
                      from qlmodels.learning_steps(p_steps) as step
                     where step.is_first
                       and (
                           select true
                             from public.q_values as pair
                            where pair.agent_type = p_agent_type
                              and pair.state_hash = step.state_hash
                              and pair.action_hash = step.action_hash
                       ) is null
                     order by step.slot
                    on conflict (agent_type, state_hash, action_hash) do nothing
                    returning q_values.q_value_id
                )
                select v_new || coalesce(array_agg(made.q_value_id), '{}') into v_new from made;

                select array_agg(pair.q_value_id), array_agg(pair.state_data), array_agg(pair.action_data),
                       array_agg(pair.visit_count),
                       array_agg(case when pair.q_value_id = any (v_new) then null else pair.q_value end),
                       array_agg(pair.q_value_id = any (v_new))
                  into ids, states, actions, visits, q_values, are_new
                  from (
                       select step.state_hash, step.action_hash
                         from qlmodels.learning_steps(p_steps) as step
                        where step.is_first
                        order by step.slot
                  ) as wanted
                 cross join lateral (
                       select stored.q_value_id, stored.state_data, stored.action_data,
                              stored.visit_count::integer, stored.q_value::double precision
                         from public.q_values as stored
                        where stored.agent_type = p_agent_type
                          and stored.state_hash = wanted.state_hash
                          and stored.action_hash = wanted.action_hash
                          for update
                 ) as pair;
                exit when coalesce(cardinality(ids), 0) = v_slots;
            end loop;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.lock_states(p_agent_type text, p_written text[], p_read text[])
         RETURNS void
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        declare
            v_agent integer := hashtext(p_agent_type);
            v_state record;
        begin
            for v_state in
                select hashtext(state.hash) & 63 as key, bool_or(state.is_written) as is_written
                  from (
                       select unnest(p_written), true
                        union all
                       select unnest(p_read), false
                  ) as state (hash, is_written)
                 where state.hash is not null
                 group by 1
                 order by 1
            loop
                if v_state.is_written then
                    perform pg_advisory_xact_lock(v_agent, v_state.key);
                else
                    perform pg_advisory_xact_lock_shared(v_agent, v_state.key);
                end if;
            end loop;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.mean_of(p_total double precision, p_number integer)
         RETURNS double precision
         LANGUAGE sql
         IMMUTABLE PARALLEL SAFE
        RETURN CASE WHEN ((p_number = 0) OR (abs(p_total) < (0.00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001)::double precision)) THEN (0)::double precision ELSE (p_total / (p_number)::double precision) END
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.note_last_versions()
         RETURNS trigger
         LANGUAGE plpgsql
         SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        begin
            insert into qlmodels_private.last_versions as former (agent_type, policy_version)
            select gone.agent_type, max(gone.policy_version)
              from gone
             group by gone.agent_type
             order by gone.agent_type
                on conflict (agent_type) do update
               set policy_version = excluded.policy_version
             where former.policy_version < excluded.policy_version;
            return null;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.policy_actions(p_policy jsonb)
         RETURNS text[]
         LANGUAGE sql
         IMMUTABLE PARALLEL SAFE
        RETURN CASE WHEN (p_policy ? 'probabilities'::text) THEN ARRAY(SELECT jsonb_object_keys((p_policy -> 'probabilities'::text)) AS jsonb_object_keys) ELSE NULL::text[] END
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.policy_value(p_policy jsonb, p_actions text[], p_values double precision[], p_untried integer, p_initial double precision)
         RETURNS double precision
         LANGUAGE plpgsql
         IMMUTABLE
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        declare
            v_parameter double precision;
            v_best double precision;
            v_sum double precision;
            v_count integer;
            v_untried integer := greatest(p_untried, 0);
        begin
            if p_policy ? 'probabilities' then
                return (
                    select sum(
                               qlmodels.product(
                                   chosen.probability::double precision,
                                   coalesce(p_values[array_position(p_actions, chosen.action)], p_initial)
                               )
                           )
                      from jsonb_each_text(p_policy -> 'probabilities') as chosen (action, probability)
                );
            end if;

            if p_actions is not null then
                p_values := array(
                    select given.q_value
                      from unnest(p_actions, p_values) with ordinality as given (action, q_value, position)
                     where array_position(p_actions, given.action) = given.position
                );
            end if;
            select greatest(max(known.q_value), case when v_untried > 0 then p_initial end),
                   coalesce(sum(known.q_value), 0) + v_untried * p_initial, count(*) + v_untried
              into v_best, v_sum, v_count
              from unnest(p_values) as known (q_value);

            if p_policy ? 'epsilon_greedy' then
                v_parameter := (p_policy ->> 'epsilon_greedy')::double precision;
                return qlmodels.product(1 - v_parameter, v_best)
                    + qlmodels.product(v_parameter, qlmodels.mean_of(v_sum, v_count));
            end if;

            v_parameter := (p_policy ->> 'softmax')::double precision;
            return (
                select sum(qlmodels.product(action.number * action.weight, action.q_value))
                       / sum(action.number * action.weight)
                  from (
                       select choice.number, choice.q_value,
                              case
                                  when v_best - choice.q_value < 1e-200 then 1
                                  when v_best - choice.q_value > 700 * v_parameter then 0
                                  else exp((choice.q_value - v_best) / v_parameter)
                              end as weight
                         from (
                              select 1, known.q_value from unnest(p_values) as known (q_value)
                               union all
                              select v_untried, p_initial where v_untried > 0
                         ) as choice (number, q_value)
                  ) as action
            );
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.product(p_one double precision, p_other double precision)
         RETURNS double precision
         LANGUAGE sql
         IMMUTABLE PARALLEL SAFE
        RETURN CASE WHEN (((abs(p_one) < (0.0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001)::double precision) AND (abs(p_other) < (1)::double precision)) OR ((abs(p_other) < (0.0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001)::double precision) AND (abs(p_one) < (1)::double precision))) THEN (0)::double precision ELSE (p_one * p_other) END
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.purge(p_table text, p_batch integer)
         RETURNS TABLE(agent_type text, deleted bigint, policy_version integer)
         LANGUAGE plpgsql
         SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
         SET plan_cache_mode TO 'force_custom_plan'
        AS $function$
        #variable_conflict use_column
        declare
            v_gone text[];
        begin
            perform qlmodels.speaking_for();
            case p_table
            when 'q_values' then
                for agent_type, deleted, policy_version in select * from qlmodels.purge_pairs(p_batch) loop
                    raise log 'purged % of q_values of %, kept as version %: qlmodels policy restore % %',
                        deleted, agent_type, policy_version, agent_type, policy_version;
                    return next;
                end loop;
                return;
            when 'trajectories' then
                -- with their rewards, which would else be deleted one by one, and as if by a person
                with chosen as (
                    select due.agent_type, due.trajectory_id
                      from qlmodels.expiring_trajectories as due
                     where due.expires_at < now()
                     limit p_batch
                       for update skip locked
                ), earned as (
                    delete from public.rewards as reward
                     using chosen
                     where reward.agent_type = chosen.agent_type
                       and reward.trajectory_id = chosen.trajectory_id
                ), gone as (
                    delete from public.trajectories as expired
                     using chosen
                     where expired.agent_type = chosen.agent_type
                       and expired.trajectory_id = chosen.trajectory_id
                    returning expired.agent_type
                )
                select array_agg(gone.agent_type::text) into v_gone from gone;
            when 'patterns' then
                with gone as (
                    delete from public.patterns as expired
                     using (
                           select due.agent_type, due.pattern_id
                             from qlmodels.expiring_patterns as due
                            where due.expires_at < now()
                            limit p_batch
                              for update skip locked
                     ) as chosen
                     where expired.agent_type = chosen.agent_type
                       and expired.pattern_id = chosen.pattern_id
                    returning expired.agent_type
                )
                select array_agg(gone.agent_type::text) into v_gone from gone;
            when 'rewards' then
                with gone as (
                    delete from public.rewards as expired
                     using (
                           select due.agent_type, due.reward_id
                             from qlmodels.expiring_rewards as due
                            where due.expires_at < now()
                            limit p_batch
                              for update skip locked
                     ) as chosen
                     where expired.agent_type = chosen.agent_type
                       and expired.reward_id = chosen.reward_id
                    returning expired.agent_type
                )
                select array_agg(gone.agent_type::text) into v_gone from gone;
            when 'sessions' then
                with gone as (
                    delete from public.sessions as expired
                     using (
                           select due.agent_type, due.session_id
                             from qlmodels.expiring_sessions as due
                            where due.expires_at < now()
                            limit p_batch
                              for update skip locked
                     ) as chosen
                     where expired.agent_type = chosen.agent_type
                       and expired.session_id = chosen.session_id
                    returning expired.agent_type
                )
                select array_agg(gone.agent_type::text) into v_gone from gone;
            else
                raise invalid_parameter_value using
                    message = format('table %L has no retention', p_table),
                    hint = 'It is one of q_values, trajectories, patterns, rewards, sessions.';
            end case;
            for agent_type, deleted in
                select went, count(*) from unnest(v_gone) as went group by went order by went
            loop
                raise log 'purged % of % of %', deleted, p_table, agent_type;
                return next;
            end loop;
        end $function$
    """))

    op.execute(dedent("""
        CREATE OR REPLACE FUNCTION qlmodels.purge_expired(p_table text, p_batch integer)
         RETURNS bigint
         LANGUAGE plpgsql
         SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        begin
            return (select coalesce(sum(went.deleted), 0)::bigint from qlmodels.purge(p_table, p_batch) as went);
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.purge_pairs(p_batch integer)
         RETURNS TABLE(agent_type text, deleted bigint, policy_version integer)
         LANGUAGE plpgsql
         SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
         SET plan_cache_mode TO 'force_custom_plan'
        AS $function$
        #variable_conflict use_column
        declare
            v_ids bigint[];
        begin
            for agent_type, v_ids in
                with chosen as materialized (
                    select due.agent_type, due.q_value_id
                      from qlmodels.expiring_q_values as due
                     where due.expires_at < now()
                     limit p_batch
                       for update skip locked
                )
                select chosen.agent_type::text, array_agg(chosen.q_value_id)
                  from chosen
                 group by chosen.agent_type
                 order by chosen.agent_type
            loop
                policy_version := qlmodels_private.keep_purged(agent_type, v_ids);
                delete from public.q_values as expired
                 where expired.agent_type = purge_pairs.agent_type
                   and expired.q_value_id = any (v_ids);
                get diagnostics deleted = row_count;
                return next;
            end loop;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.total_after(p_total double precision, p_added double precision)
         RETURNS double precision
         LANGUAGE sql
         IMMUTABLE PARALLEL SAFE
        RETURN LEAST(GREATEST((LEAST(GREATEST(p_total, ('-1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision), ('1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision) + LEAST(GREATEST(p_added, ('-1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision), ('1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)), ('-1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision), ('1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'::numeric)::double precision)
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.uncertainty_after(p_uncertainty double precision, p_visits integer)
         RETURNS double precision
         LANGUAGE sql
         IMMUTABLE PARALLEL SAFE
        RETURN GREATEST((0)::double precision, (p_uncertainty - ((0.01 * (p_visits)::numeric))::double precision))
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.upsert_pairs(p_rows jsonb, OUT ids bigint[], OUT made integer)
         RETURNS record
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        declare
            v_refused integer;
        begin
            with input as (
                select item.agent_type, item.state_hash, item.action_hash, item.q_value, item.session_id,
                       coalesce(item.state_data, numbered.document -> 'state_data') as state_data,
                       coalesce(item.action_data, numbered.document -> 'action_data') as action_data,
                       numbered.position
                  from jsonb_array_elements(p_rows) with ordinality as numbered (document, position)
                 cross join lateral jsonb_to_record(numbered.document) as item (
                       agent_type text, state_hash text, state_data jsonb,
                       action_hash text, action_data jsonb, q_value double precision, session_id uuid
                 )
            ), newest as (
                select distinct on (agent_type, state_hash collate "C", action_hash collate "C")
                       input.*,
                       count(*) over (partition by agent_type, state_hash, action_hash)::integer as visits
                  from input
                 order by agent_type, state_hash collate "C", action_hash collate "C", position desc
            ), created as (
                insert into public.q_values as pair (
                    agent_type, session_id, state_hash, state_data, action_hash, action_data,
                    q_value, visit_count, expires_at
                )
                select newest.agent_type, newest.session_id, newest.state_hash, newest.state_data,
                       newest.action_hash, newest.action_data, newest.q_value, newest.visits,
                       qlmodels.expiry(kind.retention_days)
                  from newest
                  left join public.agent_types as kind on kind.agent_type = newest.agent_type
                 where (
                       select true
                         from public.q_values as known
                        where known.agent_type = newest.agent_type
                          and known.state_hash = newest.state_hash
                          and known.action_hash = newest.action_hash
                 ) is null
                 order by newest.agent_type, newest.state_hash collate "C", newest.action_hash collate "C"
                on conflict (agent_type, state_hash, action_hash) do nothing
                returning pair.agent_type, pair.state_hash, pair.action_hash, pair.q_value_id
            ), changed as (
                insert into public.q_values as pair (
                    agent_type, session_id, state_hash, state_data, action_hash, action_data,
                    q_value, visit_count, expires_at
                )
                select newest.agent_type, newest.session_id, newest.state_hash, newest.state_data,
                       newest.action_hash, newest.action_data, newest.q_value, newest.visits,
                       qlmodels.expiry(kind.retention_days)
                  from newest
                  left join public.agent_types as kind on kind.agent_type = newest.agent_type
                 where not exists (
                       select
                         from created
                        where created.agent_type = newest.agent_type
                          and created.state_hash = newest.state_hash
                          and created.action_hash = newest.action_hash
                 )
                 order by newest.agent_type, newest.state_hash collate "C", newest.action_hash collate "C"
                on conflict (agent_type, state_hash, action_hash) do update
                   set q_value = excluded.q_value,
                       visit_count = pair.visit_count + excluded.visit_count,
                       confidence_score = qlmodels.confidence_after(pair.confidence_score, excluded.visit_count),
                       uncertainty = qlmodels.uncertainty_after(pair.uncertainty, excluded.visit_count),
                       last_updated = now(),
                       expires_at = excluded.expires_at
                 where qlmodels.is_same_document(pair.state_data, excluded.state_data, excluded.state_hash)
                   and qlmodels.is_same_document(pair.action_data, excluded.action_data, excluded.action_hash)
                returning pair.agent_type, pair.state_hash, pair.action_hash, pair.q_value_id
            ), stored as (
                select * from created
                 union all
                select * from changed
            )
            select coalesce(array_agg(stored.q_value_id order by input.position), '{}'),
                   (select count(*) from created)
              into ids, made
              from input
              left join stored
                on stored.agent_type = input.agent_type
               and stored.state_hash = input.state_hash
               and stored.action_hash = input.action_hash;

            v_refused := array_position(ids, null);
            if v_refused is not null then
                raise sqlstate 'QL001' using
                    message = format(
                        'pair %L, %L is stored with another state or action',
                        p_rows -> (v_refused - 1) ->> 'state_hash', p_rows -> (v_refused - 1) ->> 'action_hash'
                    ),
                    hint = 'Hash every feature that the document holds, and nothing else.';
            end if;
        end $function$
    """))

    op.execute(dedent(r"""
        CREATE OR REPLACE FUNCTION qlmodels_private.keep_policy(p_agent_type text, p_reason text, p_note text DEFAULT NULL::text, p_beyond integer DEFAULT 0)
         RETURNS integer
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
         SET plan_cache_mode TO 'force_custom_plan'
         SET default_toast_compression TO 'pglz'
        AS $function$
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
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels_private.keep_purged(p_agent_type text, p_ids bigint[])
         RETURNS integer
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
         SET plan_cache_mode TO 'force_custom_plan'
         SET "TimeZone" TO 'UTC'
        AS $function$
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
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels_private.next_version(p_agent_type text)
         RETURNS integer
         LANGUAGE sql
         STABLE
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
            select 1 + greatest(
                (select max(version.policy_version)
                   from qlmodels_private.policy_versions as version
                  where version.agent_type = p_agent_type),
                (select last.policy_version
                   from qlmodels_private.last_versions as last
                  where last.agent_type = p_agent_type),
                0
            )
        $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels_private.policy_settings(p_agent_type text)
         RETURNS jsonb
         LANGUAGE sql
         STABLE
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
            select jsonb_build_object(
                       'initial_q_value', kind.initial_q_value,
                       'environment', kind.environment,
                       'action_space_dimensions', kind.action_space_dimensions
                   )
              from public.agent_types as kind
             where kind.agent_type = p_agent_type
        $function$
    """))

    op.execute(dedent("""
        CREATE CONSTRAINT TRIGGER an_admin_is_deleted AFTER DELETE ON qlmodels_admin.users NOT DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN ((((old.role)::text = 'admin'::text) AND old.is_active)) EXECUTE FUNCTION qlmodels.keep_an_admin()
    """))

    op.execute(dedent("""
        CREATE CONSTRAINT TRIGGER an_admin_is_demoted AFTER UPDATE ON qlmodels_admin.users NOT DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN ((((old.role)::text = 'admin'::text) AND old.is_active AND (NOT (((new.role)::text = 'admin'::text) AND new.is_active)))) EXECUTE FUNCTION qlmodels.keep_an_admin()
    """))

    op.execute(dedent("""
        CREATE TRIGGER end_sessions AFTER UPDATE ON qlmodels_admin.users FOR EACH ROW WHEN (((old.is_active AND (NOT new.is_active)) OR ((old.issuer IS DISTINCT FROM new.issuer) OR (old.subject IS DISTINCT FROM new.subject)))) EXECUTE FUNCTION qlmodels.end_sessions()
    """))

    op.execute(dedent("""
        CREATE TRIGGER keep_first_writer BEFORE UPDATE OF agent_type, state_id, agent_instance_id, initialized_at ON public.agent_states FOR EACH ROW WHEN ((((old.agent_type)::text IS DISTINCT FROM (new.agent_type)::text) OR (old.state_id IS DISTINCT FROM new.state_id) OR ((old.agent_instance_id)::text IS DISTINCT FROM (new.agent_instance_id)::text) OR (old.initialized_at IS DISTINCT FROM new.initialized_at))) EXECUTE FUNCTION qlmodels.keep_first_writer('agent_type', 'state_id', 'agent_instance_id', 'initialized_at')
    """))

    op.execute(dedent("""
        CREATE TRIGGER keep_first_writer BEFORE UPDATE OF agent_type, pattern_id, pattern_name, first_seen, version, parent_pattern_id ON public.patterns FOR EACH ROW WHEN ((((old.agent_type)::text IS DISTINCT FROM (new.agent_type)::text) OR (old.pattern_id IS DISTINCT FROM new.pattern_id) OR ((old.pattern_name)::text IS DISTINCT FROM (new.pattern_name)::text) OR (old.first_seen IS DISTINCT FROM new.first_seen) OR (old.version IS DISTINCT FROM new.version) OR (old.parent_pattern_id IS DISTINCT FROM new.parent_pattern_id))) EXECUTE FUNCTION qlmodels.keep_first_writer('agent_type', 'pattern_id', 'pattern_name', 'first_seen', 'version', 'parent_pattern_id')
    """))

    op.execute(dedent("""
        CREATE TRIGGER keep_first_writer BEFORE UPDATE OF agent_type, session_id, state_hash, state_data, action_hash, action_data, created_at ON public.q_values FOR EACH ROW WHEN ((((old.agent_type)::text IS DISTINCT FROM (new.agent_type)::text) OR (old.session_id IS DISTINCT FROM new.session_id) OR ((old.state_hash)::text IS DISTINCT FROM (new.state_hash)::text) OR (old.state_data IS DISTINCT FROM new.state_data) OR ((old.action_hash)::text IS DISTINCT FROM (new.action_hash)::text) OR (old.action_data IS DISTINCT FROM new.action_data) OR (old.created_at IS DISTINCT FROM new.created_at))) EXECUTE FUNCTION qlmodels.keep_first_writer('agent_type', 'session_id', 'state_hash', 'state_data', 'action_hash', 'action_data', 'created_at')
    """))

    op.execute(dedent("""
        CREATE TRIGGER keep_first_writer BEFORE UPDATE OF agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, step, reward_type, reward_source, observed_at, metadata ON public.rewards FOR EACH ROW WHEN ((((old.agent_type)::text IS DISTINCT FROM (new.agent_type)::text) OR (old.session_id IS DISTINCT FROM new.session_id) OR (old.trajectory_id IS DISTINCT FROM new.trajectory_id) OR ((old.state_hash)::text IS DISTINCT FROM (new.state_hash)::text) OR ((old.action_hash)::text IS DISTINCT FROM (new.action_hash)::text) OR (old.reward_value IS DISTINCT FROM new.reward_value) OR (old.step IS DISTINCT FROM new.step) OR ((old.reward_type)::text IS DISTINCT FROM (new.reward_type)::text) OR ((old.reward_source)::text IS DISTINCT FROM (new.reward_source)::text) OR (old.observed_at IS DISTINCT FROM new.observed_at) OR (old.metadata IS DISTINCT FROM new.metadata))) EXECUTE FUNCTION qlmodels.keep_first_writer('agent_type', 'session_id', 'trajectory_id', 'state_hash', 'action_hash', 'reward_value', 'step', 'reward_type', 'reward_source', 'observed_at', 'metadata')
    """))

    op.execute(dedent("""
        CREATE TRIGGER keep_first_writer BEFORE UPDATE OF agent_type, session_id, start_time, environment, agent_instance_id, hyperparameters, created_at ON public.sessions FOR EACH ROW WHEN ((((old.agent_type)::text IS DISTINCT FROM (new.agent_type)::text) OR (old.session_id IS DISTINCT FROM new.session_id) OR (old.start_time IS DISTINCT FROM new.start_time) OR ((old.environment)::text IS DISTINCT FROM (new.environment)::text) OR ((old.agent_instance_id)::text IS DISTINCT FROM (new.agent_instance_id)::text) OR (old.hyperparameters IS DISTINCT FROM new.hyperparameters) OR (old.created_at IS DISTINCT FROM new.created_at))) EXECUTE FUNCTION qlmodels.keep_first_writer('agent_type', 'session_id', 'start_time', 'environment', 'agent_instance_id', 'hyperparameters', 'created_at')
    """))

    op.execute(dedent("""
        CREATE TRIGGER keep_first_writer BEFORE UPDATE OF agent_type, trajectory_id, session_id, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, terminated, truncated, is_evaluation, seed, exploration_rate, policy_version, error_message, started_at, completed_at, legal_actions ON public.trajectories FOR EACH ROW WHEN ((((old.agent_type)::text IS DISTINCT FROM (new.agent_type)::text) OR (old.trajectory_id IS DISTINCT FROM new.trajectory_id) OR (old.session_id IS DISTINCT FROM new.session_id) OR ((old.task_id)::text IS DISTINCT FROM (new.task_id)::text) OR (old.initial_state IS DISTINCT FROM new.initial_state) OR (old.final_state IS DISTINCT FROM new.final_state) OR (old.actions_taken IS DISTINCT FROM new.actions_taken) OR (old.states_visited IS DISTINCT FROM new.states_visited) OR (old.step_rewards IS DISTINCT FROM new.step_rewards) OR (old.total_reward IS DISTINCT FROM new.total_reward) OR (old.discounted_reward IS DISTINCT FROM new.discounted_reward) OR (old.execution_time_ms IS DISTINCT FROM new.execution_time_ms) OR (old.success IS DISTINCT FROM new.success) OR (old.terminated IS DISTINCT FROM new.terminated) OR (old.truncated IS DISTINCT FROM new.truncated) OR (old.is_evaluation IS DISTINCT FROM new.is_evaluation) OR (old.seed IS DISTINCT FROM new.seed) OR (old.exploration_rate IS DISTINCT FROM new.exploration_rate) OR (old.policy_version IS DISTINCT FROM new.policy_version) OR (old.error_message IS DISTINCT FROM new.error_message) OR (old.started_at IS DISTINCT FROM new.started_at) OR (old.completed_at IS DISTINCT FROM new.completed_at) OR (old.legal_actions IS DISTINCT FROM new.legal_actions))) EXECUTE FUNCTION qlmodels.keep_first_writer('agent_type', 'trajectory_id', 'session_id', 'task_id', 'initial_state', 'final_state', 'actions_taken', 'states_visited', 'step_rewards', 'total_reward', 'discounted_reward', 'execution_time_ms', 'success', 'terminated', 'truncated', 'is_evaluation', 'seed', 'exploration_rate', 'policy_version', 'error_message', 'started_at', 'completed_at', 'legal_actions')
    """))

    op.execute(dedent("""
        CREATE TRIGGER lock_admins BEFORE DELETE OR UPDATE OF role, is_active ON qlmodels_admin.users FOR EACH STATEMENT EXECUTE FUNCTION qlmodels.keep_an_admin()
    """))

    op.execute(dedent("""
        CREATE TRIGGER note_last_versions AFTER DELETE ON qlmodels_private.policy_versions REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION qlmodels.note_last_versions()
    """))

    op.execute(dedent(r"""
        CREATE TRIGGER record_change AFTER INSERT OR DELETE OR UPDATE ON public.sessions FOR EACH ROW WHEN (((SESSION_USER !~~ 'ql\_%'::text) AND (SESSION_USER !~~ 'qlfleet\_%'::text) AND (current_setting('role'::text) <> 'authenticated'::text) AND (CURRENT_USER <> 'qlmodels_definer'::name))) EXECUTE FUNCTION qlmodels.record_change('{agent_type,session_id}', '{metadata,hyperparameters}', '{}')
    """))

    op.execute(dedent(r"""
        CREATE TRIGGER record_change AFTER INSERT OR DELETE OR UPDATE ON public.trajectories FOR EACH ROW WHEN (((SESSION_USER !~~ 'ql\_%'::text) AND (SESSION_USER !~~ 'qlfleet\_%'::text) AND (current_setting('role'::text) <> 'authenticated'::text) AND (CURRENT_USER <> 'qlmodels_definer'::name))) EXECUTE FUNCTION qlmodels.record_change('{agent_type,trajectory_id}', '{initial_state,final_state,actions_taken,states_visited,step_rewards,metadata,legal_actions}', '{}')
    """))

    op.execute(dedent(r"""
        CREATE TRIGGER record_change AFTER INSERT OR DELETE OR UPDATE ON qlmodels_admin.alert_targets FOR EACH ROW WHEN (((SESSION_USER !~~ 'ql\_%'::text) AND (SESSION_USER !~~ 'qlfleet\_%'::text) AND (current_setting('role'::text) <> 'authenticated'::text) AND (CURRENT_USER <> 'qlmodels_definer'::name))) EXECUTE FUNCTION qlmodels.record_change('{name}', '{}', '{url,signing_secret}')
    """))

    op.execute(dedent("""
        CREATE TRIGGER record_change AFTER DELETE ON qlmodels_admin.sessions FOR EACH ROW WHEN ((old.expires_at > now())) EXECUTE FUNCTION qlmodels.record_change('{token_hash}', '{}', '{}')
    """))

    op.execute(dedent("""
        CREATE TRIGGER record_change AFTER INSERT OR DELETE OR UPDATE OF name, role, password_hash, is_active, issuer, subject ON qlmodels_admin.users FOR EACH ROW EXECUTE FUNCTION qlmodels.record_change('{name}', '{}', '{password_hash}')
    """))

    op.execute(dedent(r"""
        CREATE TRIGGER record_change AFTER INSERT OR DELETE OR UPDATE ON qlmodels_private.policy_versions FOR EACH ROW WHEN (((SESSION_USER !~~ 'ql\_%'::text) AND (SESSION_USER !~~ 'qlfleet\_%'::text) AND (current_setting('role'::text) <> 'authenticated'::text) AND (CURRENT_USER <> 'qlmodels_definer'::name))) EXECUTE FUNCTION qlmodels.record_change('{agent_type,policy_version}', '{settings}', '{}')
    """))

    op.execute(dedent("""
        CREATE TRIGGER record_truncate AFTER TRUNCATE ON qlmodels_admin.alert_targets FOR EACH STATEMENT EXECUTE FUNCTION qlmodels.record_change()
    """))

    op.execute(dedent("""
        create or replace view public.agent_performance_summary with (security_invoker=true) as
         SELECT kind.agent_type,
            kind.display_name,
            COALESCE(instance.instances, (0)::bigint) AS instances,
            COALESCE(run.sessions, (0)::bigint) AS sessions,
            COALESCE(episode.trajectories, (0)::bigint) AS trajectories,
            COALESCE(episode.successes, (0)::bigint) AS successes,
            COALESCE(((episode.successes)::double precision / (NULLIF(episode.trajectories, 0))::double precision), (0)::double precision) AS success_rate,
            COALESCE(episode.total_reward, (0)::double precision) AS total_reward,
            COALESCE((episode.total_reward / (NULLIF(episode.trajectories, 0))::double precision), (0)::double precision) AS avg_reward,
            COALESCE(pair.pairs, (0)::bigint) AS pairs,
            pair.avg_q_value,
            pair.avg_confidence,
            GREATEST(instance.last_activity, episode.last_completed) AS last_activity,
            COALESCE(run.sessions, (0)::bigint) AS total_sessions,
            COALESCE(episode.total_reward, (0)::double precision) AS cumulative_reward,
            COALESCE(instance.instances, (0)::bigint) AS active_instances,
            GREATEST(instance.last_activity, episode.last_completed) AS last_active,
            episode.avg_execution_time_ms,
            COALESCE(pattern.patterns, (0)::bigint) AS unique_patterns,
            COALESCE(episode.trajectories, (0)::bigint) AS total_trajectories,
            COALESCE(episode.successes, (0)::bigint) AS successful_trajectories,
            pair.avg_state_visits
           FROM (((((public.agent_types kind
             LEFT JOIN ( SELECT agent_states.agent_type,
                    count(*) AS instances,
                    max(agent_states.last_activity) AS last_activity
                   FROM public.agent_states
                  GROUP BY agent_states.agent_type) instance ON (((instance.agent_type)::text = (kind.agent_type)::text)))
             LEFT JOIN ( SELECT sessions.agent_type,
                    count(*) AS sessions
                   FROM public.sessions
                  GROUP BY sessions.agent_type) run ON (((run.agent_type)::text = (kind.agent_type)::text)))
             LEFT JOIN ( SELECT trajectories.agent_type,
                    count(*) AS trajectories,
                    count(*) FILTER (WHERE trajectories.success) AS successes,
                    sum(trajectories.total_reward) AS total_reward,
                    max(trajectories.completed_at) AS last_completed,
                    (avg(trajectories.execution_time_ms))::double precision AS avg_execution_time_ms
                   FROM public.trajectories
                  GROUP BY trajectories.agent_type) episode ON (((episode.agent_type)::text = (kind.agent_type)::text)))
             LEFT JOIN ( SELECT q_values.agent_type,
                    count(*) AS pairs,
                    avg((q_values.q_value)::double precision) AS avg_q_value,
                    avg((q_values.confidence_score)::double precision) AS avg_confidence,
                    (avg((q_values.visit_count)::integer))::double precision AS avg_state_visits
                   FROM public.q_values
                  GROUP BY q_values.agent_type) pair ON (((pair.agent_type)::text = (kind.agent_type)::text)))
             LEFT JOIN ( SELECT patterns.agent_type,
                    count(*) AS patterns
                   FROM public.patterns
                  GROUP BY patterns.agent_type) pattern ON (((pattern.agent_type)::text = (kind.agent_type)::text)))
    """))

    op.execute(dedent("""
        create or replace view public.pattern_effectiveness with (security_invoker=true) as
         SELECT pattern.agent_type,
            pattern.pattern_id,
            pattern.pattern_name,
            pattern.version,
            pattern.usage_count,
            pattern.success_count,
            pattern.failure_count,
            COALESCE(((pattern.success_count)::double precision / (NULLIF(pattern.usage_count, 0))::double precision), (0)::double precision) AS success_rate,
            pattern.avg_reward,
            pattern.confidence_score,
            pattern.last_used,
            pattern.pattern_type,
            COALESCE(episode.trajectories, (0)::bigint) AS trajectories_using_pattern,
                CASE
                    WHEN isfinite(pattern.last_used) THEN ((EXTRACT(epoch FROM (now() - pattern.last_used)) / (86400)::numeric))::double precision
                    ELSE NULL::double precision
                END AS days_since_used,
            episode.avg_trajectory_reward
           FROM (public.patterns pattern
             LEFT JOIN ( SELECT trajectory.agent_type,
                    used.pattern_id,
                    count(*) AS trajectories,
                    avg(trajectory.total_reward) AS avg_trajectory_reward
                   FROM (public.trajectories trajectory
                     CROSS JOIN LATERAL ( SELECT DISTINCT named.pattern_id
                           FROM jsonb_array_elements_text(
                                CASE jsonb_typeof((trajectory.metadata -> 'patterns_used'::text))
                                    WHEN 'array'::text THEN (trajectory.metadata -> 'patterns_used'::text)
                                    ELSE '[]'::jsonb
                                END) named(pattern_id)) used)
                  WHERE (trajectory.metadata ? 'patterns_used'::text)
                  GROUP BY trajectory.agent_type, used.pattern_id) episode ON ((((episode.agent_type)::text = (pattern.agent_type)::text) AND (episode.pattern_id = (pattern.pattern_id)::text))))
    """))

    op.execute(dedent("""
        create view qlmodels.expiring_patterns with (security_invoker=true) as
         SELECT pattern.agent_type,
            pattern.pattern_id,
            GREATEST(pattern.expires_at, (kind.counted_from + kind.retention)) AS expires_at
           FROM (public.patterns pattern
             JOIN qlmodels.expiring_agent_types() kind(agent_type, retention, counted_from) ON ((kind.agent_type = (pattern.agent_type)::text)))
          WHERE (pattern.expires_at IS NOT NULL)
    """))

    op.execute(dedent("""
        create view qlmodels.expiring_q_values with (security_invoker=true) as
         SELECT pair.agent_type,
            pair.q_value_id,
            GREATEST(pair.expires_at, (kind.counted_from + kind.retention)) AS expires_at
           FROM (public.q_values pair
             JOIN qlmodels.expiring_agent_types(true) kind(agent_type, retention, counted_from) ON ((kind.agent_type = (pair.agent_type)::text)))
          WHERE (pair.expires_at IS NOT NULL)
    """))

    op.execute(dedent("""
        create view qlmodels.expiring_rewards with (security_invoker=true) as
         SELECT reward.agent_type,
            reward.reward_id,
            (LEAST(GREATEST(reward.observed_at, kind.counted_from), '200000-01-01 00:00:00+00'::timestamp with time zone) + kind.retention) AS expires_at
           FROM (public.rewards reward
             JOIN qlmodels.expiring_agent_types() kind(agent_type, retention, counted_from) ON ((kind.agent_type = (reward.agent_type)::text)))
    """))

    op.execute(dedent("""
        create view qlmodels.expiring_sessions with (security_invoker=true) as
         SELECT run.agent_type,
            run.session_id,
            (LEAST(GREATEST(run.start_time, run.end_time, run.updated_at, kind.counted_from), '200000-01-01 00:00:00+00'::timestamp with time zone) + kind.retention) AS expires_at
           FROM (public.sessions run
             JOIN qlmodels.expiring_agent_types() kind(agent_type, retention, counted_from) ON ((kind.agent_type = (run.agent_type)::text)))
          WHERE ((NOT (EXISTS ( SELECT
                   FROM public.q_values made
                  WHERE (((made.agent_type)::text = (run.agent_type)::text) AND (made.session_id = run.session_id))))) AND (NOT (EXISTS ( SELECT
                   FROM public.trajectories made
                  WHERE (((made.agent_type)::text = (run.agent_type)::text) AND (made.session_id = run.session_id))))) AND (NOT (EXISTS ( SELECT
                   FROM public.rewards made
                  WHERE (((made.agent_type)::text = (run.agent_type)::text) AND (made.session_id = run.session_id))))))
    """))

    op.execute(dedent("""
        create view qlmodels.expiring_trajectories with (security_invoker=true) as
         SELECT episode.agent_type,
            episode.trajectory_id,
            GREATEST(episode.expires_at, (kind.counted_from + kind.retention)) AS expires_at
           FROM (public.trajectories episode
             JOIN qlmodels.expiring_agent_types() kind(agent_type, retention, counted_from) ON ((kind.agent_type = (episode.agent_type)::text)))
          WHERE (episode.expires_at IS NOT NULL)
    """))

    op.execute("alter function qlmodels.adopted_hashes_of(text) owner to qlmodels_definer")

    op.execute(dedent("""
        alter function qlmodels.draw_trajectories(text,double precision[],double precision[],double precision[],double precision[]) owner to qlmodels_definer
    """))

    op.execute("alter function qlmodels.expiring_agent_types(boolean) owner to qlmodels_definer")

    op.execute("alter function qlmodels.note_last_versions() owner to qlmodels_definer")

    op.execute("alter function qlmodels.purge(text,integer) owner to qlmodels_definer")

    op.execute("alter function qlmodels.purge_pairs(integer) owner to qlmodels_definer")

    op.execute(dedent("""
        create policy confined on public.agent_states
            as restrictive
            for all to public
            using ((qlmodels.is_unconfined() OR
        CASE
            WHEN (qlmodels.agent_of_login() IS NOT NULL) THEN ((agent_type)::text = qlmodels.agent_of_login())
            ELSE (
            CASE
                WHEN ((agent_type)::text <> ( SELECT qlmodels.confined_to() AS confined_to)) THEN NULL::boolean
                ELSE true
            END IS NOT NULL)
        END))
            with check ((qlmodels.is_unconfined() OR
        CASE
            WHEN (qlmodels.agent_of_login() IS NOT NULL) THEN ((agent_type)::text = qlmodels.agent_of_login())
            ELSE (
            CASE
                WHEN ((agent_type)::text <> ( SELECT qlmodels.confined_to() AS confined_to)) THEN NULL::boolean
                ELSE true
            END IS NOT NULL)
        END))
    """))

    op.execute(dedent("""
        create policy confined on public.agent_types
            as restrictive
            for all to public
            using ((qlmodels.is_unconfined() OR
        CASE
            WHEN (qlmodels.agent_of_login() IS NOT NULL) THEN ((agent_type)::text = qlmodels.agent_of_login())
            ELSE (
            CASE
                WHEN ((agent_type)::text <> ( SELECT qlmodels.confined_to() AS confined_to)) THEN NULL::boolean
                ELSE true
            END IS NOT NULL)
        END))
            with check ((qlmodels.is_unconfined() OR
        CASE
            WHEN (qlmodels.agent_of_login() IS NOT NULL) THEN ((agent_type)::text = qlmodels.agent_of_login())
            ELSE (
            CASE
                WHEN ((agent_type)::text <> ( SELECT qlmodels.confined_to() AS confined_to)) THEN NULL::boolean
                ELSE true
            END IS NOT NULL)
        END))
    """))

    op.execute(dedent("""
        create policy confined on public.patterns
            as restrictive
            for all to public
            using ((qlmodels.is_unconfined() OR
        CASE
            WHEN (qlmodels.agent_of_login() IS NOT NULL) THEN ((agent_type)::text = qlmodels.agent_of_login())
            ELSE (
            CASE
                WHEN ((agent_type)::text <> ( SELECT qlmodels.confined_to() AS confined_to)) THEN NULL::boolean
                ELSE true
            END IS NOT NULL)
        END))
            with check ((qlmodels.is_unconfined() OR
        CASE
            WHEN (qlmodels.agent_of_login() IS NOT NULL) THEN ((agent_type)::text = qlmodels.agent_of_login())
            ELSE (
            CASE
                WHEN ((agent_type)::text <> ( SELECT qlmodels.confined_to() AS confined_to)) THEN NULL::boolean
                ELSE true
            END IS NOT NULL)
        END))
    """))

    op.execute(dedent("""
        create policy confined on public.q_values
            as restrictive
            for all to public
            using ((qlmodels.is_unconfined() OR
        CASE
            WHEN (qlmodels.agent_of_login() IS NOT NULL) THEN ((agent_type)::text = qlmodels.agent_of_login())
            ELSE (
            CASE
                WHEN ((agent_type)::text <> ( SELECT qlmodels.confined_to() AS confined_to)) THEN NULL::boolean
                ELSE true
            END IS NOT NULL)
        END))
            with check ((qlmodels.is_unconfined() OR
        CASE
            WHEN (qlmodels.agent_of_login() IS NOT NULL) THEN ((agent_type)::text = qlmodels.agent_of_login())
            ELSE (
            CASE
                WHEN ((agent_type)::text <> ( SELECT qlmodels.confined_to() AS confined_to)) THEN NULL::boolean
                ELSE true
            END IS NOT NULL)
        END))
    """))

    op.execute(dedent("""
        create policy confined on public.rewards
            as restrictive
            for all to public
            using ((qlmodels.is_unconfined() OR
        CASE
            WHEN (qlmodels.agent_of_login() IS NOT NULL) THEN ((agent_type)::text = qlmodels.agent_of_login())
            ELSE (
            CASE
                WHEN ((agent_type)::text <> ( SELECT qlmodels.confined_to() AS confined_to)) THEN NULL::boolean
                ELSE true
            END IS NOT NULL)
        END))
            with check ((qlmodels.is_unconfined() OR
        CASE
            WHEN (qlmodels.agent_of_login() IS NOT NULL) THEN ((agent_type)::text = qlmodels.agent_of_login())
            ELSE (
            CASE
                WHEN ((agent_type)::text <> ( SELECT qlmodels.confined_to() AS confined_to)) THEN NULL::boolean
                ELSE true
            END IS NOT NULL)
        END))
    """))

    op.execute(dedent("""
        create policy confined on public.sessions
            as restrictive
            for all to public
            using ((qlmodels.is_unconfined() OR
        CASE
            WHEN (qlmodels.agent_of_login() IS NOT NULL) THEN ((agent_type)::text = qlmodels.agent_of_login())
            ELSE (
            CASE
                WHEN ((agent_type)::text <> ( SELECT qlmodels.confined_to() AS confined_to)) THEN NULL::boolean
                ELSE true
            END IS NOT NULL)
        END))
            with check ((qlmodels.is_unconfined() OR
        CASE
            WHEN (qlmodels.agent_of_login() IS NOT NULL) THEN ((agent_type)::text = qlmodels.agent_of_login())
            ELSE (
            CASE
                WHEN ((agent_type)::text <> ( SELECT qlmodels.confined_to() AS confined_to)) THEN NULL::boolean
                ELSE true
            END IS NOT NULL)
        END))
    """))

    op.execute(dedent("""
        create policy confined on public.trajectories
            as restrictive
            for all to public
            using ((qlmodels.is_unconfined() OR
        CASE
            WHEN (qlmodels.agent_of_login() IS NOT NULL) THEN ((agent_type)::text = qlmodels.agent_of_login())
            ELSE (
            CASE
                WHEN ((agent_type)::text <> ( SELECT qlmodels.confined_to() AS confined_to)) THEN NULL::boolean
                ELSE true
            END IS NOT NULL)
        END))
            with check ((qlmodels.is_unconfined() OR
        CASE
            WHEN (qlmodels.agent_of_login() IS NOT NULL) THEN ((agent_type)::text = qlmodels.agent_of_login())
            ELSE (
            CASE
                WHEN ((agent_type)::text <> ( SELECT qlmodels.confined_to() AS confined_to)) THEN NULL::boolean
                ELSE true
            END IS NOT NULL)
        END))
    """))

    op.execute(dedent("""
        revoke all on function public.nudge_q_values(text,jsonb)
            from public, anon, authenticated, service_role
    """))

    op.execute(dedent("""
        grant execute on function public.nudge_q_values(text,jsonb)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute(dedent("""
        revoke all on function public.refresh_materialized_views()
            from public, anon, authenticated, service_role
    """))

    op.execute(dedent("""
        grant execute on function public.refresh_materialized_views()
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute(dedent("""
        revoke all on function qlmodels.add_to_instance(text,text,integer,integer,double precision,text,double precision,double precision,integer,integer,bigint,bigint)
            from public
    """))

    op.execute(dedent("""
        grant execute on function qlmodels.add_to_instance(text,text,integer,integer,double precision,text,double precision,double precision,integer,integer,bigint,bigint)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.adopted_hashes_of(text) from public")

    op.execute(dedent("""
        grant execute on function qlmodels.adopted_hashes_of(text)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute(dedent("""
        revoke all on function qlmodels.check_step_options(jsonb,double precision,double precision,text[])
            from public
    """))

    op.execute(dedent("""
        grant execute on function qlmodels.check_step_options(jsonb,double precision,double precision,text[])
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute(dedent("""
        revoke all on function qlmodels.confidence_after(double precision,integer)
            from public
    """))

    op.execute(dedent("""
        grant execute on function qlmodels.confidence_after(double precision,integer)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role, qlmodels_definer
    """))

    op.execute(dedent("""
        revoke all on function qlmodels.draw_trajectories(text,double precision[],double precision[],double precision[],double precision[])
            from public
    """))

    op.execute(dedent("""
        grant execute on function qlmodels.draw_trajectories(text,double precision[],double precision[],double precision[],double precision[])
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.end_sessions() from public")

    op.execute("revoke all on function qlmodels.expiring_agent_types(boolean) from public")

    op.execute(dedent("""
        grant execute on function qlmodels.expiring_agent_types(boolean)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.expiry(integer) from public")

    op.execute(dedent("""
        grant execute on function qlmodels.expiry(integer)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role, qlmodels_definer
    """))

    op.execute(dedent("""
        revoke all on function qlmodels.exploration_after(double precision,double precision,double precision,integer)
            from public
    """))

    op.execute(dedent("""
        grant execute on function qlmodels.exploration_after(double precision,double precision,double precision,integer)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role, qlmodels_definer
    """))

    op.execute("revoke all on function qlmodels.is_same_document(jsonb,jsonb,text) from public")

    op.execute(dedent("""
        grant execute on function qlmodels.is_same_document(jsonb,jsonb,text)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role, qlmodels_definer
    """))

    op.execute("revoke all on function qlmodels.keep_an_admin() from public")

    op.execute("revoke all on function qlmodels.keep_first_writer() from public")

    op.execute(dedent("""
        revoke all on function qlmodels.learn_transition(text,text,jsonb,text,jsonb,double precision,text,text[],boolean,uuid,double precision,text,text,integer,jsonb,double precision,double precision)
            from public
    """))

    op.execute(dedent("""
        grant execute on function qlmodels.learn_transition(text,text,jsonb,text,jsonb,double precision,text,text[],boolean,uuid,double precision,text,text,integer,jsonb,double precision,double precision)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.learn_transitions(text,jsonb) from public")

    op.execute(dedent("""
        grant execute on function qlmodels.learn_transitions(text,jsonb)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute(dedent("""
        revoke all on function qlmodels.learning_rate_at(double precision,double precision,double precision,integer)
            from public
    """))

    op.execute(dedent("""
        grant execute on function qlmodels.learning_rate_at(double precision,double precision,double precision,integer)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role, qlmodels_definer
    """))

    op.execute("revoke all on function qlmodels.lock_pairs(text,jsonb,double precision) from public")

    op.execute(dedent("""
        grant execute on function qlmodels.lock_pairs(text,jsonb,double precision)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.lock_states(text,text[],text[]) from public")

    op.execute(dedent("""
        grant execute on function qlmodels.lock_states(text,text[],text[])
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.mean_of(double precision,integer) from public")

    op.execute(dedent("""
        grant execute on function qlmodels.mean_of(double precision,integer)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role, qlmodels_definer
    """))

    op.execute("revoke all on function qlmodels.note_last_versions() from public")

    op.execute("revoke all on function qlmodels.policy_actions(jsonb) from public")

    op.execute(dedent("""
        grant execute on function qlmodels.policy_actions(jsonb)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute(dedent("""
        revoke all on function qlmodels.policy_value(jsonb,text[],double precision[],integer,double precision)
            from public
    """))

    op.execute(dedent("""
        grant execute on function qlmodels.policy_value(jsonb,text[],double precision[],integer,double precision)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute(dedent("""
        revoke all on function qlmodels.product(double precision,double precision)
            from public
    """))

    op.execute(dedent("""
        grant execute on function qlmodels.product(double precision,double precision)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role, qlmodels_definer
    """))

    op.execute("revoke all on function qlmodels.purge(text,integer) from public")

    op.execute(dedent("""
        grant execute on function qlmodels.purge(text,integer)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.purge_pairs(integer) from public")

    op.execute("revoke all on function qlmodels.retention(integer) from public")

    op.execute(dedent("""
        grant execute on function qlmodels.retention(integer)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role, qlmodels_definer
    """))

    op.execute(dedent("""
        revoke all on function qlmodels.total_after(double precision,double precision)
            from public
    """))

    op.execute(dedent("""
        grant execute on function qlmodels.total_after(double precision,double precision)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role, qlmodels_definer
    """))

    op.execute(dedent("""
        revoke all on function qlmodels.uncertainty_after(double precision,integer)
            from public
    """))

    op.execute(dedent("""
        grant execute on function qlmodels.uncertainty_after(double precision,integer)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role, qlmodels_definer
    """))

    op.execute("revoke all on function qlmodels.upsert_pairs(jsonb) from public")

    op.execute(dedent("""
        grant execute on function qlmodels.upsert_pairs(jsonb)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels_private.keep_purged(text,bigint[]) from public")

    op.execute(dedent("""
        grant execute on function qlmodels_private.keep_purged(text,bigint[])
            to qlmodels_definer
    """))

    op.execute("revoke all on function qlmodels_private.next_version(text) from public")

    op.execute(dedent("""
        grant execute on function qlmodels_private.next_version(text)
            to qlmodels_panel, qlmodels_definer
    """))

    op.execute("revoke all on function qlmodels_private.policy_settings(text) from public")

    op.execute(dedent("""
        grant execute on function qlmodels_private.policy_settings(text)
            to qlmodels_panel, qlmodels_definer
    """))

    op.execute(dedent("""
        grant insert, select, update, delete on table qlmodels_admin.alert_messages
            to qlmodels_panel
    """))

    op.execute(dedent("""
        grant insert, select, update, delete on table qlmodels_admin.alert_states
            to qlmodels_panel
    """))

    op.execute(dedent("""
        grant insert, select, update, delete on table qlmodels_admin.alert_targets
            to qlmodels_panel
    """))

    op.execute(dedent("""
        grant insert, select, update on table qlmodels_admin.background_jobs
            to qlmodels_panel
    """))

    op.execute(dedent("""
        grant insert, select, update, delete on table qlmodels_admin.sign_in_attempts
            to qlmodels_panel
    """))

    op.execute("grant delete on table qlmodels_admin.users to qlmodels_panel")

    op.execute(dedent("""
        grant select on table qlmodels_private.adopted_hashes
            to qlmodels_definer, qlmodels_panel
    """))

    op.execute("grant select on table qlmodels_private.adoptions to qlmodels_definer")

    op.execute(dedent("""
        grant insert, select, update on table qlmodels_private.last_versions
            to qlmodels_definer
    """))

    op.execute("grant select on table qlmodels_private.last_versions to qlmodels_panel")

    op.execute("grant select on table qlmodels.expiring_patterns to qlmodels_panel, qlmodels_definer")

    op.execute("grant select on table qlmodels.expiring_q_values to qlmodels_panel, qlmodels_definer")

    op.execute("grant select on table qlmodels.expiring_rewards to qlmodels_panel, qlmodels_definer")

    op.execute("grant select on table qlmodels.expiring_sessions to qlmodels_panel, qlmodels_definer")

    op.execute(dedent("""
        grant select on table qlmodels.expiring_trajectories
            to qlmodels_panel, qlmodels_definer
    """))

    op.execute(dedent("""
        revoke insert (agent_type, state_id, agent_instance_id, total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, patterns_learned, q_values_stored, lookups, lookup_hits, status, last_activity, initialized_at, metadata), update (total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, patterns_learned, q_values_stored, lookups, lookup_hits, status, last_activity, metadata) on table public.agent_states
            from qlmodels_agent
    """))

    op.execute(dedent("""
        revoke insert (agent_type, state_id, agent_instance_id, total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, patterns_learned, q_values_stored, lookups, lookup_hits, status, last_activity, initialized_at, metadata), update (total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, patterns_learned, q_values_stored, lookups, lookup_hits, status, last_activity, metadata) on table public.agent_states
            from qlmodels_fleet
    """))

    op.execute(dedent("""
        revoke insert (agent_type, state_id, agent_instance_id, total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, patterns_learned, q_values_stored, lookups, lookup_hits, status, last_activity, initialized_at, metadata), update (total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, patterns_learned, q_values_stored, lookups, lookup_hits, status, last_activity, metadata) on table public.agent_states
            from authenticated
    """))

    op.execute(dedent("""
        revoke select (agent_type, last_activity) on table public.agent_states
            from analytics_role
    """))

    op.execute(dedent("""
        grant insert (agent_type, state_id, agent_instance_id, total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, patterns_learned, q_values_stored, lookups, lookup_hits, status, last_activity, initialized_at, updated_at, metadata), update (agent_type, state_id, agent_instance_id, total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, patterns_learned, q_values_stored, lookups, lookup_hits, status, last_activity, initialized_at, updated_at, metadata) on table public.agent_states
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute(dedent("""
        grant select (agent_type, last_activity) on table public.agent_states
            to analytics_role
    """))

    op.execute(dedent("""
        revoke insert (agent_type, pattern_id, pattern_name, pattern_type, pattern_category, pattern_data, trigger_conditions, expected_outcome, usage_count, success_count, failure_count, avg_reward, confidence_score, first_seen, last_used, expires_at, version, parent_pattern_id, metadata), update (pattern_type, pattern_category, pattern_data, trigger_conditions, expected_outcome, usage_count, success_count, failure_count, avg_reward, confidence_score, last_used, expires_at, metadata) on table public.patterns
            from qlmodels_agent
    """))

    op.execute(dedent("""
        revoke insert (agent_type, pattern_id, pattern_name, pattern_type, pattern_category, pattern_data, trigger_conditions, expected_outcome, usage_count, success_count, failure_count, avg_reward, confidence_score, first_seen, last_used, expires_at, version, parent_pattern_id, metadata), update (pattern_type, pattern_category, pattern_data, trigger_conditions, expected_outcome, usage_count, success_count, failure_count, avg_reward, confidence_score, last_used, expires_at, metadata) on table public.patterns
            from qlmodels_fleet
    """))

    op.execute(dedent("""
        revoke insert (agent_type, pattern_id, pattern_name, pattern_type, pattern_category, pattern_data, trigger_conditions, expected_outcome, usage_count, success_count, failure_count, avg_reward, confidence_score, first_seen, last_used, expires_at, version, parent_pattern_id, metadata), update (pattern_type, pattern_category, pattern_data, trigger_conditions, expected_outcome, usage_count, success_count, failure_count, avg_reward, confidence_score, last_used, expires_at, metadata) on table public.patterns
            from authenticated
    """))

    op.execute(dedent("""
        revoke select (agent_type, pattern_id, pattern_name, usage_count, success_count, failure_count, avg_reward, confidence_score, last_used, version) on table public.patterns
            from analytics_role
    """))

    op.execute("revoke update (metadata) on table public.patterns from qlmodels_definer")

    op.execute(dedent("""
        grant insert (agent_type, pattern_id, pattern_name, pattern_type, pattern_category, pattern_data, trigger_conditions, expected_outcome, usage_count, success_count, failure_count, avg_reward, confidence_score, first_seen, last_used, expires_at, version, parent_pattern_id, metadata), update (agent_type, pattern_id, pattern_name, pattern_type, pattern_category, pattern_data, trigger_conditions, expected_outcome, usage_count, success_count, failure_count, avg_reward, confidence_score, first_seen, last_used, expires_at, version, parent_pattern_id, metadata) on table public.patterns
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute(dedent("""
        grant select (agent_type, pattern_id, pattern_name, pattern_type, usage_count, success_count, failure_count, avg_reward, confidence_score, last_used, version) on table public.patterns
            to analytics_role
    """))

    op.execute("grant update (metadata) on table public.patterns to qlmodels_definer")

    op.execute(dedent("""
        revoke insert (agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count, confidence_score, uncertainty, td_error, last_updated, expires_at, metadata), update (q_value, visit_count, confidence_score, uncertainty, td_error, last_updated, expires_at, metadata) on table public.q_values
            from qlmodels_agent
    """))

    op.execute(dedent("""
        revoke insert (agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count, confidence_score, uncertainty, td_error, last_updated, expires_at, metadata), update (q_value, visit_count, confidence_score, uncertainty, td_error, last_updated, expires_at, metadata) on table public.q_values
            from qlmodels_fleet
    """))

    op.execute(dedent("""
        revoke insert (agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count, confidence_score, uncertainty, td_error, last_updated, expires_at, metadata), update (q_value, visit_count, confidence_score, uncertainty, td_error, last_updated, expires_at, metadata) on table public.q_values
            from authenticated
    """))

    op.execute(dedent("""
        revoke select (agent_type, q_value, confidence_score) on table public.q_values
            from analytics_role
    """))

    op.execute("revoke update (metadata) on table public.q_values from qlmodels_definer")

    op.execute(dedent("""
        grant insert (agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count, confidence_score, uncertainty, td_error, last_updated, created_at, expires_at, metadata), update (agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count, confidence_score, uncertainty, td_error, last_updated, created_at, expires_at, metadata) on table public.q_values
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute(dedent("""
        grant select (agent_type, q_value, visit_count, confidence_score) on table public.q_values
            to analytics_role
    """))

    op.execute("grant update (metadata) on table public.q_values to qlmodels_definer")

    op.execute(dedent("""
        revoke insert (agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, step, reward_type, reward_source, observed_at, metadata) on table public.rewards
            from qlmodels_agent
    """))

    op.execute(dedent("""
        revoke insert (agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, step, reward_type, reward_source, observed_at, metadata) on table public.rewards
            from qlmodels_fleet
    """))

    op.execute(dedent("""
        revoke insert (agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, step, reward_type, reward_source, observed_at, metadata) on table public.rewards
            from authenticated
    """))

    op.execute("revoke update (metadata) on table public.rewards from qlmodels_definer")

    op.execute(dedent("""
        grant insert (agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, step, reward_type, reward_source, observed_at, metadata), update (agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, step, reward_type, reward_source, observed_at, metadata) on table public.rewards
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute("grant update (metadata) on table public.rewards to qlmodels_definer")

    op.execute(dedent("""
        revoke insert (agent_type, session_id, session_name, start_time, end_time, status, task_count, total_reward, environment, agent_instance_id, metadata), update (session_name, end_time, status, task_count, total_reward, metadata) on table public.sessions
            from qlmodels_agent
    """))

    op.execute(dedent("""
        revoke insert (agent_type, session_id, session_name, start_time, end_time, status, task_count, total_reward, environment, agent_instance_id, metadata), update (session_name, end_time, status, task_count, total_reward, metadata) on table public.sessions
            from qlmodels_fleet
    """))

    op.execute(dedent("""
        revoke insert (agent_type, session_id, session_name, start_time, end_time, status, task_count, total_reward, environment, agent_instance_id, metadata), update (session_name, end_time, status, task_count, total_reward, metadata) on table public.sessions
            from authenticated
    """))

    op.execute("revoke select (agent_type) on table public.sessions from analytics_role")

    op.execute("revoke update (metadata) on table public.sessions from qlmodels_definer")

    op.execute(dedent("""
        grant insert (agent_type, session_id, session_name, start_time, end_time, status, task_count, total_reward, environment, agent_instance_id, metadata, created_at, updated_at, hyperparameters, tags, notes), update (agent_type, session_id, session_name, start_time, end_time, status, task_count, total_reward, environment, agent_instance_id, metadata, created_at, updated_at, hyperparameters, tags, notes) on table public.sessions
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute("grant select (agent_type) on table public.sessions to analytics_role")

    op.execute("grant update (metadata) on table public.sessions to qlmodels_definer")

    op.execute(dedent("""
        revoke insert (agent_type, trajectory_id, session_id, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, terminated, truncated, is_evaluation, seed, exploration_rate, policy_version, priority, replay_count, error_message, started_at, completed_at, expires_at, metadata), update (priority, replay_count, expires_at, metadata) on table public.trajectories
            from qlmodels_agent
    """))

    op.execute(dedent("""
        revoke insert (agent_type, trajectory_id, session_id, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, terminated, truncated, is_evaluation, seed, exploration_rate, policy_version, priority, replay_count, error_message, started_at, completed_at, expires_at, metadata), update (priority, replay_count, expires_at, metadata) on table public.trajectories
            from qlmodels_fleet
    """))

    op.execute(dedent("""
        revoke insert (agent_type, trajectory_id, session_id, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, terminated, truncated, is_evaluation, seed, exploration_rate, policy_version, priority, replay_count, error_message, started_at, completed_at, expires_at, metadata), update (priority, replay_count, expires_at, metadata) on table public.trajectories
            from authenticated
    """))

    op.execute("revoke update (metadata) on table public.trajectories from qlmodels_definer")

    op.execute(dedent("""
        grant insert (agent_type, trajectory_id, session_id, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, terminated, truncated, is_evaluation, seed, exploration_rate, policy_version, priority, replay_count, error_message, started_at, completed_at, expires_at, metadata, legal_actions), update (agent_type, trajectory_id, session_id, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, terminated, truncated, is_evaluation, seed, exploration_rate, policy_version, priority, replay_count, error_message, started_at, completed_at, expires_at, metadata, legal_actions) on table public.trajectories
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute("grant update (metadata) on table public.trajectories to qlmodels_definer")

    op.execute(dedent("""
        grant update (states, pairs, visits) on table qlmodels_private.policy_versions
            to qlmodels_definer
    """))

    op.execute("grant update (expires_at) on table qlmodels.expiring_patterns to qlmodels_definer")

    op.execute("grant update (expires_at) on table qlmodels.expiring_q_values to qlmodels_definer")

    op.execute("grant update (expires_at) on table qlmodels.expiring_rewards to qlmodels_definer")

    op.execute("grant update (expires_at) on table qlmodels.expiring_sessions to qlmodels_definer")

    op.execute(dedent("""
        grant update (expires_at) on table qlmodels.expiring_trajectories
            to qlmodels_definer
    """))

    op.execute(dedent("""
        comment on column public.agent_types.action_space_dimensions is 'Number of actions to choose from, the same in every state; null: not known'
    """))

    op.execute(dedent("""
        comment on column public.agent_types.hashing is 'How states and actions are hashed: as the original does; null is RFC 8785'
    """))

    op.execute(dedent("""
        comment on column public.agent_types.retention_days is 'Days after which what is no longer used expires; null is never'
    """))

    op.execute(dedent("""
        comment on column public.sessions.hyperparameters is 'How the agent learned when the run began; null is not recorded'
    """))

    op.execute("comment on column public.sessions.notes is 'What the run is for, in words'")

    op.execute("comment on column public.sessions.tags is 'Words to find and group runs by'")

    op.execute(dedent("""
        comment on column public.trajectories.legal_actions is 'The legal actions in each of the states, or one list for all; null if unknown'
    """))

    op.execute(dedent("""
        comment on column qlmodels_admin.action_runs.user_role is 'Of a user who is not in users, when the run was requested'
    """))

    op.execute("comment on column qlmodels_admin.alert_messages.changes is 'Of one evaluation'")

    op.execute(dedent("""
        comment on column qlmodels_admin.alert_messages.last_error is 'Why the last attempt failed'
    """))

    op.execute(dedent("""
        comment on column qlmodels_admin.alert_messages.sent_at is 'When the target accepted it'
    """))

    op.execute(dedent("""
        comment on column qlmodels_admin.alert_states.is_changing is 'The last evaluation differed from it'
    """))

    op.execute("comment on column qlmodels_admin.alert_states.needs_attention is 'As last reported'")

    op.execute("comment on column qlmodels_admin.alert_targets.created_by is 'User of the panel'")

    op.execute("comment on column qlmodels_admin.alert_targets.format is 'webhook or slack'")

    op.execute(dedent("""
        comment on column qlmodels_admin.alert_targets.signing_secret is 'whsec_... of Standard Webhooks; null for slack'
    """))

    op.execute(dedent("""
        comment on column qlmodels_admin.alert_targets.url is 'Secret: who knows it may post there'
    """))

    op.execute(dedent("""
        comment on column qlmodels_admin.background_jobs.finished_at is 'Of the last run that succeeded'
    """))

    op.execute(dedent("""
        comment on column qlmodels_admin.background_jobs.holder is 'Process that runs it, or ran it last: host:pid:token'
    """))

    op.execute(dedent("""
        comment on column qlmodels_admin.background_jobs.lease_expires_at is 'Until then no other process runs it; renewed while it runs'
    """))

    op.execute("comment on column qlmodels_admin.sessions.address is 'Address that signed in'")

    op.execute(dedent("""
        comment on column qlmodels_admin.sessions.browser is 'Browser that signed in, as it describes itself'
    """))

    op.execute(dedent("""
        comment on column qlmodels_admin.sessions.confirmed_at is 'When its user last proved who it is'
    """))

    op.execute(dedent("""
        comment on column qlmodels_admin.sign_in_attempts.attempted_at is 'Of those that count; a password that was right is taken out again'
    """))

    op.execute("comment on column qlmodels_admin.sign_in_attempts.expires_at is 'When none counts'")

    op.execute(dedent("""
        comment on column qlmodels_admin.sign_in_attempts.key is 'SHA-256 of what the attempts share'
    """))

    op.execute(dedent("""
        comment on column qlmodels_admin.users.issuer is 'OpenID provider that signs the user in; null for a local user'
    """))

    op.execute(dedent("""
        comment on column qlmodels_admin.users.subject is 'The provider''s identifier of the user'
    """))

    op.execute(dedent("""
        comment on column qlmodels_private.adopted_hashes.agent_type is 'Whose document it is'
    """))

    op.execute(dedent("""
        comment on column qlmodels_private.adopted_hashes.document_hash is 'Hash of the document by ours'
    """))

    op.execute(dedent("""
        comment on column qlmodels_private.adopted_hashes.hash is 'The hash that it was adopted with'
    """))

    op.execute("comment on column qlmodels_private.adopted_hashes.kind is 'state or action'")

    op.execute("comment on column qlmodels_private.adoptions.agent_type is 'Whose rows were adopted'")

    op.execute(dedent("""
        comment on column qlmodels_private.last_versions.agent_type is 'May be deleted, or made again'
    """))

    op.execute(dedent("""
        comment on column qlmodels_private.last_versions.policy_version is 'The largest that was deleted'
    """))

    op.execute(dedent("""
        comment on column qlmodels_private.policy_versions.settings is 'What gave the values their meaning then: see policy_settings'
    """))

    op.execute(dedent("""
        comment on table qlmodels_admin.alert_messages is 'Messages to alert targets; without a next attempt they are sent or have failed.'
    """))

    op.execute(dedent("""
        comment on table qlmodels_admin.alert_states is 'What was reported of each agent type.'
    """))

    op.execute(dedent("""
        comment on table qlmodels_admin.alert_targets is 'Where the panel reports which agent types need attention.'
    """))

    op.execute(dedent("""
        comment on table qlmodels_admin.background_jobs is 'What the panel''s processes do beside requests, one of them at a time.'
    """))

    op.execute(dedent("""
        comment on table qlmodels_admin.sign_in_attempts is 'Attempts to sign in, counted before a password is compared.'
    """))

    op.execute(dedent("""
        comment on table qlmodels_private.adopted_hashes is 'Hashes of adopted documents, where the rule of the original gives others.'
    """))

    op.execute(dedent("""
        comment on table qlmodels_private.adoptions is 'Since when rows that the original kept for ever are counted towards retention.'
    """))

    op.execute(dedent("""
        comment on table qlmodels_private.last_versions is 'Numbers of versions that are not kept any more, which are never given again.'
    """))


def downgrade() -> None:
    # +1 constraint, +1 default, +1 grant, ~2 columns, ~2 comments, ~1 constraint, ~10 functions, ~7 grants, ~4 triggers, ~2 views, -12 columns, -6 constraints, -35 functions, -1 grant, -7 policies, -8 tables, -12 triggers, -5 views

    # data: what 0001 cannot hold. An unknown number of actions gets 0001's default, no retention a
    # hundred years, versions of a purge or a promotion are as if kept by hand, and runs of users who are
    # not in users go.
    op.execute(dedent("""
        update public.agent_types
           set action_space_dimensions = 5
         where action_space_dimensions is null
    """))
    op.execute("update public.agent_types set retention_days = 36500 where retention_days is null")
    op.execute("update qlmodels_private.policy_versions set reason = 'hand' where reason in ('purge', 'promote')")
    op.execute(dedent("""
        delete from qlmodels_admin.action_runs as run
         where not exists (select from qlmodels_admin.users where name = run.user_name)
    """))

    op.execute("set local check_function_bodies = off")

    op.execute(dedent("""
        revoke update (states, pairs, visits) on table qlmodels_private.policy_versions
            from qlmodels_definer
    """))

    op.execute("drop policy confined on public.trajectories")

    op.execute("drop policy confined on public.sessions")

    op.execute("drop policy confined on public.rewards")

    op.execute("drop policy confined on public.q_values")

    op.execute("drop policy confined on public.patterns")

    op.execute("drop policy confined on public.agent_types")

    op.execute("drop policy confined on public.agent_states")

    op.execute("drop view qlmodels.expiring_trajectories")

    op.execute("drop view qlmodels.expiring_sessions")

    op.execute("drop view qlmodels.expiring_rewards")

    op.execute("drop view qlmodels.expiring_q_values")

    op.execute("drop view qlmodels.expiring_patterns")

    op.execute("drop view public.pattern_effectiveness")

    op.execute("drop view public.agent_performance_summary")

    op.execute("drop trigger record_change on qlmodels_private.policy_versions")

    op.execute("drop trigger record_change on qlmodels_admin.users")

    op.execute("drop trigger record_change on qlmodels_admin.sessions")

    op.execute("drop trigger record_change on public.trajectories")

    op.execute("drop trigger record_change on public.sessions")

    op.execute("drop trigger note_last_versions on qlmodels_private.policy_versions")

    op.execute("drop trigger lock_admins on qlmodels_admin.users")

    op.execute("drop trigger keep_first_writer on public.trajectories")

    op.execute("drop trigger keep_first_writer on public.sessions")

    op.execute("drop trigger keep_first_writer on public.rewards")

    op.execute("drop trigger keep_first_writer on public.q_values")

    op.execute("drop trigger keep_first_writer on public.patterns")

    op.execute("drop trigger keep_first_writer on public.agent_states")

    op.execute("drop trigger end_sessions on qlmodels_admin.users")

    op.execute("drop trigger an_admin_is_demoted on qlmodels_admin.users")

    op.execute("drop trigger an_admin_is_deleted on qlmodels_admin.users")

    op.execute("drop function qlmodels_private.policy_settings(text)")

    op.execute("drop function qlmodels_private.next_version(text)")

    op.execute("drop function qlmodels_private.keep_purged(text,bigint[])")

    op.execute("drop function qlmodels.upsert_pairs(jsonb)")

    op.execute("drop function qlmodels.uncertainty_after(double precision,integer)")

    op.execute("drop function qlmodels.total_after(double precision,double precision)")

    op.execute("drop function qlmodels.expiry(integer)")

    op.execute("drop function qlmodels.retention(integer)")

    op.execute("drop function qlmodels.purge_pairs(integer)")

    op.execute("drop function qlmodels.purge(text,integer)")

    op.execute("drop function qlmodels.product(double precision,double precision)")

    op.execute(dedent("""
        drop function qlmodels.policy_value(jsonb,text[],double precision[],integer,double precision)
    """))

    op.execute("drop function qlmodels.policy_actions(jsonb)")

    op.execute("drop function qlmodels.note_last_versions()")

    op.execute("drop function qlmodels.mean_of(double precision,integer)")

    op.execute("drop function qlmodels.lock_states(text,text[],text[])")

    op.execute("drop function qlmodels.lock_pairs(text,jsonb,double precision)")

    op.execute(dedent("""
        drop function qlmodels.learning_rate_at(double precision,double precision,double precision,integer)
    """))

    op.execute("drop function qlmodels.learn_transitions(text,jsonb)")

    op.execute(dedent("""
        drop function qlmodels.learn_transition(text,text,jsonb,text,jsonb,double precision,text,text[],boolean,uuid,double precision,text,text,integer,jsonb,double precision,double precision)
    """))

    op.execute("drop function qlmodels.keep_first_writer()")

    op.execute("drop function qlmodels.keep_an_admin()")

    op.execute("drop function qlmodels.is_unconfined()")

    op.execute("drop function qlmodels.is_same_document(jsonb,jsonb,text)")

    op.execute(dedent("""
        drop function qlmodels.exploration_after(double precision,double precision,double precision,integer)
    """))

    op.execute("drop function qlmodels.expiring_agent_types(boolean)")

    op.execute("drop function qlmodels.end_sessions()")

    op.execute(dedent("""
        drop function qlmodels.draw_trajectories(text,double precision[],double precision[],double precision[],double precision[])
    """))

    op.execute("drop function qlmodels.confined_to()")

    op.execute("drop function qlmodels.confidence_after(double precision,integer)")

    op.execute(dedent("""
        drop function qlmodels.check_step_options(jsonb,double precision,double precision,text[])
    """))

    op.execute("drop function qlmodels.agent_of_login()")

    op.execute("drop function qlmodels.adopted_hashes_of(text)")

    op.execute(dedent("""
        drop function qlmodels.add_to_instance(text,text,integer,integer,double precision,text,double precision,double precision,integer,integer,bigint,bigint)
    """))

    op.execute("drop function public.refresh_materialized_views()")

    op.execute("drop function public.nudge_q_values(text,jsonb)")

    op.execute("alter table qlmodels_admin.users drop constraint uq_users_issuer_subject")

    op.execute("alter table qlmodels_admin.users drop constraint ck_users_identity")

    op.execute("alter table public.trajectories drop constraint ck_trajectories_legal_actions")

    op.execute("alter table public.sessions drop constraint ck_sessions_tags")

    op.execute("alter table public.sessions drop constraint ck_sessions_hyperparameters")

    op.execute(dedent("""
        alter table qlmodels_private.policy_versions drop constraint ck_policy_versions_reason
    """))

    op.execute("alter table public.agent_types drop constraint ck_agent_types_hashing")

    # careful: loses the table's rows
    op.execute("drop table qlmodels_admin.alert_messages")

    # careful: loses the column's data
    op.execute("alter table qlmodels_private.policy_versions drop column settings")

    # careful: loses the column's data
    op.execute("alter table qlmodels_admin.users drop column subject")

    # careful: loses the column's data
    op.execute("alter table qlmodels_admin.users drop column issuer")

    # careful: loses the column's data
    op.execute("alter table qlmodels_admin.sessions drop column confirmed_at")

    # careful: loses the column's data
    op.execute("alter table qlmodels_admin.sessions drop column browser")

    # careful: loses the column's data
    op.execute("alter table qlmodels_admin.sessions drop column address")

    # careful: loses the column's data
    op.execute("alter table qlmodels_admin.action_runs drop column user_role")

    # careful: loses the column's data
    op.execute("alter table public.trajectories drop column legal_actions")

    # careful: loses the column's data
    op.execute("alter table public.sessions drop column tags")

    # careful: loses the column's data
    op.execute("alter table public.sessions drop column notes")

    # careful: loses the column's data
    op.execute("alter table public.sessions drop column hyperparameters")

    # careful: loses the column's data
    op.execute("alter table public.agent_types drop column hashing")

    # careful: loses the table's rows
    op.execute("drop table qlmodels_private.last_versions")

    # careful: loses the table's rows
    op.execute("drop table qlmodels_private.adoptions")

    # careful: loses the table's rows
    op.execute("drop table qlmodels_private.adopted_hashes")

    # careful: loses the table's rows
    op.execute("drop table qlmodels_admin.sign_in_attempts")

    # careful: loses the table's rows
    op.execute("drop table qlmodels_admin.background_jobs")

    # careful: loses the table's rows
    op.execute("drop table qlmodels_admin.alert_targets")

    # careful: loses the table's rows
    op.execute("drop table qlmodels_admin.alert_states")

    # careful: scans the table under an exclusive lock
    op.execute("alter table public.agent_types alter column action_space_dimensions set not null")

    op.execute("alter table public.agent_types no force row level security")

    # careful: updates every row without a value
    op.execute(dedent("""
        do $$ declare
            changed bigint;
        begin
            loop
                update public.agent_types set retention_days = 30
                where ctid in (select ctid from public.agent_types where retention_days is null limit 10000);
                get diagnostics changed = row_count;
                exit when changed = 0;
            end loop;
        end $$
    """))

    op.execute("alter table public.agent_types force row level security")

    # careful: scans the table under an exclusive lock
    op.execute("alter table public.agent_types alter column retention_days set not null")

    op.execute("alter table public.agent_types alter column action_space_dimensions set default 5")

    # careful: scans the table under an exclusive lock
    op.execute(dedent("""
        alter table qlmodels_private.policy_versions add constraint ck_policy_versions_reason CHECK (((reason)::text = ANY (ARRAY['hand'::character varying, 'session'::character varying, 'merge'::character varying, 'import'::character varying, 'restore'::character varying])))
    """))

    # careful: scans the table while writes to both tables wait
    op.execute(dedent("""
        alter table qlmodels_admin.action_runs add constraint fk_action_runs_user FOREIGN KEY (user_name) REFERENCES qlmodels_admin.users(name) ON DELETE CASCADE
    """))

    op.execute(dedent("""
        CREATE OR REPLACE FUNCTION public.learn(p_agent_type text, p_state_hash text, p_state_data jsonb, p_action_hash text, p_action_data jsonb, p_reward double precision, p_next_state_hash text DEFAULT NULL::text, p_next_action_hashes text[] DEFAULT NULL::text[], p_terminated boolean DEFAULT false, p_session_id uuid DEFAULT NULL::uuid, p_discount_factor double precision DEFAULT NULL::double precision)
         RETURNS double precision
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        begin
            return (
                select step.q_value
                  from public.learn_step(
                           p_agent_type, p_state_hash, p_state_data, p_action_hash, p_action_data, p_reward,
                           p_next_state_hash, p_next_action_hashes, p_terminated, p_session_id,
                           p_discount_factor
                       ) as step
            );
        end $function$
    """))

    op.execute(dedent("""
        CREATE OR REPLACE FUNCTION public.learn_many(p_agent_type text, p_steps jsonb)
         RETURNS TABLE(q_value double precision, td_error double precision, learning_rate double precision, visit_count integer)
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
         SET enable_hashjoin TO 'off'
         SET enable_mergejoin TO 'off'
         SET enable_bitmapscan TO 'off'
         SET enable_seqscan TO 'off'
        AS $function$
        declare
            v_kind record;
            v_step record;
            v_new bigint[];         -- ids of the pairs that this batch makes
            -- the pairs that are learned, by key, each in its slot
            v_ids bigint[];
            v_states jsonb[];
            v_actions jsonb[];
            v_values double precision[];  -- null until a pair of v_new is learned
            v_visits integer[];
            v_errors double precision[];
            v_slot integer;
            v_value double precision;
            v_known integer;
            v_choices integer;
            v_next_value double precision;
        begin
            select kind.learning_rate, kind.learning_rate_decay, kind.min_learning_rate,
                   kind.discount_factor, kind.initial_q_value, kind.retention_days,
                   kind.action_space_dimensions
              into v_kind
              from public.agent_types as kind
             where kind.agent_type = p_agent_type;
            if not found then
                raise insufficient_privilege using
                    message = format('agent type %L is unknown, or this login does not speak for it', p_agent_type),
                    hint = 'Connect by the login of that agent type, or choose it by acting_as().';
            end if;

            with made as (
                insert into public.q_values (
                    agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count
                )
                select p_agent_type, step.session_id, step.state_hash, step.state_data,
                       step.action_hash, step.action_data, v_kind.initial_q_value, 0
                  from qlmodels.learning_steps(p_steps) as step
                 where step.is_first
                   and (
                       select true
                         from public.q_values as pair
                        where pair.agent_type = p_agent_type
                          and pair.state_hash = step.state_hash
                          and pair.action_hash = step.action_hash
                   ) is null
                 order by step.slot
                on conflict (agent_type, state_hash, action_hash) do nothing
                returning q_values.q_value_id
            )
            select array_agg(made.q_value_id) into v_new from made;

            select array_agg(locked.q_value_id), array_agg(locked.state_data),
                   array_agg(locked.action_data), array_agg(locked.visit_count),
                   array_agg(
                       case when locked.q_value_id = any (v_new) then null else locked.q_value end
                   ),
                   array_agg(null::double precision)
              into v_ids, v_states, v_actions, v_visits, v_values, v_errors
              from (
                   select pair.*
                     from (
                          select step.state_hash, step.action_hash
                            from qlmodels.learning_steps(p_steps) as step
                           where step.is_first
                           order by step.slot
                     ) as wanted
                    cross join lateral (
                          select stored.q_value_id, stored.state_data, stored.action_data,
                                 stored.visit_count::integer, stored.q_value::double precision
                            from public.q_values as stored
                           where stored.agent_type = p_agent_type
                             and stored.state_hash = wanted.state_hash
                             and stored.action_hash = wanted.action_hash
                             for update
                    ) as pair
              ) as locked;

            for v_step in
                select step.*, known.slots, known.q_values
                  from qlmodels.learning_steps(p_steps) as step
                 cross join lateral (
                       select array_agg(array_position(v_ids, pair.q_value_id)) as slots,
                              array_agg(pair.q_value::double precision) as q_values
                         from public.q_values as pair
                        where not step.terminated
                          and pair.agent_type = p_agent_type
                          and pair.state_hash = step.next_state_hash
                          and (step.next_action_hashes is null or step.next_action_hashes ? pair.action_hash)
                 ) as known
                 order by step.position
            loop
                if v_step.state_data <> v_states[v_step.slot] or v_step.action_data <> v_actions[v_step.slot] then
                    raise sqlstate 'QL001' using
                        message = format(
                            'pair %L, %L is stored with another state or action',
                            v_step.state_hash, v_step.action_hash
                        ),
                        hint = 'Hash every feature that the document holds, and nothing else.';
                elsif not v_step.terminated and (v_step.next_state_hash is null or v_step.next_action_hashes = '[]') then
                    raise invalid_parameter_value using
                        message = format(
                            'step %s does not terminate and has no next state or no action in it',
                            v_step.position
                        ),
                        hint = 'Give next_state_hash and next_action_hashes, or terminated: true.';
                end if;

                v_next_value := 0;
                if not v_step.terminated then
                    v_next_value := null;
                    v_known := 0;
                    for i in 1..coalesce(cardinality(v_step.slots), 0) loop
                        v_slot := v_step.slots[i];
                        v_value := v_step.q_values[i];
                        if v_slot is not null then
                            v_value := v_values[v_slot];
                        end if;
                        if v_value is not null then
                            v_known := v_known + 1;
                            v_next_value := greatest(v_next_value, v_value);
                        end if;
                    end loop;
                    v_choices := v_kind.action_space_dimensions;
                    if v_step.next_action_hashes is not null then
                        v_choices := jsonb_array_length(v_step.next_action_hashes);
                        if v_known < v_choices then  -- an action that is listed twice is one
                            select count(distinct legal.action_hash) into v_choices
                              from jsonb_array_elements_text(v_step.next_action_hashes) as legal (action_hash);
                        end if;
                    end if;
                    if v_known < v_choices then
                        v_next_value := greatest(v_next_value, v_kind.initial_q_value);
                    end if;
                end if;

                v_slot := v_step.slot;
                v_value := coalesce(v_values[v_slot], v_kind.initial_q_value);
                visit_count := v_visits[v_slot] + 1;
                learning_rate := greatest(
                    v_kind.min_learning_rate,
                    v_kind.learning_rate / power(visit_count, v_kind.learning_rate_decay)
                );
                td_error := v_step.reward
                    + coalesce(v_step.discount_factor, v_kind.discount_factor) * v_next_value - v_value;
                q_value := v_value + learning_rate * td_error;
                v_values[v_slot] := q_value;
                v_visits[v_slot] := visit_count;
                v_errors[v_slot] := td_error;
                return next;
            end loop;

            update public.q_values as pair
               set q_value = v_values[array_position(v_ids, pair.q_value_id)],
                   td_error = v_errors[array_position(v_ids, pair.q_value_id)],
                   visit_count = v_visits[array_position(v_ids, pair.q_value_id)],
                   confidence_score = least(
                       1,
                       pair.confidence_score
                           + 0.01 * (v_visits[array_position(v_ids, pair.q_value_id)] - pair.visit_count)
                   ),
                   uncertainty = greatest(
                       0,
                       pair.uncertainty
                           - 0.01 * (v_visits[array_position(v_ids, pair.q_value_id)] - pair.visit_count)
                   ),
                   last_updated = now(),
                   expires_at = now() + make_interval(days => v_kind.retention_days)
             where pair.agent_type = p_agent_type
               and pair.q_value_id = any (v_ids);

            if p_steps @? '$[*].reward_type ? (@ != null)' then
                insert into public.rewards (
                    agent_type, session_id, state_hash, action_hash, reward_value, step, reward_type,
                    reward_source
                )
                select p_agent_type, step.session_id, step.state_hash, step.action_hash, step.reward,
                       step.step, step.reward_type, step.reward_source
                  from qlmodels.learning_steps(p_steps) as step
                 where step.reward_type is not null
                 order by step.position;
            end if;
        end $function$
    """))

    op.execute(dedent("""
        CREATE OR REPLACE FUNCTION public.learn_step(p_agent_type text, p_state_hash text, p_state_data jsonb, p_action_hash text, p_action_data jsonb, p_reward double precision, p_next_state_hash text DEFAULT NULL::text, p_next_action_hashes text[] DEFAULT NULL::text[], p_terminated boolean DEFAULT false, p_session_id uuid DEFAULT NULL::uuid, p_discount_factor double precision DEFAULT NULL::double precision, p_reward_type text DEFAULT NULL::text, p_reward_source text DEFAULT NULL::text, p_step integer DEFAULT NULL::integer)
         RETURNS TABLE(q_value double precision, td_error double precision, learning_rate double precision, visit_count integer, next_values double precision[], next_visits integer[])
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        declare
            v_read record;
            v_next_value double precision;
            v_at integer;
            v_is_locked boolean := false;
        begin
            if not p_terminated and p_next_state_hash is null then
                raise invalid_parameter_value using
                    message = 'a step that does not terminate needs the hash of the next state',
                    hint = 'Give p_next_state_hash, or p_terminated => true.';
            elsif not p_terminated and cardinality(p_next_action_hashes) = 0 then
                raise invalid_parameter_value using
                    message = 'the next state has no legal action, yet the step does not terminate',
                    hint = 'Give its actions, or p_terminated => true.';
            end if;

            loop
                select kind.learning_rate, kind.learning_rate_decay, kind.min_learning_rate,
                       kind.discount_factor, kind.initial_q_value, kind.action_space_dimensions,
                       now() + make_interval(days => kind.retention_days) as expires_at,
                       pair.q_value_id, coalesce(pair.q_value, kind.initial_q_value) as q_value,
                       coalesce(pair.visit_count, 0) as visit_count,
                       pair.state_data = p_state_data and pair.action_data = p_action_data as is_same,
                       next.actions, next.q_values, next.visits
                  into v_read
                  from public.agent_types as kind
                  left join public.q_values as pair
                    on pair.agent_type = p_agent_type
                   and pair.state_hash = p_state_hash
                   and pair.action_hash = p_action_hash
                  left join lateral (
                       select array_agg(known.action_hash::text) as actions,
                              array_agg(known.q_value::double precision) as q_values,
                              array_agg(known.visit_count::integer) as visits
                         from public.q_values as known
                        where known.agent_type = p_agent_type
                          and known.state_hash = p_next_state_hash
                          and known.action_hash = any (p_next_action_hashes)
                  ) as next on not p_terminated
                 where kind.agent_type = p_agent_type;
                if not found then
                    raise insufficient_privilege using
                        message = format('agent type %L is unknown, or this login does not speak for it', p_agent_type),
                        hint = 'Connect by the login of that agent type, or choose it by acting_as().';
                elsif not v_read.is_same then
                    raise sqlstate 'QL001' using
                        message = format('pair %L, %L is stored with another state or action', p_state_hash, p_action_hash),
                        hint = 'Hash every feature that the document holds, and nothing else.';
                end if;

                if p_terminated then
                    v_next_value := 0;
                elsif p_next_action_hashes is null then
                    select greatest(
                               max(known.q_value),
                               case when count(*) < v_read.action_space_dimensions then v_read.initial_q_value end
                           )
                      into v_next_value
                      from public.q_values as known
                     where known.agent_type = p_agent_type
                       and known.state_hash = p_next_state_hash;
                else
                    v_next_value := null;
                    for i in 1..cardinality(p_next_action_hashes) loop
                        v_at := array_position(v_read.actions, p_next_action_hashes[i]);
                        next_values[i] := coalesce(v_read.q_values[v_at], v_read.initial_q_value);
                        next_visits[i] := coalesce(v_read.visits[v_at], 0);
                        v_next_value := greatest(v_next_value, next_values[i]);
                    end loop;
                end if;

                visit_count := v_read.visit_count + 1;
                learning_rate := greatest(
                    v_read.min_learning_rate, v_read.learning_rate / power(visit_count, v_read.learning_rate_decay)
                );
                td_error := p_reward
                    + coalesce(p_discount_factor, v_read.discount_factor) * v_next_value - v_read.q_value;
                q_value := v_read.q_value + learning_rate * td_error;

                if v_read.q_value_id is null then
                    insert into public.q_values (
                        agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value,
                        td_error, visit_count, confidence_score, uncertainty, expires_at
                    )
                    values (
                        p_agent_type, p_session_id, p_state_hash, p_state_data, p_action_hash, p_action_data,
                        learn_step.q_value, learn_step.td_error, 1, 0.51, 0.49, v_read.expires_at
                    )
                    on conflict (agent_type, state_hash, action_hash) do nothing;
                    exit when found;
                else
                    update public.q_values as pair
                       set q_value = learn_step.q_value,
                           td_error = learn_step.td_error,
                           visit_count = learn_step.visit_count,
                           confidence_score = least(1, pair.confidence_score + 0.01),
                           uncertainty = greatest(0, pair.uncertainty - 0.01),
                           last_updated = now(),
                           expires_at = v_read.expires_at
                     where pair.agent_type = p_agent_type
                       and pair.q_value_id = v_read.q_value_id
                       and pair.q_value = v_read.q_value
                       and pair.visit_count = v_read.visit_count;
                    exit when found or v_is_locked;
                    perform
                       from public.q_values as pair
                      where pair.agent_type = p_agent_type
                        and pair.q_value_id = v_read.q_value_id
                        for update;
                    v_is_locked := found;
                end if;
            end loop;

            if p_next_state_hash = p_state_hash and p_action_hash = any (p_next_action_hashes) then
                next_values[array_position(p_next_action_hashes, p_action_hash)] := q_value;
                next_visits[array_position(p_next_action_hashes, p_action_hash)] := visit_count;
            end if;

            if p_reward_type is not null then
                insert into public.rewards (
                    agent_type, session_id, state_hash, action_hash, reward_value, step, reward_type, reward_source
                )
                values (
                    p_agent_type, p_session_id, p_state_hash, p_action_hash, p_reward, p_step,
                    p_reward_type, p_reward_source
                );
            end if;
            return next;
        end $function$
    """))

    op.execute(dedent("""
        CREATE OR REPLACE FUNCTION public.upsert_q_value(p_agent_type text, p_state_hash text, p_state_data jsonb, p_action_hash text, p_action_data jsonb, p_q_value double precision, p_session_id uuid DEFAULT NULL::uuid)
         RETURNS bigint
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        declare
            v_expires_at timestamptz;
            v_id bigint;
        begin
            select now() + make_interval(days => kind.retention_days)
              into v_expires_at
              from public.agent_types as kind
             where kind.agent_type = p_agent_type;

            -- most pairs are there already, and an UPDATE takes less than a conflict
            update public.q_values as pair
               set q_value = p_q_value,
                   visit_count = pair.visit_count + 1,
                   confidence_score = least(1, pair.confidence_score + 0.01),
                   uncertainty = greatest(0, pair.uncertainty - 0.01),
                   last_updated = now(),
                   expires_at = v_expires_at
             where pair.agent_type = p_agent_type
               and pair.state_hash = p_state_hash
               and pair.action_hash = p_action_hash
            returning pair.q_value_id into v_id;
            if found then
                return v_id;
            end if;

            insert into public.q_values as pair (
                agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, expires_at
            )
            values (
                p_agent_type, p_session_id, p_state_hash, p_state_data, p_action_hash, p_action_data,
                p_q_value, v_expires_at
            )
            on conflict (agent_type, state_hash, action_hash) do update
               set q_value = excluded.q_value,
                   visit_count = pair.visit_count + 1,
                   confidence_score = least(1, pair.confidence_score + 0.01),
                   uncertainty = greatest(0, pair.uncertainty - 0.01),
                   last_updated = now(),
                   expires_at = excluded.expires_at
            returning pair.q_value_id into v_id;

            return v_id;
        end $function$
    """))

    op.execute(dedent("""
        CREATE OR REPLACE FUNCTION public.upsert_q_values(p_rows jsonb)
         RETURNS bigint[]
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        declare
            v_ids bigint[];
            v_refused integer;
        begin
            with input as (
                select item.*, numbered.position
                  from jsonb_array_elements(p_rows) with ordinality as numbered (document, position)
                 cross join lateral jsonb_to_record(numbered.document) as item (
                       agent_type text, state_hash text, state_data jsonb,
                       action_hash text, action_data jsonb, q_value double precision, session_id uuid
                 )
            ), newest as (
                select distinct on (agent_type, state_hash collate "C", action_hash collate "C")
                       input.*,
                       count(*) over (partition by agent_type, state_hash, action_hash)::integer as visits
                  from input
                 order by agent_type, state_hash collate "C", action_hash collate "C", position desc
            ), stored as (
                insert into public.q_values as pair (
                    agent_type, session_id, state_hash, state_data, action_hash, action_data,
                    q_value, visit_count, expires_at
                )
                select newest.agent_type, newest.session_id, newest.state_hash, newest.state_data,
                       newest.action_hash, newest.action_data, newest.q_value, newest.visits,
                       now() + make_interval(days => kind.retention_days)
                  from newest
                  left join public.agent_types as kind on kind.agent_type = newest.agent_type
                 order by newest.agent_type, newest.state_hash collate "C", newest.action_hash collate "C"
                on conflict (agent_type, state_hash, action_hash) do update
                   set q_value = excluded.q_value,
                       visit_count = pair.visit_count + excluded.visit_count,
                       confidence_score = least(1, pair.confidence_score + 0.01 * excluded.visit_count),
                       uncertainty = greatest(0, pair.uncertainty - 0.01 * excluded.visit_count),
                       last_updated = now(),
                       expires_at = excluded.expires_at
                 where pair.state_data = excluded.state_data
                   and pair.action_data = excluded.action_data
                returning pair.agent_type, pair.state_hash, pair.action_hash, pair.q_value_id
            )
            select array_agg(stored.q_value_id order by input.position)
              into v_ids
              from input
              left join stored
                on stored.agent_type = input.agent_type
               and stored.state_hash = input.state_hash
               and stored.action_hash = input.action_hash;

            v_refused := array_position(v_ids, null);
            if v_refused is not null then
                raise sqlstate 'QL001' using
                    message = format(
                        'pair %L, %L is stored with another state or action',
                        p_rows -> (v_refused - 1) ->> 'state_hash', p_rows -> (v_refused - 1) ->> 'action_hash'
                    ),
                    hint = 'Hash every feature that the document holds, and nothing else.';
            end if;
            return coalesce(v_ids, '{}');
        end $function$
    """))

    op.execute(dedent("""
        CREATE OR REPLACE FUNCTION qlmodels.cleanup_expired_data()
         RETURNS TABLE(table_name text, deleted_count bigint)
         LANGUAGE plpgsql
         SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        begin
            foreach table_name in array array['q_values', 'trajectories', 'patterns', 'rewards', 'sessions'] loop
                deleted_count := qlmodels.purge_expired(table_name, null);
                return next;
            end loop;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.draw_trajectories(p_agent_type text, p_starts double precision[], p_widths double precision[], p_buckets double precision[] DEFAULT NULL::double precision[], p_floors double precision[] DEFAULT NULL::double precision[])
         RETURNS TABLE(draw bigint, trajectory_id uuid, task_id text, total_reward double precision, success boolean, terminated boolean, truncated boolean, priority double precision, states_visited jsonb, actions_taken jsonb, step_rewards jsonb)
         LANGUAGE plpgsql
         STABLE SECURITY DEFINER ROWS 300
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
         SET enable_bitmapscan TO 'off'
         SET enable_seqscan TO 'off'
        AS $function$
        declare
            v_speaker text := qlmodels.speaking_for();
        begin
            if v_speaker <> p_agent_type then
                return;
            end if;
            if p_buckets is null then
                return query
                select probe.position, episode.*
                  from unnest(p_starts, p_widths) with ordinality as probe (start, width, position)
                 cross join lateral (
                       select one.trajectory_id, one.task_id::text, one.total_reward, one.success,
                              one.terminated, one.truncated, one.priority, one.states_visited,
                              one.actions_taken, one.step_rewards
                         from public.trajectories as one
                        where one.agent_type = p_agent_type
                          and one.sample_key >= probe.start
                          and one.sample_key < probe.start + probe.width
                       offset 0
                 ) as episode;
            else
                return query
                select probe.position, episode.*
                  from unnest(p_starts, p_widths, p_buckets, p_floors) with ordinality
                       as probe (start, width, bucket, floor, position)
                 cross join lateral (
                       select one.trajectory_id, one.task_id::text, one.total_reward, one.success,
                              one.terminated, one.truncated, one.priority, one.states_visited,
                              one.actions_taken, one.step_rewards
                         from public.trajectories as one
                        where one.agent_type = p_agent_type
                          and ceil(ln(one.priority) / ln(2::double precision)) = probe.bucket
                          and one.sample_key >= probe.start
                          and one.sample_key < probe.start + probe.width
                          and one.priority > probe.floor
                       offset 0
                 ) as episode;
            end if;
        end $function$
    """))

    op.execute(dedent("""
        CREATE OR REPLACE FUNCTION qlmodels.learning_steps(p_steps jsonb)
         RETURNS TABLE("position" bigint, slot bigint, is_first boolean, state_hash text, state_data jsonb, action_hash text, action_data jsonb, reward double precision, next_state_hash text, next_action_hashes jsonb, terminated boolean, discount_factor double precision, session_id uuid, reward_type text, reward_source text, step integer)
         LANGUAGE sql
         IMMUTABLE ROWS 100
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
            select given.position,
                   dense_rank() over pairs,
                   row_number() over (
                       partition by given.state_hash collate "C", given.action_hash collate "C"
                       order by given.position
                   ) = 1,
                   given.state_hash, given.state_data, given.action_hash, given.action_data, given.reward,
                   given.next_state_hash, nullif(given.next_action_hashes, 'null'),
                   coalesce(given.terminated, false), given.discount_factor, given.session_id,
                   given.reward_type, given.reward_source, given.step
              from rows from (
                   jsonb_to_recordset(p_steps) as (
                       state_hash text, state_data jsonb, action_hash text, action_data jsonb,
                       reward double precision, next_state_hash text, next_action_hashes jsonb,
                       terminated boolean, discount_factor double precision, session_id uuid,
                       reward_type text, reward_source text, step integer
                   )
              ) with ordinality as given (
                   state_hash, state_data, action_hash, action_data, reward, next_state_hash,
                   next_action_hashes, terminated, discount_factor, session_id, reward_type,
                   reward_source, step, position
              )
            window pairs as (order by given.state_hash collate "C", given.action_hash collate "C")
        $function$
    """))

    op.execute(dedent("""
        CREATE OR REPLACE FUNCTION qlmodels.purge_expired(p_table text, p_batch integer)
         RETURNS bigint
         LANGUAGE plpgsql
         SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
         SET plan_cache_mode TO 'force_custom_plan'
        AS $function$
        declare
            v_agent_type text := qlmodels.speaking_for();
            v_deleted bigint;
        begin
            case p_table
            when 'q_values' then
                delete from public.q_values as expired
                 using (
                       select pair.agent_type, pair.q_value_id
                         from public.q_values as pair
                        where pair.expires_at < now()
                          and (v_agent_type is null or pair.agent_type = v_agent_type)
                        limit p_batch
                          for update skip locked
                 ) as chosen
                 where expired.agent_type = chosen.agent_type
                   and expired.q_value_id = chosen.q_value_id;
            when 'trajectories' then
                -- with their rewards, which would else be deleted one by one, and as if by a person
                with chosen as (
                    select episode.agent_type, episode.trajectory_id
                      from public.trajectories as episode
                     where episode.expires_at < now()
                       and (v_agent_type is null or episode.agent_type = v_agent_type)
                     limit p_batch
                       for update skip locked
                ), earned as (
                    delete from public.rewards as reward
                     using chosen
                     where reward.agent_type = chosen.agent_type
                       and reward.trajectory_id = chosen.trajectory_id
                )
                delete from public.trajectories as expired
                 using chosen
                 where expired.agent_type = chosen.agent_type
                   and expired.trajectory_id = chosen.trajectory_id;
            when 'patterns' then
                delete from public.patterns as expired
                 using (
                       select pattern.agent_type, pattern.pattern_id
                         from public.patterns as pattern
                        where pattern.expires_at < now()
                          and (v_agent_type is null or pattern.agent_type = v_agent_type)
                        limit p_batch
                          for update skip locked
                 ) as chosen
                 where expired.agent_type = chosen.agent_type
                   and expired.pattern_id = chosen.pattern_id;
            when 'rewards' then
                delete from public.rewards as expired
                 using (
                       select reward.agent_type, reward.reward_id
                         from public.rewards as reward
                         join public.agent_types as kind on kind.agent_type = reward.agent_type
                        where reward.observed_at < now() - make_interval(days => kind.retention_days)
                          and (v_agent_type is null or reward.agent_type = v_agent_type)
                        limit p_batch
                          for update of reward skip locked
                 ) as chosen
                 where expired.agent_type = chosen.agent_type
                   and expired.reward_id = chosen.reward_id;
            when 'sessions' then
                delete from public.sessions as expired
                 using (
                       select run.agent_type, run.session_id
                         from public.sessions as run
                         join public.agent_types as kind on kind.agent_type = run.agent_type
                        where greatest(run.start_time, run.end_time, run.updated_at)
                              < now() - make_interval(days => kind.retention_days)
                          and (v_agent_type is null or run.agent_type = v_agent_type)
                          and not exists (
                              select from public.q_values as made
                               where made.agent_type = run.agent_type and made.session_id = run.session_id
                          )
                          and not exists (
                              select from public.trajectories as made
                               where made.agent_type = run.agent_type and made.session_id = run.session_id
                          )
                          and not exists (
                              select from public.rewards as made
                               where made.agent_type = run.agent_type and made.session_id = run.session_id
                          )
                        limit p_batch
                          for update of run skip locked
                 ) as chosen
                 where expired.agent_type = chosen.agent_type
                   and expired.session_id = chosen.session_id;
            else
                raise invalid_parameter_value using
                    message = format('table %L has no retention', p_table),
                    hint = 'It is one of q_values, trajectories, patterns, rewards, sessions.';
            end case;
            get diagnostics v_deleted = row_count;
            return v_deleted;
        end $function$
    """))

    op.execute(dedent(r"""
        CREATE OR REPLACE FUNCTION qlmodels_private.keep_policy(p_agent_type text, p_reason text, p_note text DEFAULT NULL::text, p_beyond integer DEFAULT 0)
         RETURNS integer
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
         SET plan_cache_mode TO 'force_custom_plan'
         SET default_toast_compression TO 'pglz'
        AS $function$
        declare
            v_version integer;
            v_pairs bigint;
        begin
            -- where the server was built with it; until this function ends
            perform set_config('default_toast_compression', 'lz4', true)
               from pg_settings
              where name = 'default_toast_compression' and 'lz4' = any (enumvals);

            while v_pairs is null loop
                select 1 + greatest(p_beyond, coalesce(max(version.policy_version), 0)) into v_version
                  from qlmodels_private.policy_versions as version
                 where version.agent_type = p_agent_type;
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
                        agent_type, policy_version, reason, login, panel_user, note, states, pairs, visits
                    )
                    select p_agent_type, v_version, p_reason, session_user,
                           case when session_user like 'qlpanel\_%'
                                then nullif(current_setting('app.panel_user', true), '') end,
                           p_note, counted.states, counted.pairs, counted.visits
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
        end $function$
    """))

    op.execute(dedent(r"""
        CREATE TRIGGER record_change AFTER INSERT OR DELETE OR UPDATE ON public.sessions FOR EACH ROW WHEN (((SESSION_USER !~~ 'ql\_%'::text) AND (SESSION_USER !~~ 'qlfleet\_%'::text) AND (current_setting('role'::text) <> 'authenticated'::text) AND (CURRENT_USER <> 'qlmodels_definer'::name))) EXECUTE FUNCTION qlmodels.record_change('{agent_type,session_id}', '{metadata}', '{}')
    """))

    op.execute(dedent(r"""
        CREATE TRIGGER record_change AFTER INSERT OR DELETE OR UPDATE ON public.trajectories FOR EACH ROW WHEN (((SESSION_USER !~~ 'ql\_%'::text) AND (SESSION_USER !~~ 'qlfleet\_%'::text) AND (current_setting('role'::text) <> 'authenticated'::text) AND (CURRENT_USER <> 'qlmodels_definer'::name))) EXECUTE FUNCTION qlmodels.record_change('{agent_type,trajectory_id}', '{initial_state,final_state,actions_taken,states_visited,step_rewards,metadata}', '{}')
    """))

    op.execute(dedent("""
        CREATE TRIGGER record_change AFTER INSERT OR DELETE OR UPDATE OF name, role, password_hash, is_active ON qlmodels_admin.users FOR EACH ROW EXECUTE FUNCTION qlmodels.record_change('{name}', '{}', '{password_hash}')
    """))

    op.execute(dedent(r"""
        CREATE TRIGGER record_change AFTER INSERT OR DELETE OR UPDATE ON qlmodels_private.policy_versions FOR EACH ROW WHEN (((SESSION_USER !~~ 'ql\_%'::text) AND (SESSION_USER !~~ 'qlfleet\_%'::text) AND (current_setting('role'::text) <> 'authenticated'::text) AND (CURRENT_USER <> 'qlmodels_definer'::name))) EXECUTE FUNCTION qlmodels.record_change('{agent_type,policy_version}', '{}', '{}')
    """))

    op.execute(dedent("""
        create view public.agent_performance_summary with (security_invoker=true) as
         SELECT kind.agent_type,
            kind.display_name,
            COALESCE(instance.instances, (0)::bigint) AS instances,
            COALESCE(run.sessions, (0)::bigint) AS sessions,
            COALESCE(episode.trajectories, (0)::bigint) AS trajectories,
            COALESCE(episode.successes, (0)::bigint) AS successes,
            COALESCE(((episode.successes)::double precision / (NULLIF(episode.trajectories, 0))::double precision), (0)::double precision) AS success_rate,
            COALESCE(episode.total_reward, (0)::double precision) AS total_reward,
            COALESCE((episode.total_reward / (NULLIF(episode.trajectories, 0))::double precision), (0)::double precision) AS avg_reward,
            COALESCE(pair.pairs, (0)::bigint) AS pairs,
            pair.avg_q_value,
            pair.avg_confidence,
            GREATEST(instance.last_activity, episode.last_completed) AS last_activity
           FROM ((((public.agent_types kind
             LEFT JOIN ( SELECT agent_states.agent_type,
                    count(*) AS instances,
                    max(agent_states.last_activity) AS last_activity
                   FROM public.agent_states
                  GROUP BY agent_states.agent_type) instance ON (((instance.agent_type)::text = (kind.agent_type)::text)))
             LEFT JOIN ( SELECT sessions.agent_type,
                    count(*) AS sessions
                   FROM public.sessions
                  GROUP BY sessions.agent_type) run ON (((run.agent_type)::text = (kind.agent_type)::text)))
             LEFT JOIN ( SELECT trajectories.agent_type,
                    count(*) AS trajectories,
                    count(*) FILTER (WHERE trajectories.success) AS successes,
                    sum(trajectories.total_reward) AS total_reward,
                    max(trajectories.completed_at) AS last_completed
                   FROM public.trajectories
                  GROUP BY trajectories.agent_type) episode ON (((episode.agent_type)::text = (kind.agent_type)::text)))
             LEFT JOIN ( SELECT q_values.agent_type,
                    count(*) AS pairs,
                    avg((q_values.q_value)::double precision) AS avg_q_value,
                    avg((q_values.confidence_score)::double precision) AS avg_confidence
                   FROM public.q_values
                  GROUP BY q_values.agent_type) pair ON (((pair.agent_type)::text = (kind.agent_type)::text)))
    """))

    op.execute(dedent("""
        create view public.pattern_effectiveness with (security_invoker=true) as
         SELECT agent_type,
            pattern_id,
            pattern_name,
            version,
            usage_count,
            success_count,
            failure_count,
            COALESCE(((success_count)::double precision / (NULLIF(usage_count, 0))::double precision), (0)::double precision) AS success_rate,
            avg_reward,
            confidence_score,
            last_used
           FROM public.patterns
    """))

    op.execute(dedent("""
        alter function qlmodels.draw_trajectories(text,double precision[],double precision[],double precision[],double precision[]) owner to qlmodels_definer
    """))

    op.execute(dedent("""
        revoke all on function qlmodels.draw_trajectories(text,double precision[],double precision[],double precision[],double precision[])
            from public
    """))

    op.execute(dedent("""
        grant execute on function qlmodels.draw_trajectories(text,double precision[],double precision[],double precision[],double precision[])
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.speaks_for_all() from public")

    op.execute("revoke delete on table qlmodels_admin.users from qlmodels_panel")

    op.execute(dedent("""
        revoke all on table public.agent_performance_summary
            from anon, authenticated, service_role
    """))

    op.execute(dedent("""
        grant select on table public.agent_performance_summary
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role, analytics_role
    """))

    op.execute(dedent("""
        revoke all on table public.pattern_effectiveness
            from anon, authenticated, service_role
    """))

    op.execute(dedent("""
        grant select on table public.pattern_effectiveness
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role, analytics_role
    """))

    op.execute(dedent("""
        revoke insert (agent_type, state_id, agent_instance_id, total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, patterns_learned, q_values_stored, lookups, lookup_hits, status, last_activity, initialized_at, updated_at, metadata), update (agent_type, state_id, agent_instance_id, total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, patterns_learned, q_values_stored, lookups, lookup_hits, status, last_activity, initialized_at, updated_at, metadata) on table public.agent_states
            from qlmodels_agent
    """))

    op.execute(dedent("""
        revoke insert (agent_type, state_id, agent_instance_id, total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, patterns_learned, q_values_stored, lookups, lookup_hits, status, last_activity, initialized_at, updated_at, metadata), update (agent_type, state_id, agent_instance_id, total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, patterns_learned, q_values_stored, lookups, lookup_hits, status, last_activity, initialized_at, updated_at, metadata) on table public.agent_states
            from qlmodels_fleet
    """))

    op.execute(dedent("""
        revoke insert (agent_type, state_id, agent_instance_id, total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, patterns_learned, q_values_stored, lookups, lookup_hits, status, last_activity, initialized_at, updated_at, metadata), update (agent_type, state_id, agent_instance_id, total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, patterns_learned, q_values_stored, lookups, lookup_hits, status, last_activity, initialized_at, updated_at, metadata) on table public.agent_states
            from authenticated
    """))

    op.execute(dedent("""
        revoke select (agent_type, last_activity) on table public.agent_states
            from analytics_role
    """))

    op.execute(dedent("""
        grant insert (agent_type, state_id, agent_instance_id, total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, patterns_learned, q_values_stored, lookups, lookup_hits, status, last_activity, initialized_at, metadata), update (total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, patterns_learned, q_values_stored, lookups, lookup_hits, status, last_activity, metadata) on table public.agent_states
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute(dedent("""
        grant select (agent_type, last_activity) on table public.agent_states
            to analytics_role
    """))

    op.execute(dedent("""
        revoke insert (agent_type, pattern_id, pattern_name, pattern_type, pattern_category, pattern_data, trigger_conditions, expected_outcome, usage_count, success_count, failure_count, avg_reward, confidence_score, first_seen, last_used, expires_at, version, parent_pattern_id, metadata), update (agent_type, pattern_id, pattern_name, pattern_type, pattern_category, pattern_data, trigger_conditions, expected_outcome, usage_count, success_count, failure_count, avg_reward, confidence_score, first_seen, last_used, expires_at, version, parent_pattern_id, metadata) on table public.patterns
            from qlmodels_agent
    """))

    op.execute(dedent("""
        revoke insert (agent_type, pattern_id, pattern_name, pattern_type, pattern_category, pattern_data, trigger_conditions, expected_outcome, usage_count, success_count, failure_count, avg_reward, confidence_score, first_seen, last_used, expires_at, version, parent_pattern_id, metadata), update (agent_type, pattern_id, pattern_name, pattern_type, pattern_category, pattern_data, trigger_conditions, expected_outcome, usage_count, success_count, failure_count, avg_reward, confidence_score, first_seen, last_used, expires_at, version, parent_pattern_id, metadata) on table public.patterns
            from qlmodels_fleet
    """))

    op.execute(dedent("""
        revoke insert (agent_type, pattern_id, pattern_name, pattern_type, pattern_category, pattern_data, trigger_conditions, expected_outcome, usage_count, success_count, failure_count, avg_reward, confidence_score, first_seen, last_used, expires_at, version, parent_pattern_id, metadata), update (agent_type, pattern_id, pattern_name, pattern_type, pattern_category, pattern_data, trigger_conditions, expected_outcome, usage_count, success_count, failure_count, avg_reward, confidence_score, first_seen, last_used, expires_at, version, parent_pattern_id, metadata) on table public.patterns
            from authenticated
    """))

    op.execute(dedent("""
        revoke select (agent_type, pattern_id, pattern_name, pattern_type, usage_count, success_count, failure_count, avg_reward, confidence_score, last_used, version) on table public.patterns
            from analytics_role
    """))

    op.execute("revoke update (metadata) on table public.patterns from qlmodels_definer")

    op.execute(dedent("""
        grant insert (agent_type, pattern_id, pattern_name, pattern_type, pattern_category, pattern_data, trigger_conditions, expected_outcome, usage_count, success_count, failure_count, avg_reward, confidence_score, first_seen, last_used, expires_at, version, parent_pattern_id, metadata), update (pattern_type, pattern_category, pattern_data, trigger_conditions, expected_outcome, usage_count, success_count, failure_count, avg_reward, confidence_score, last_used, expires_at, metadata) on table public.patterns
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute(dedent("""
        grant select (agent_type, pattern_id, pattern_name, usage_count, success_count, failure_count, avg_reward, confidence_score, last_used, version) on table public.patterns
            to analytics_role
    """))

    op.execute("grant update (metadata) on table public.patterns to qlmodels_definer")

    op.execute(dedent("""
        revoke insert (agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count, confidence_score, uncertainty, td_error, last_updated, created_at, expires_at, metadata), update (agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count, confidence_score, uncertainty, td_error, last_updated, created_at, expires_at, metadata) on table public.q_values
            from qlmodels_agent
    """))

    op.execute(dedent("""
        revoke insert (agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count, confidence_score, uncertainty, td_error, last_updated, created_at, expires_at, metadata), update (agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count, confidence_score, uncertainty, td_error, last_updated, created_at, expires_at, metadata) on table public.q_values
            from qlmodels_fleet
    """))

    op.execute(dedent("""
        revoke insert (agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count, confidence_score, uncertainty, td_error, last_updated, created_at, expires_at, metadata), update (agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count, confidence_score, uncertainty, td_error, last_updated, created_at, expires_at, metadata) on table public.q_values
            from authenticated
    """))

    op.execute(dedent("""
        revoke select (agent_type, q_value, visit_count, confidence_score) on table public.q_values
            from analytics_role
    """))

    op.execute("revoke update (metadata) on table public.q_values from qlmodels_definer")

    op.execute(dedent("""
        grant insert (agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count, confidence_score, uncertainty, td_error, last_updated, expires_at, metadata), update (q_value, visit_count, confidence_score, uncertainty, td_error, last_updated, expires_at, metadata) on table public.q_values
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute(dedent("""
        grant select (agent_type, q_value, confidence_score) on table public.q_values
            to analytics_role
    """))

    op.execute("grant update (metadata) on table public.q_values to qlmodels_definer")

    op.execute(dedent("""
        revoke insert (agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, step, reward_type, reward_source, observed_at, metadata), update (agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, step, reward_type, reward_source, observed_at, metadata) on table public.rewards
            from qlmodels_agent
    """))

    op.execute(dedent("""
        revoke insert (agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, step, reward_type, reward_source, observed_at, metadata), update (agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, step, reward_type, reward_source, observed_at, metadata) on table public.rewards
            from qlmodels_fleet
    """))

    op.execute(dedent("""
        revoke insert (agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, step, reward_type, reward_source, observed_at, metadata), update (agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, step, reward_type, reward_source, observed_at, metadata) on table public.rewards
            from authenticated
    """))

    op.execute("revoke update (metadata) on table public.rewards from qlmodels_definer")

    op.execute(dedent("""
        grant insert (agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, step, reward_type, reward_source, observed_at, metadata) on table public.rewards
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute("grant update (metadata) on table public.rewards to qlmodels_definer")

    op.execute(dedent("""
        revoke insert (agent_type, session_id, session_name, start_time, end_time, status, task_count, total_reward, environment, agent_instance_id, metadata, created_at, updated_at), update (agent_type, session_id, session_name, start_time, end_time, status, task_count, total_reward, environment, agent_instance_id, metadata, created_at, updated_at) on table public.sessions
            from qlmodels_agent
    """))

    op.execute(dedent("""
        revoke insert (agent_type, session_id, session_name, start_time, end_time, status, task_count, total_reward, environment, agent_instance_id, metadata, created_at, updated_at), update (agent_type, session_id, session_name, start_time, end_time, status, task_count, total_reward, environment, agent_instance_id, metadata, created_at, updated_at) on table public.sessions
            from qlmodels_fleet
    """))

    op.execute(dedent("""
        revoke insert (agent_type, session_id, session_name, start_time, end_time, status, task_count, total_reward, environment, agent_instance_id, metadata, created_at, updated_at), update (agent_type, session_id, session_name, start_time, end_time, status, task_count, total_reward, environment, agent_instance_id, metadata, created_at, updated_at) on table public.sessions
            from authenticated
    """))

    op.execute("revoke select (agent_type) on table public.sessions from analytics_role")

    op.execute("revoke update (metadata) on table public.sessions from qlmodels_definer")

    op.execute(dedent("""
        grant insert (agent_type, session_id, session_name, start_time, end_time, status, task_count, total_reward, environment, agent_instance_id, metadata), update (session_name, end_time, status, task_count, total_reward, metadata) on table public.sessions
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute("grant select (agent_type) on table public.sessions to analytics_role")

    op.execute("grant update (metadata) on table public.sessions to qlmodels_definer")

    op.execute(dedent("""
        revoke insert (agent_type, trajectory_id, session_id, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, terminated, truncated, is_evaluation, seed, exploration_rate, policy_version, priority, replay_count, error_message, started_at, completed_at, expires_at, metadata), update (agent_type, trajectory_id, session_id, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, terminated, truncated, is_evaluation, seed, exploration_rate, policy_version, priority, replay_count, error_message, started_at, completed_at, expires_at, metadata) on table public.trajectories
            from qlmodels_agent
    """))

    op.execute(dedent("""
        revoke insert (agent_type, trajectory_id, session_id, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, terminated, truncated, is_evaluation, seed, exploration_rate, policy_version, priority, replay_count, error_message, started_at, completed_at, expires_at, metadata), update (agent_type, trajectory_id, session_id, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, terminated, truncated, is_evaluation, seed, exploration_rate, policy_version, priority, replay_count, error_message, started_at, completed_at, expires_at, metadata) on table public.trajectories
            from qlmodels_fleet
    """))

    op.execute(dedent("""
        revoke insert (agent_type, trajectory_id, session_id, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, terminated, truncated, is_evaluation, seed, exploration_rate, policy_version, priority, replay_count, error_message, started_at, completed_at, expires_at, metadata), update (agent_type, trajectory_id, session_id, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, terminated, truncated, is_evaluation, seed, exploration_rate, policy_version, priority, replay_count, error_message, started_at, completed_at, expires_at, metadata) on table public.trajectories
            from authenticated
    """))

    op.execute("revoke update (metadata) on table public.trajectories from qlmodels_definer")

    op.execute(dedent("""
        grant insert (agent_type, trajectory_id, session_id, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, terminated, truncated, is_evaluation, seed, exploration_rate, policy_version, priority, replay_count, error_message, started_at, completed_at, expires_at, metadata), update (priority, replay_count, expires_at, metadata) on table public.trajectories
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute("grant update (metadata) on table public.trajectories to qlmodels_definer")

    op.execute(dedent("""
        comment on column public.agent_types.action_space_dimensions is 'Number of actions to choose from'
    """))

    op.execute(dedent("""
        comment on column public.agent_types.retention_days is 'Days after which what is no longer learned from expires'
    """))
