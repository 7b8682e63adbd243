"""initial schema

Revision: 0001
Revises: 
Created: 2026-11-26 04:16:40.768766
"""

from textwrap import dedent

from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    # +1 comment, +2 extensions, +35 functions, +1 membership, +8 roles, +3 schemas, +19 tables, +3 types, +2 views, ~3 grants

    op.execute("set local check_function_bodies = off")

    op.execute(dedent("""
        do $$ begin
            if not exists (select from pg_catalog.pg_roles where rolname = 'analytics_role') then
                create role analytics_role nologin inherit;
            end if;
        end $$
    """))

    op.execute(dedent("""
        do $$ begin
            if not exists (select from pg_catalog.pg_roles where rolname = 'anon') then
                create role anon nologin inherit;
            end if;
        end $$
    """))

    op.execute(dedent("""
        do $$ begin
            if not exists (select from pg_catalog.pg_roles where rolname = 'authenticated') then
                create role authenticated nologin inherit;
            end if;
        end $$
    """))

    op.execute(dedent("""
        do $$ begin
            if not exists (select from pg_catalog.pg_roles where rolname = 'qlmodels_agent') then
                create role qlmodels_agent nologin inherit;
            end if;
        end $$
    """))

    op.execute(dedent("""
        do $$ begin
            if not exists (select from pg_catalog.pg_roles where rolname = 'qlmodels_definer') then
                create role qlmodels_definer nologin inherit;
            end if;
        end $$
    """))

    op.execute(dedent("""
        do $$ begin
            if not exists (select from pg_catalog.pg_roles where rolname = 'qlmodels_fleet') then
                create role qlmodels_fleet nologin inherit;
            end if;
        end $$
    """))

    op.execute(dedent("""
        do $$ begin
            if not exists (select from pg_catalog.pg_roles where rolname = 'qlmodels_panel') then
                create role qlmodels_panel nologin inherit;
            end if;
        end $$
    """))

    op.execute(dedent("""
        do $$ begin
            if not exists (select from pg_catalog.pg_roles where rolname = 'service_role') then
                create role service_role nologin inherit;
            end if;
        end $$
    """))

    op.execute(dedent("""
        do $$ begin
            if not pg_catalog.pg_has_role(current_user, 'qlmodels_definer', 'usage') then
                grant qlmodels_definer to current_user;
            end if;
        end $$
    """))

    op.execute(dedent("""
        do $$ begin
            execute pg_catalog.format(
                'revoke temporary on database %I from public', pg_catalog.current_database());
        end $$
    """))

    op.execute("create schema if not exists extensions")

    op.execute(dedent("""
        grant usage on schema public
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role, analytics_role, qlmodels_definer
    """))

    op.execute("create schema if not exists qlmodels")

    op.execute(dedent("""
        grant usage on schema qlmodels
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("grant all on schema qlmodels to qlmodels_definer")

    op.execute(dedent("""
        comment on schema qlmodels is 'Who a transaction speaks for; never exposed by an API.'
    """))

    op.execute("create schema if not exists qlmodels_admin")

    op.execute("grant usage on schema qlmodels_admin to qlmodels_panel, qlmodels_definer")

    op.execute("comment on schema qlmodels_admin is 'Users, sessions and actions of the panel.'")

    op.execute("grant usage on schema qlmodels_private to qlmodels_definer, qlmodels_panel")

    op.execute(dedent("""
        comment on schema qlmodels_private is 'Grants of orchestrators, the audit log, kept Q-tables, the schema''s revision; no agent may enter.'
    """))

    op.execute("create extension if not exists btree_gin with schema extensions")

    op.execute("create extension if not exists pg_trgm with schema extensions")

    op.execute(dedent("""
        -- squawk-ignore ban-create-domain-with-constraint
        create domain qlmodels.count as integer constraint count_check CHECK ((VALUE >= 0))
    """))

    op.execute(dedent("""
        -- squawk-ignore ban-create-domain-with-constraint
        create domain qlmodels.finite as double precision constraint finite_check CHECK (((VALUE > '-Infinity'::double precision) AND (VALUE < 'Infinity'::double precision)))
    """))

    op.execute(dedent("""
        -- squawk-ignore ban-create-domain-with-constraint
        create domain qlmodels.rate as double precision constraint rate_check CHECK (((VALUE >= (0)::double precision) AND (VALUE <= (1)::double precision)))
    """))

    op.execute(dedent("""
        create table public.agent_types (
            agent_type character varying(50) not null,
            display_name character varying(100) not null,
            description text,
            state_space_dimensions integer default 10 not null,
            action_space_dimensions integer default 5 not null,
            learning_rate double precision default 0.1 not null,
            discount_factor double precision default 0.95 not null,
            exploration_rate double precision default 0.2 not null,
            min_exploration_rate double precision default 0.01 not null,
            exploration_decay double precision default 0.995 not null,
            initial_q_value double precision default 0 not null,
            learning_rate_decay double precision default 0 not null,
            min_learning_rate double precision default 0 not null,
            environment character varying(50),
            retention_days integer default 30 not null,
            is_active boolean default true not null,
            metadata jsonb default '{}'::jsonb,
            created_at timestamp with time zone default now() not null,
            updated_at timestamp with time zone default now() not null,
            constraint agent_types_pkey PRIMARY KEY (agent_type),
            constraint ck_agent_types_action_space_dimensions CHECK ((action_space_dimensions >= 1)),
            constraint ck_agent_types_agent_type CHECK (((agent_type)::text ~ '^[a-z][a-z0-9-]{0,49}$'::text)),
            constraint ck_agent_types_discount_factor CHECK (((discount_factor >= (0)::double precision) AND (discount_factor <= (1)::double precision))),
            constraint ck_agent_types_exploration_decay CHECK (((exploration_decay >= (0)::double precision) AND (exploration_decay <= (1)::double precision))),
            constraint ck_agent_types_exploration_rate CHECK (((exploration_rate >= (0)::double precision) AND (exploration_rate <= (1)::double precision))),
            constraint ck_agent_types_initial_q_value CHECK (((initial_q_value > '-Infinity'::double precision) AND (initial_q_value < 'Infinity'::double precision))),
            constraint ck_agent_types_learning_rate CHECK (((learning_rate >= (0)::double precision) AND (learning_rate <= (1)::double precision))),
            constraint ck_agent_types_learning_rate_decay CHECK (((learning_rate_decay >= (0)::double precision) AND (learning_rate_decay < 'Infinity'::double precision))),
            constraint ck_agent_types_min_exploration_rate CHECK (((min_exploration_rate >= (0)::double precision) AND (min_exploration_rate <= (1)::double precision))),
            constraint ck_agent_types_min_learning_rate CHECK (((min_learning_rate >= (0)::double precision) AND (min_learning_rate <= (1)::double precision))),
            constraint ck_agent_types_retention_days CHECK ((retention_days >= 1)),
            constraint ck_agent_types_state_space_dimensions CHECK ((state_space_dimensions >= 1))
        )
    """))

    op.execute(dedent("""
        create table public.agent_states (
            agent_type character varying(50) not null,
            state_id uuid default gen_random_uuid() not null,
            agent_instance_id character varying(100) not null,
            total_tasks integer default 0 not null,
            successful_tasks integer default 0 not null,
            failed_tasks integer default 0 not null,
            total_reward double precision default 0 not null,
            avg_reward double precision default 0 not null,
            current_exploration_rate double precision not null,
            current_learning_rate double precision not null,
            success_rate double precision generated always as (
        CASE
            WHEN (total_tasks > 0) THEN ((successful_tasks)::double precision / (total_tasks)::double precision)
            ELSE (0)::double precision
        END) stored,
            patterns_learned integer default 0 not null,
            q_values_stored integer default 0 not null,
            lookups bigint default 0 not null,
            lookup_hits bigint default 0 not null,
            status character varying(20) default 'idle'::character varying not null,
            last_activity timestamp with time zone default now() not null,
            initialized_at timestamp with time zone default now() not null,
            updated_at timestamp with time zone default now() not null,
            metadata jsonb default '{}'::jsonb,
            constraint agent_states_pkey PRIMARY KEY (agent_type, state_id),
            constraint uq_agent_states_instance UNIQUE (agent_type, agent_instance_id),
            constraint fk_agent_states_agent_type FOREIGN KEY (agent_type) REFERENCES public.agent_types(agent_type) ON DELETE RESTRICT,
            constraint ck_agent_states_avg_reward CHECK (((avg_reward > '-Infinity'::double precision) AND (avg_reward < 'Infinity'::double precision))),
            constraint ck_agent_states_current_exploration_rate CHECK (((current_exploration_rate >= (0)::double precision) AND (current_exploration_rate <= (1)::double precision))),
            constraint ck_agent_states_current_learning_rate CHECK (((current_learning_rate >= (0)::double precision) AND (current_learning_rate <= (1)::double precision))),
            constraint ck_agent_states_failed_tasks CHECK ((failed_tasks >= 0)),
            constraint ck_agent_states_lookup_hits CHECK ((lookup_hits >= 0)),
            constraint ck_agent_states_lookups CHECK ((lookups >= 0)),
            constraint ck_agent_states_patterns_learned CHECK ((patterns_learned >= 0)),
            constraint ck_agent_states_q_values_stored CHECK ((q_values_stored >= 0)),
            constraint ck_agent_states_status CHECK (((status)::text = ANY (ARRAY['idle'::character varying, 'active'::character varying, 'learning'::character varying, 'paused'::character varying, 'error'::character varying]))),
            constraint ck_agent_states_successful_tasks CHECK ((successful_tasks >= 0)),
            constraint ck_agent_states_total_reward CHECK (((total_reward > '-Infinity'::double precision) AND (total_reward < 'Infinity'::double precision))),
            constraint ck_agent_states_total_tasks CHECK ((total_tasks >= 0))
        )
    """))

    op.execute(dedent("""
        create table public.patterns (
            agent_type character varying(50) not null,
            pattern_id uuid default gen_random_uuid() not null,
            pattern_name character varying(200) not null,
            pattern_type character varying(50) not null,
            pattern_category character varying(50),
            pattern_data jsonb not null,
            trigger_conditions jsonb,
            expected_outcome jsonb,
            usage_count integer default 0 not null,
            success_count integer default 0 not null,
            failure_count integer default 0 not null,
            avg_reward double precision default 0 not null,
            confidence_score double precision default 0.5 not null,
            first_seen timestamp with time zone default now() not null,
            last_used timestamp with time zone,
            expires_at timestamp with time zone,
            version integer default 1 not null,
            parent_pattern_id uuid,
            metadata jsonb default '{}'::jsonb,
            constraint patterns_pkey PRIMARY KEY (agent_type, pattern_id),
            constraint uq_patterns_version UNIQUE (agent_type, pattern_name, version),
            constraint fk_patterns_agent_type FOREIGN KEY (agent_type) REFERENCES public.agent_types(agent_type) ON DELETE RESTRICT,
            constraint fk_patterns_parent_pattern_id FOREIGN KEY (agent_type, parent_pattern_id) REFERENCES public.patterns(agent_type, pattern_id) ON DELETE SET NULL (parent_pattern_id),
            constraint ck_patterns_avg_reward CHECK (((avg_reward > '-Infinity'::double precision) AND (avg_reward < 'Infinity'::double precision))),
            constraint ck_patterns_confidence_score CHECK (((confidence_score >= (0)::double precision) AND (confidence_score <= (1)::double precision))),
            constraint ck_patterns_failure_count CHECK ((failure_count >= 0)),
            constraint ck_patterns_success_count CHECK ((success_count >= 0)),
            constraint ck_patterns_usage_count CHECK ((usage_count >= 0)),
            constraint ck_patterns_version CHECK ((version >= 1))
        )
    """))

    op.execute(dedent("""
        create table public.sessions (
            agent_type character varying(50) not null,
            session_id uuid default gen_random_uuid() not null,
            session_name character varying(200),
            start_time timestamp with time zone default now() not null,
            end_time timestamp with time zone,
            status character varying(20) default 'active'::character varying not null,
            task_count integer default 0 not null,
            total_reward double precision default 0 not null,
            environment character varying(50) default 'development'::character varying not null,
            agent_instance_id character varying(100),
            metadata jsonb default '{}'::jsonb,
            created_at timestamp with time zone default now() not null,
            updated_at timestamp with time zone default now() not null,
            constraint sessions_pkey PRIMARY KEY (agent_type, session_id),
            constraint fk_sessions_agent_type FOREIGN KEY (agent_type) REFERENCES public.agent_types(agent_type) ON DELETE RESTRICT,
            constraint ck_sessions_status CHECK (((status)::text = ANY (ARRAY['active'::character varying, 'completed'::character varying, 'failed'::character varying, 'cancelled'::character varying]))),
            constraint ck_sessions_task_count CHECK ((task_count >= 0)),
            constraint ck_sessions_total_reward CHECK (((total_reward > '-Infinity'::double precision) AND (total_reward < 'Infinity'::double precision)))
        )
    """))

    op.execute(dedent("""
        create table public.q_values (
            agent_type character varying(50) not null,
            q_value_id bigint generated always as identity not null,
            session_id uuid,
            state_hash character varying(64) collate "C" not null,
            state_data jsonb not null,
            action_hash character varying(64) collate "C" not null,
            action_data jsonb not null,
            q_value qlmodels.finite default 0 not null,
            visit_count qlmodels.count default 1 not null,
            confidence_score qlmodels.rate default 0.5 not null,
            uncertainty qlmodels.rate default 0.5 not null,
            td_error qlmodels.finite,
            last_updated timestamp with time zone default now() not null,
            created_at timestamp with time zone default now() not null,
            expires_at timestamp with time zone,
            metadata jsonb default '{}'::jsonb,
            constraint q_values_pkey PRIMARY KEY (agent_type, q_value_id),
            constraint uq_q_values_pair UNIQUE (agent_type, state_hash, action_hash),
            constraint fk_q_values_agent_type FOREIGN KEY (agent_type) REFERENCES public.agent_types(agent_type) ON DELETE RESTRICT,
            constraint fk_q_values_session_id FOREIGN KEY (agent_type, session_id) REFERENCES public.sessions(agent_type, session_id) ON DELETE SET NULL (session_id)
        ) with (fillfactor=85)
    """))

    op.execute(dedent("""
        revoke all on sequence public.q_values_q_value_id_seq
            from anon, authenticated, service_role
    """))

    op.execute(dedent("""
        create table public.trajectories (
            agent_type character varying(50) not null,
            trajectory_id uuid default gen_random_uuid() not null,
            session_id uuid,
            task_id character varying(100) not null,
            initial_state jsonb not null,
            final_state jsonb not null,
            actions_taken jsonb not null,
            states_visited jsonb not null,
            step_rewards jsonb not null,
            total_reward double precision not null,
            discounted_reward double precision not null,
            execution_time_ms integer not null,
            success boolean not null,
            terminated boolean default false not null,
            truncated boolean default false not null,
            is_evaluation boolean default false not null,
            seed bigint,
            exploration_rate double precision,
            policy_version integer default 0 not null,
            priority double precision default 1 not null,
            replay_count integer default 0 not null,
            sample_key double precision default random() not null,
            error_message text,
            started_at timestamp with time zone not null,
            completed_at timestamp with time zone default now() not null,
            expires_at timestamp with time zone,
            metadata jsonb default '{}'::jsonb,
            constraint trajectories_pkey PRIMARY KEY (agent_type, trajectory_id),
            constraint fk_trajectories_agent_type FOREIGN KEY (agent_type) REFERENCES public.agent_types(agent_type) ON DELETE RESTRICT,
            constraint fk_trajectories_session_id FOREIGN KEY (agent_type, session_id) REFERENCES public.sessions(agent_type, session_id) ON DELETE CASCADE,
            constraint ck_trajectories_discounted_reward CHECK (((discounted_reward > '-Infinity'::double precision) AND (discounted_reward < 'Infinity'::double precision))),
            constraint ck_trajectories_execution_time_ms CHECK ((execution_time_ms >= 0)),
            constraint ck_trajectories_exploration_rate CHECK (((exploration_rate >= (0)::double precision) AND (exploration_rate <= (1)::double precision))),
            constraint ck_trajectories_policy_version CHECK ((policy_version >= 0)),
            constraint ck_trajectories_priority CHECK (((priority > (0)::double precision) AND (priority < 'Infinity'::double precision))),
            constraint ck_trajectories_replay_count CHECK ((replay_count >= 0)),
            constraint ck_trajectories_sample_key CHECK (((sample_key >= (0)::double precision) AND (sample_key < (1)::double precision))),
            constraint ck_trajectories_steps CHECK (
        CASE
            WHEN ((jsonb_typeof(actions_taken) = 'array'::text) AND (jsonb_typeof(step_rewards) = 'array'::text) AND (jsonb_typeof(states_visited) = 'array'::text)) THEN ((jsonb_array_length(step_rewards) = jsonb_array_length(actions_taken)) AND ((jsonb_array_length(states_visited) - jsonb_array_length(actions_taken)) = ANY (ARRAY[0, 1])))
            ELSE false
        END),
            constraint ck_trajectories_total_reward CHECK (((total_reward > '-Infinity'::double precision) AND (total_reward < 'Infinity'::double precision)))
        )
    """))

    op.execute(dedent("""
        create table public.rewards (
            agent_type character varying(50) not null,
            reward_id bigint generated always as identity not null,
            session_id uuid,
            trajectory_id uuid,
            state_hash character varying(64) collate "C" not null,
            action_hash character varying(64) collate "C" not null,
            reward_value double precision not null,
            step integer,
            reward_type character varying(50) default 'immediate'::character varying not null,
            reward_source character varying(100),
            observed_at timestamp with time zone default now() not null,
            metadata jsonb default '{}'::jsonb,
            constraint rewards_pkey PRIMARY KEY (agent_type, reward_id),
            constraint fk_rewards_agent_type FOREIGN KEY (agent_type) REFERENCES public.agent_types(agent_type) ON DELETE RESTRICT,
            constraint fk_rewards_session_id FOREIGN KEY (agent_type, session_id) REFERENCES public.sessions(agent_type, session_id) ON DELETE CASCADE,
            constraint fk_rewards_trajectory_id FOREIGN KEY (agent_type, trajectory_id) REFERENCES public.trajectories(agent_type, trajectory_id) ON DELETE CASCADE,
            constraint ck_rewards_reward_type CHECK (((reward_type)::text = ANY (ARRAY['immediate'::character varying, 'delayed'::character varying, 'terminal'::character varying, 'shaping'::character varying]))),
            constraint ck_rewards_reward_value CHECK (((reward_value > '-Infinity'::double precision) AND (reward_value < 'Infinity'::double precision))),
            constraint ck_rewards_step CHECK ((step >= 0))
        )
    """))

    op.execute(dedent("""
        revoke all on sequence public.rewards_reward_id_seq
            from anon, authenticated, service_role
    """))

    op.execute(dedent("""
        create table qlmodels_admin.users (
            name character varying(100) not null,
            role character varying(10) not null,
            password_hash text,
            is_active boolean default true not null,
            created_at timestamp with time zone default now() not null,
            signed_in_at timestamp with time zone,
            constraint users_pkey PRIMARY KEY (name),
            constraint ck_users_role CHECK (((role)::text = ANY (ARRAY['viewer'::character varying, 'editor'::character varying, 'admin'::character varying])))
        )
    """))

    op.execute(dedent("""
        create table qlmodels_admin.action_runs (
            run_id uuid default gen_random_uuid() not null,
            user_name character varying(100) not null,
            table_name text not null,
            action text not null,
            filter text not null,
            input jsonb not null,
            total bigint not null,
            done bigint default 0 not null,
            place text,
            status character varying(10) default 'asked'::character varying not null,
            message text,
            created_at timestamp with time zone default now() not null,
            changed_at timestamp with time zone default now() not null,
            constraint action_runs_pkey PRIMARY KEY (run_id),
            constraint fk_action_runs_user FOREIGN KEY (user_name) REFERENCES qlmodels_admin.users(name) ON DELETE CASCADE,
            constraint ck_action_runs_status CHECK (((status)::text = ANY (ARRAY['asked'::character varying, 'running'::character varying, 'finished'::character varying, 'cancelled'::character varying, 'failed'::character varying])))
        )
    """))

    op.execute(dedent("""
        create table qlmodels_admin.sessions (
            token_hash bytea not null,
            user_name character varying(100) not null,
            created_at timestamp with time zone default now() not null,
            expires_at timestamp with time zone not null,
            constraint sessions_pkey PRIMARY KEY (token_hash),
            constraint fk_sessions_user FOREIGN KEY (user_name) REFERENCES qlmodels_admin.users(name) ON DELETE CASCADE
        )
    """))

    op.execute(dedent("""
        create table qlmodels_admin.sign_in_links (
            token_hash bytea not null,
            user_name character varying(100) not null,
            expires_at timestamp with time zone not null,
            constraint sign_in_links_pkey PRIMARY KEY (token_hash),
            constraint fk_sign_in_links_user FOREIGN KEY (user_name) REFERENCES qlmodels_admin.users(name) ON DELETE CASCADE
        )
    """))

    op.execute(dedent("""
        create table qlmodels_admin.size_samples (
            table_name text not null,
            sampled_at timestamp with time zone not null,
            heap bigint not null,
            indexes bigint not null,
            rows bigint,
            constraint size_samples_pkey PRIMARY KEY (table_name, sampled_at)
        )
    """))

    op.execute(dedent("""
        create table qlmodels_admin.watchers (
            channel text not null,
            expires_at timestamp with time zone not null,
            constraint watchers_pkey PRIMARY KEY (channel)
        )
    """))

    op.execute(dedent("""
        create table qlmodels_private.adopt_rejects (
            table_name text not null,
            row_key text not null,
            reason text not null,
            original jsonb not null,
            correction jsonb,
            adopted_at timestamp with time zone default now() not null,
            constraint adopt_rejects_pkey PRIMARY KEY (table_name, row_key)
        )
    """))

    op.execute(dedent("""
        create table qlmodels_private.audit_log (
            entry_id bigint generated always as identity not null,
            changed_at timestamp with time zone not null,
            transaction_id bigint not null,
            login text not null,
            panel_user text,
            note text,
            table_name text not null,
            row_key jsonb,
            operation character varying(10) not null,
            old_values jsonb,
            new_values jsonb,
            constraint audit_log_pkey PRIMARY KEY (entry_id),
            constraint ck_audit_log_operation CHECK (((operation)::text = ANY (ARRAY['insert'::character varying, 'update'::character varying, 'delete'::character varying, 'truncate'::character varying, 'prune'::character varying])))
        )
    """))

    op.execute(dedent("""
        create table qlmodels_private.declared_facts (
            revision text not null,
            facts jsonb not null,
            stored_at timestamp with time zone default now() not null,
            constraint declared_facts_pkey PRIMARY KEY (revision)
        )
    """))

    op.execute(dedent("""
        create table qlmodels_private.fleet_grants (
            login text not null,
            agent_type character varying(50) not null,
            granted_at timestamp with time zone default now() not null,
            constraint fleet_grants_pkey PRIMARY KEY (login, agent_type),
            constraint fk_fleet_grants_agent_type FOREIGN KEY (agent_type) REFERENCES public.agent_types(agent_type) ON DELETE CASCADE
        )
    """))

    op.execute(dedent("""
        create table qlmodels_private.policy_versions (
            agent_type character varying(50) not null,
            policy_version integer not null,
            kept_at timestamp with time zone default now() not null,
            reason character varying(10) not null,
            login text not null,
            panel_user text,
            note text,
            states bigint not null,
            pairs bigint not null,
            visits bigint not null,
            constraint policy_versions_pkey PRIMARY KEY (agent_type, policy_version),
            constraint fk_policy_versions_agent_type FOREIGN KEY (agent_type) REFERENCES public.agent_types(agent_type) ON DELETE CASCADE,
            constraint ck_policy_versions_reason CHECK (((reason)::text = ANY (ARRAY['hand'::character varying, 'session'::character varying, 'merge'::character varying, 'import'::character varying, 'restore'::character varying])))
        )
    """))

    op.execute(dedent("""
        create table qlmodels_private.policy_parts (
            agent_type character varying(50) not null,
            policy_version integer not null,
            part integer not null,
            q_value_ids bigint[] not null,
            session_ids uuid[] not null,
            state_hashes text[] not null,
            states jsonb[] not null,
            action_hashes text[] not null,
            actions jsonb[] not null,
            q_values double precision[] not null,
            visit_counts integer[] not null,
            confidence_scores double precision[] not null,
            uncertainties double precision[] not null,
            td_errors double precision[] not null,
            last_updated timestamp with time zone[] not null,
            created_at timestamp with time zone[] not null,
            metadata jsonb[] not null,
            constraint policy_parts_pkey PRIMARY KEY (agent_type, policy_version, part),
            constraint fk_policy_parts_version FOREIGN KEY (agent_type, policy_version) REFERENCES qlmodels_private.policy_versions(agent_type, policy_version) ON DELETE CASCADE
        )
    """))

    op.execute(dedent("""
        CREATE INDEX ix_agent_states_updated_at ON public.agent_states USING btree (agent_type, updated_at)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_patterns_parent_pattern_id ON public.patterns USING btree (agent_type, parent_pattern_id)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_patterns_pattern_data ON public.patterns USING gin (agent_type, pattern_data jsonb_path_ops) WITH (fastupdate=off)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_patterns_trigger_conditions ON public.patterns USING gin (agent_type, trigger_conditions jsonb_path_ops) WITH (fastupdate=off)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_q_values_action_data ON public.q_values USING gin (agent_type, action_data jsonb_path_ops) WITH (fastupdate=off)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_q_values_session_id ON public.q_values USING btree (agent_type, session_id)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_q_values_state_data ON public.q_values USING gin (agent_type, state_data jsonb_path_ops) WITH (fastupdate=off)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_rewards_session_id ON public.rewards USING btree (agent_type, session_id)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_rewards_trajectory_id ON public.rewards USING btree (agent_type, trajectory_id)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_sessions_agent_instance_id_start_time ON public.sessions USING btree (agent_type, agent_instance_id, start_time)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_sessions_start_time ON public.sessions USING btree (agent_type, start_time)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_trajectories_completed_at ON public.trajectories USING btree (agent_type, completed_at) INCLUDE (session_id, total_reward, success, is_evaluation, exploration_rate, seed)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_trajectories_evaluation ON public.trajectories USING btree (agent_type, completed_at) INCLUDE (session_id, total_reward, success, is_evaluation, exploration_rate, seed) WHERE is_evaluation
    """))

    op.execute(dedent("""
        CREATE INDEX ix_trajectories_priority ON public.trajectories USING btree (agent_type, ceil((ln(priority) / ln((2)::double precision))), sample_key)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_trajectories_sample_key ON public.trajectories USING btree (agent_type, sample_key)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_trajectories_session_id_completed_at ON public.trajectories USING btree (agent_type, session_id, completed_at) INCLUDE (total_reward, success, is_evaluation, exploration_rate, seed)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_trajectories_task_id ON public.trajectories USING btree (agent_type, task_id varchar_pattern_ops)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_action_runs_user_name ON qlmodels_admin.action_runs USING btree (user_name)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_sessions_user_name ON qlmodels_admin.sessions USING btree (user_name)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_sign_in_links_user_name ON qlmodels_admin.sign_in_links USING btree (user_name)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_audit_log_changed_at ON qlmodels_private.audit_log USING btree (changed_at)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_audit_log_row_key ON qlmodels_private.audit_log USING gin (row_key jsonb_path_ops) WITH (fastupdate=off)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_audit_log_table_name ON qlmodels_private.audit_log USING btree (table_name, entry_id)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_audit_log_transaction_id ON qlmodels_private.audit_log USING btree (transaction_id)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_audit_log_who ON qlmodels_private.audit_log USING btree (COALESCE(panel_user, login), entry_id)
    """))

    op.execute(dedent("""
        CREATE INDEX ix_fleet_grants_agent_type ON qlmodels_private.fleet_grants USING btree (agent_type)
    """))

    op.execute(dedent("""
        CREATE FUNCTION public.cleanup_expired_data()
         RETURNS TABLE(table_name text, deleted_count bigint)
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        begin
            return query select * from qlmodels.cleanup_expired_data();
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION public.delete_rows(p_table text, p_ids text[])
         RETURNS bigint
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        begin
            return qlmodels.delete_rows(p_table, p_ids);
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION public.find_actions(p_contains jsonb, p_limit integer DEFAULT 50)
         RETURNS TABLE(agent_type text, q_value_id bigint, state_hash text, state_data jsonb, action_hash text, action_data jsonb, q_value double precision, visit_count integer)
         LANGUAGE plpgsql
         STABLE
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        begin
            return query select * from qlmodels.find_states(null, p_limit, p_contains);
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION public.find_patterns(p_data jsonb DEFAULT NULL::jsonb, p_trigger jsonb DEFAULT NULL::jsonb, p_limit integer DEFAULT 50)
         RETURNS SETOF public.patterns
         LANGUAGE plpgsql
         STABLE
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        begin
            return query select * from qlmodels.find_patterns(p_data, p_trigger, p_limit);
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION public.find_states(p_contains jsonb, p_limit integer DEFAULT 50)
         RETURNS TABLE(agent_type text, q_value_id bigint, state_hash text, state_data jsonb, action_hash text, action_data jsonb, q_value double precision, visit_count integer)
         LANGUAGE plpgsql
         STABLE
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        begin
            return query select * from qlmodels.find_states(p_contains, p_limit);
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION public.get_best_action(p_agent_type text, p_state_hash text)
         RETURNS TABLE(action_data jsonb, q_value double precision, confidence_score double precision)
         LANGUAGE plpgsql
         STABLE
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        begin
            return query
            select pair.action_data, pair.q_value::double precision,
                   pair.confidence_score::double precision
              from public.q_values as pair
             where pair.agent_type = p_agent_type
               and pair.state_hash = p_state_hash
             order by pair.q_value desc, pair.confidence_score desc, pair.visit_count desc, pair.action_hash
             limit 1;
            if not found then
                perform qlmodels.speaking_for();  -- nobody's empty answer would read as an unknown state
            end if;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION public.learn(p_agent_type text, p_state_hash text, p_state_data jsonb, p_action_hash text, p_action_data jsonb, p_reward double precision, p_next_state_hash text DEFAULT NULL::text, p_next_action_hashes text[] DEFAULT NULL::text[], p_terminated boolean DEFAULT false, p_session_id uuid DEFAULT NULL::uuid, p_discount_factor double precision DEFAULT NULL::double precision)
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
        CREATE FUNCTION public.learn_many(p_agent_type text, p_steps jsonb)
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
        CREATE FUNCTION public.learn_step(p_agent_type text, p_state_hash text, p_state_data jsonb, p_action_hash text, p_action_data jsonb, p_reward double precision, p_next_state_hash text DEFAULT NULL::text, p_next_action_hashes text[] DEFAULT NULL::text[], p_terminated boolean DEFAULT false, p_session_id uuid DEFAULT NULL::uuid, p_discount_factor double precision DEFAULT NULL::double precision, p_reward_type text DEFAULT NULL::text, p_reward_source text DEFAULT NULL::text, p_step integer DEFAULT NULL::integer)
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
        CREATE FUNCTION public.match_patterns(p_agent_type text, p_state jsonb, p_limit integer DEFAULT 20)
         RETURNS TABLE(pattern_id uuid, pattern_name text, version integer, pattern_type text, pattern_category text, pattern_data jsonb, trigger_conditions jsonb, expected_outcome jsonb, usage_count integer, success_count integer, avg_reward double precision, confidence_score double precision)
         LANGUAGE plpgsql
         STABLE
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        begin
            return query
            select pattern.pattern_id, pattern.pattern_name::text, pattern.version,
                   pattern.pattern_type::text, pattern.pattern_category::text, pattern.pattern_data,
                   pattern.trigger_conditions, pattern.expected_outcome, pattern.usage_count,
                   pattern.success_count, pattern.avg_reward, pattern.confidence_score
              from public.patterns as pattern
             where pattern.agent_type = p_agent_type
               and (pattern.expires_at is null or pattern.expires_at > now())
               and qlmodels.satisfies(p_state, pattern.trigger_conditions)
             order by pattern.confidence_score desc, pattern.avg_reward desc, pattern.pattern_id
             limit p_limit;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION public.upsert_q_value(p_agent_type text, p_state_hash text, p_state_data jsonb, p_action_hash text, p_action_data jsonb, p_q_value double precision, p_session_id uuid DEFAULT NULL::uuid)
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
        CREATE FUNCTION public.upsert_q_values(p_rows jsonb)
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
        CREATE FUNCTION qlmodels.act_as(p_agent_type text)
         RETURNS void
         LANGUAGE plpgsql
         SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        declare
            v_active boolean;
        begin
            if qlmodels.speaks_for_all() then
                raise insufficient_privilege using
                    message = format('login %I sees every row, so it cannot act as one agent type', session_user),
                    hint = 'Connect by a login of that agent type or of an orchestrator; the panel says '
                           'set local role qlmodels_fleet first.';
            end if;

            select kind.is_active into v_active
              from public.agent_types as kind
             where kind.agent_type = p_agent_type;
            if not found then
                raise no_data_found using
                    message = format('agent type %L is unknown', p_agent_type),
                    hint = 'Insert it into agent_types first.';
            elsif not v_active then
                raise object_not_in_prerequisite_state using
                    message = format('agent type %L is inactive', p_agent_type),
                    hint = 'Set is_active in agent_types to let it act again.';
            end if;

            perform set_config('app.agent_type', p_agent_type, true);
            if qlmodels.current_agent() is distinct from p_agent_type then
                raise insufficient_privilege using
                    message = format('login %I cannot act as agent type %L', session_user, p_agent_type),
                    hint = 'It speaks for its own agent type only.';
            end if;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.announce_instance()
         RETURNS trigger
         LANGUAGE plpgsql
         SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        declare
            v_who text := case
                when tg_op = 'DELETE' then jsonb_build_array(old.agent_type, old.agent_instance_id)
                else jsonb_build_array(new.agent_type, new.agent_instance_id)
            end;
        begin
            perform pg_notify(watcher.channel, v_who)
               from qlmodels_admin.watchers as watcher
              where watcher.expires_at > now();
            return null;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.cleanup_expired_data()
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
        CREATE FUNCTION qlmodels.current_agent()
         RETURNS text
         LANGUAGE plpgsql
         STABLE PARALLEL SAFE SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        declare
            v_role text := coalesce(nullif(current_setting('role'), 'none'), session_user::text);
        begin
            if starts_with(session_user::text, 'ql_') then
                return substr(session_user::text, 4);
            elsif v_role = 'authenticated' then
                return nullif(current_setting('request.jwt.claims', true), '')::jsonb
                       #>> '{app_metadata,agent_type}';
            elsif pg_has_role(v_role, 'qlmodels_fleet', 'usage') and not qlmodels.speaks_for_all() then
                return qlmodels.fleet_agent();
            end if;
            return null;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.delete_rows(p_table text, p_ids text[])
         RETURNS bigint
         LANGUAGE plpgsql
         SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        declare
            v_agent_type text := qlmodels.speaking_for();
            v_deleted bigint;
        begin
            if v_agent_type is null then
                raise insufficient_privilege using
                    message = format('login %I sees every row, so an id does not say whose it would delete', session_user),
                    hint = 'Delete from the table itself.';
            end if;

            case p_table
            when 'sessions' then
                delete from public.sessions as doomed
                 where doomed.agent_type = v_agent_type
                   and doomed.session_id = any (p_ids::uuid[]);
            when 'q_values' then
                delete from public.q_values as doomed
                 where doomed.agent_type = v_agent_type
                   and doomed.q_value_id = any (p_ids::bigint[]);
            when 'trajectories' then
                delete from public.trajectories as doomed
                 where doomed.agent_type = v_agent_type
                   and doomed.trajectory_id = any (p_ids::uuid[]);
            when 'rewards' then
                delete from public.rewards as doomed
                 where doomed.agent_type = v_agent_type
                   and doomed.reward_id = any (p_ids::bigint[]);
            when 'patterns' then
                delete from public.patterns as doomed
                 where doomed.agent_type = v_agent_type
                   and doomed.pattern_id = any (p_ids::uuid[]);
            when 'agent_states' then
                delete from public.agent_states as doomed
                 where doomed.agent_type = v_agent_type
                   and doomed.state_id = any (p_ids::uuid[]);
            else
                raise invalid_parameter_value using
                    message = format('an agent cannot delete from table %L', p_table),
                    hint = 'It is one of sessions, q_values, trajectories, rewards, patterns, agent_states.';
            end case;
            get diagnostics v_deleted = row_count;
            return v_deleted;
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
        CREATE FUNCTION qlmodels.find_patterns(p_data jsonb, p_trigger jsonb, p_limit integer)
         RETURNS SETOF public.patterns
         LANGUAGE plpgsql
         STABLE SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
         SET plan_cache_mode TO 'force_custom_plan'
        AS $function$
        declare
            v_agent_type text := qlmodels.speaking_for();
        begin
            return query
            select pattern.*
              from public.patterns as pattern
             where (v_agent_type is null or pattern.agent_type = v_agent_type)
               and (p_data is null or pattern.pattern_data @> p_data)
               and (p_trigger is null or pattern.trigger_conditions @> p_trigger)
             limit p_limit;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.find_states(p_contains jsonb, p_limit integer, p_action_contains jsonb DEFAULT NULL::jsonb)
         RETURNS TABLE(agent_type text, q_value_id bigint, state_hash text, state_data jsonb, action_hash text, action_data jsonb, q_value double precision, visit_count integer)
         LANGUAGE plpgsql
         STABLE SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
         SET plan_cache_mode TO 'force_custom_plan'
        AS $function$
        declare
            v_agent_type text := qlmodels.speaking_for();
        begin
            return query
            select pair.agent_type::text, pair.q_value_id, pair.state_hash::text, pair.state_data,
                   pair.action_hash::text, pair.action_data, pair.q_value::double precision,
                   pair.visit_count::integer
              from public.q_values as pair
             where (v_agent_type is null or pair.agent_type = v_agent_type)
               and (p_contains is null or pair.state_data @> p_contains)
               and (p_action_contains is null or pair.action_data @> p_action_contains)
             limit p_limit;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.fleet_agent()
         RETURNS text
         LANGUAGE plpgsql
         STABLE PARALLEL SAFE SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        declare
            v_wanted text := nullif(current_setting('app.agent_type', true), '');
        begin
            if v_wanted is null then
                return null;
            end if;
            if pg_has_role(session_user, 'qlmodels_panel', 'usage')
               or exists (
                   select from qlmodels_private.fleet_grants as allowed
                    where allowed.login = session_user
                      and allowed.agent_type = v_wanted
               )
            then
                return v_wanted;
            end if;
            raise insufficient_privilege using
                message = format('login %I may not act as agent type %L', session_user, v_wanted),
                hint = 'Only the agent types that qlmodels login create --fleet NAME --may-act-as names.';
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.keep_log()
         RETURNS trigger
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        begin
            raise insufficient_privilege using
                message = format('%s of the audit log is refused: it is append-only', lower(tg_op)),
                hint = 'Its owner removes what is old by select qlmodels_private.prune_audit_log(interval ''2 years'').';
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.keep_policy_at_end()
         RETURNS trigger
         LANGUAGE plpgsql
         SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
        AS $function$
        begin
            if not exists (
                select from qlmodels_private.policy_versions as version
                 where version.agent_type = new.agent_type
                   and version.reason = 'session'
                   and version.kept_at > now() - interval '1 hour'
            ) and not exists (
                select from public.q_values as pair
                 where pair.agent_type = new.agent_type
                offset 200000
            ) then
                perform qlmodels_private.keep_policy(
                    new.agent_type, 'session', format('when session %s ended', new.session_id)
                );
            end if;
            return null;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.learning_steps(p_steps jsonb)
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
        CREATE FUNCTION qlmodels.policy_version(p_agent_type text)
         RETURNS integer
         LANGUAGE plpgsql
         STABLE SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        begin
            if not starts_with(session_user::text, 'ql_') or substr(session_user::text, 4) <> p_agent_type then
                if qlmodels.current_agent() is distinct from p_agent_type and not qlmodels.speaks_for_all() then
                    return 0;
                end if;
            end if;
            return coalesce(
                (
                    select max(version.policy_version)
                      from qlmodels_private.policy_versions as version
                     where version.agent_type = p_agent_type
                ),
                0
            );
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.priority_buckets(p_agent_type text, p_enough integer DEFAULT 1000)
         RETURNS TABLE(bucket double precision, trajectories double precision, priorities double precision)
         LANGUAGE plpgsql
         STABLE SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET row_security TO 'on'
         SET enable_bitmapscan TO 'off'
         SET enable_seqscan TO 'off'
        AS $function$
        declare
            v_speaker text := qlmodels.speaking_for();
            v_found bigint;
            v_reach double precision;
        begin
            if v_speaker <> p_agent_type then
                return;
            end if;
            loop
                select ceil(ln(one.priority) / ln(2::double precision))
                  into bucket
                  from public.trajectories as one
                 where one.agent_type = p_agent_type
                   and (bucket is null or ceil(ln(one.priority) / ln(2::double precision)) > bucket)
                 order by ceil(ln(one.priority) / ln(2::double precision))
                 limit 1;
                exit when not found;

                select count(*), max(part.sample_key), sum(part.priority)
                  into v_found, v_reach, priorities
                  from (
                       select one.sample_key, one.priority
                         from public.trajectories as one
                        where one.agent_type = p_agent_type
                          and ceil(ln(one.priority) / ln(2::double precision)) = bucket
                        order by one.sample_key
                        limit p_enough
                  ) as part;
                trajectories := v_found;
                if v_found = p_enough and v_reach > 0 then
                    trajectories := (v_found - 1) / v_reach;
                    priorities := priorities / v_found * trajectories;
                end if;
                return next;
            end loop;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.purge_expired(p_table text, p_batch integer)
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
        CREATE FUNCTION qlmodels.record_change()
         RETURNS trigger
         LANGUAGE plpgsql
         SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
         SET "TimeZone" TO 'UTC'
         SET extra_float_digits TO '1'
        AS $function$
        declare
            v_from_panel boolean := session_user like 'qlpanel\_%';
            v_row jsonb;
            v_old jsonb;
            v_new jsonb;
            v_key jsonb;
            v_old_nulls text[] := '{}';  -- columns whose document is JSON's own null, which is not SQL's
            v_new_nulls text[] := '{}';
            v_name text;
            v_is_document boolean;
        begin
            if tg_op in ('UPDATE', 'DELETE') then
                v_old := to_jsonb(old);
            end if;
            if tg_op in ('INSERT', 'UPDATE') then
                v_new := to_jsonb(new);
            end if;
            v_row := coalesce(v_old, v_new);

            if v_row is not null then
                foreach v_name in array tg_argv[0]::text[] loop
                    v_key := coalesce(v_key, '{}') || jsonb_build_object(v_name, v_row -> v_name);
                end loop;
                foreach v_name in array tg_argv[1]::text[] loop
                    if v_old -> v_name = 'null' then
                        execute format('select ($1).%I is not null', v_name) into v_is_document using old;
                        v_old_nulls := v_old_nulls || array(select v_name where v_is_document);
                    end if;
                    if v_new -> v_name = 'null' then
                        execute format('select ($1).%I is not null', v_name) into v_is_document using new;
                        v_new_nulls := v_new_nulls || array(select v_name where v_is_document);
                    end if;
                end loop;
            end if;

            if tg_op = 'UPDATE' then
                -- as text, for documents that are equal may differ in the digits of their numbers
                select jsonb_object_agg(field.key, field.value)
                           filter (where field.value <> 'null' or field.key = any (v_old_nulls)),
                       jsonb_object_agg(field.key, v_new -> field.key)
                           filter (where v_new -> field.key <> 'null' or field.key = any (v_new_nulls))
                  into v_old, v_new
                  from jsonb_each(v_old) as field
                 where field.value::text <> (v_new -> field.key)::text
                    or (field.key = any (v_old_nulls)) <> (field.key = any (v_new_nulls));
                if v_old is null and v_new is null then
                    return null;
                end if;
                v_old := coalesce(v_old, '{}');
                v_new := coalesce(v_new, '{}');
            else
                v_old := v_old - array(
                    select field.key
                      from jsonb_each(v_old) as field
                     where field.value = 'null' and field.key <> all (v_old_nulls)
                );
                v_new := v_new - array(
                    select field.key
                      from jsonb_each(v_new) as field
                     where field.value = 'null' and field.key <> all (v_new_nulls)
                );
            end if;

            foreach v_name in array coalesce(tg_argv[2], '{}')::text[] loop
                v_old := case when v_old ? v_name then v_old || jsonb_build_object(v_name, 'secret') else v_old end;
                v_new := case when v_new ? v_name then v_new || jsonb_build_object(v_name, 'secret') else v_new end;
            end loop;

            insert into qlmodels_private.audit_log (
                changed_at, transaction_id, login, panel_user, note,
                table_name, row_key, operation, old_values, new_values
            ) values (
                clock_timestamp(),
                pg_current_xact_id()::text::bigint,
                session_user,
                case when v_from_panel then nullif(current_setting('app.panel_user', true), '') end,
                case when v_from_panel then nullif(current_setting('app.panel_note', true), '') end,
                case when tg_table_schema = 'public' then tg_table_name
                     else tg_table_schema || '.' || tg_table_name end,
                v_key,
                lower(tg_op),
                v_old,
                v_new
            );
            return null;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.satisfies(p_state jsonb, p_conditions jsonb)
         RETURNS boolean
         LANGUAGE plpgsql
         IMMUTABLE PARALLEL SAFE
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        declare
            v_name text;
            v_wanted jsonb;
            v_operator text;
            v_operand jsonb;
            v_found jsonb;
            v_met boolean;
        begin
            if p_conditions is null or p_conditions = 'null' then
                return true;
            elsif jsonb_typeof(p_conditions) <> 'object' then
                return false;
            end if;
            for v_name, v_wanted in select * from jsonb_each(p_conditions) loop
                if v_name in ('$and', '$or', '$nor', '$not') then
                    if v_name = '$not' then
                        v_met := not qlmodels.satisfies(p_state, v_wanted);
                    elsif jsonb_typeof(v_wanted) <> 'array' then
                        v_met := false;
                    else
                        select case v_name
                                   when '$and' then coalesce(bool_and(qlmodels.satisfies(p_state, part.conditions)), true)
                                   when '$or' then coalesce(bool_or(qlmodels.satisfies(p_state, part.conditions)), false)
                                   else not coalesce(bool_or(qlmodels.satisfies(p_state, part.conditions)), false)
                               end
                          into v_met
                          from jsonb_array_elements(v_wanted) as part (conditions);
                    end if;
                    if not v_met then
                        return false;
                    end if;
                    continue;
                end if;

                v_found := coalesce(p_state -> v_name, p_state #> string_to_array(v_name, '.'));
                if jsonb_typeof(v_wanted) <> 'object' or not v_wanted @? '$.keyvalue() ? (@.key starts with "$")' then
                    v_wanted := jsonb_build_object('$eq', v_wanted);
                end if;
                for v_operator, v_operand in select * from jsonb_each(v_wanted) loop
                    v_met := case v_operator
                        when '$eq' then v_found = v_operand
                        when '$ne' then v_found is distinct from v_operand
                        when '$exists' then (v_found is not null) = (v_operand = 'true')
                        when '$in' then jsonb_typeof(v_operand) = 'array'
                            and exists (select from jsonb_array_elements(v_operand) as one (value) where one.value = v_found)
                        when '$nin' then jsonb_typeof(v_operand) = 'array'
                            and not exists (select from jsonb_array_elements(v_operand) as one (value) where one.value = v_found)
                        when '$contains' then v_found @> v_operand
                        else jsonb_typeof(v_found) = jsonb_typeof(v_operand) and case v_operator
                            when '$lt' then v_found < v_operand
                            when '$lte' then v_found <= v_operand
                            when '$gt' then v_found > v_operand
                            when '$gte' then v_found >= v_operand
                            else false
                        end
                    end;
                    if v_met is not true then
                        return false;
                    end if;
                end loop;
            end loop;
            return true;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.schema_revision()
         RETURNS text
         LANGUAGE plpgsql
         STABLE SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        begin
            return (
                select string_agg(version.version_num, ', ' order by version.version_num)
                  from qlmodels_private.alembic_version as version
            );
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.speaking_for()
         RETURNS text
         LANGUAGE plpgsql
         STABLE PARALLEL SAFE SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        declare
            v_agent_type text := qlmodels.current_agent();
        begin
            if v_agent_type is null and not qlmodels.speaks_for_all() then
                raise insufficient_privilege using
                    message = format('login %I speaks for no agent type', session_user),
                    hint = case when current_setting('role') = 'authenticated'
                        then 'The token must name one: app_metadata.agent_type.'
                        else 'Connect by the login of an agent type, or begin the transaction by '
                             'select qlmodels.act_as(''AGENT_TYPE'').'
                    end;
            end if;
            return v_agent_type;
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.speaks_for_all()
         RETURNS boolean
         LANGUAGE plpgsql
         STABLE PARALLEL SAFE SECURITY DEFINER
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        declare
            v_role text := coalesce(nullif(current_setting('role'), 'none'), session_user::text);
        begin
            return pg_has_role(v_role, 'qlmodels_definer', 'usage')
                or pg_has_role(v_role, 'qlmodels_panel', 'usage')
                or pg_has_role(v_role, 'service_role', 'usage');
        end $function$
    """))

    op.execute(dedent("""
        CREATE FUNCTION qlmodels.touch_updated_at()
         RETURNS trigger
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        begin
            new.updated_at := now();
            return new;
        end $function$
    """))

    op.execute(dedent(r"""
        CREATE FUNCTION qlmodels_private.keep_policy(p_agent_type text, p_reason text, p_note text DEFAULT NULL::text, p_beyond integer DEFAULT 0)
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

    op.execute(dedent("""
        CREATE FUNCTION qlmodels_private.prune_audit_log(p_older_than interval)
         RETURNS bigint
         LANGUAGE plpgsql
         SET search_path TO 'pg_catalog', 'pg_temp'
        AS $function$
        declare
            v_removed bigint;
        begin
            if p_older_than is null or p_older_than < interval '30 days' then
                raise invalid_parameter_value using
                    message = format('entries of the last %L are kept', coalesce(p_older_than, '0 days')),
                    hint = 'The log keeps what is younger than 30 days: give a longer interval.';
            end if;
            alter table qlmodels_private.audit_log disable trigger keep_log;
            delete from qlmodels_private.audit_log where changed_at < now() - p_older_than;
            get diagnostics v_removed = row_count;
            alter table qlmodels_private.audit_log enable trigger keep_log;
            insert into qlmodels_private.audit_log (
                changed_at, transaction_id, login, note, table_name, operation
            ) values (
                clock_timestamp(),
                pg_current_xact_id()::text::bigint,
                session_user,
                format('removed %s entries older than %s', v_removed, p_older_than),
                'qlmodels_private.audit_log',
                'prune'
            );
            return v_removed;
        end $function$
    """))

    op.execute(dedent("""
        CREATE TRIGGER announce_end AFTER UPDATE OF status ON public.sessions FOR EACH ROW WHEN (((old.status)::text IS DISTINCT FROM (new.status)::text)) EXECUTE FUNCTION qlmodels.announce_instance()
    """))

    op.execute(dedent("""
        CREATE TRIGGER announce_heartbeat AFTER UPDATE ON public.agent_states FOR EACH ROW WHEN ((date_trunc('second'::text, old.updated_at) IS DISTINCT FROM date_trunc('second'::text, new.updated_at))) EXECUTE FUNCTION qlmodels.announce_instance()
    """))

    op.execute(dedent("""
        CREATE TRIGGER announce_instance AFTER INSERT OR DELETE ON public.agent_states FOR EACH ROW EXECUTE FUNCTION qlmodels.announce_instance()
    """))

    op.execute(dedent("""
        CREATE TRIGGER keep_log BEFORE DELETE OR UPDATE OR TRUNCATE ON qlmodels_private.audit_log FOR EACH STATEMENT EXECUTE FUNCTION qlmodels.keep_log()
    """))

    op.execute(dedent("""
        CREATE TRIGGER keep_policy AFTER UPDATE OF status ON public.sessions FOR EACH ROW WHEN ((((old.status)::text = 'active'::text) AND ((new.status)::text <> 'active'::text))) EXECUTE FUNCTION qlmodels.keep_policy_at_end()
    """))

    op.execute(dedent(r"""
        CREATE TRIGGER record_change AFTER INSERT OR DELETE OR UPDATE ON public.agent_states FOR EACH ROW WHEN (((SESSION_USER !~~ 'ql\_%'::text) AND (SESSION_USER !~~ 'qlfleet\_%'::text) AND (current_setting('role'::text) <> 'authenticated'::text) AND (CURRENT_USER <> 'qlmodels_definer'::name))) EXECUTE FUNCTION qlmodels.record_change('{agent_type,state_id}', '{metadata}', '{}')
    """))

    op.execute(dedent(r"""
        CREATE TRIGGER record_change AFTER INSERT OR DELETE OR UPDATE ON public.agent_types FOR EACH ROW WHEN (((SESSION_USER !~~ 'ql\_%'::text) AND (SESSION_USER !~~ 'qlfleet\_%'::text) AND (current_setting('role'::text) <> 'authenticated'::text) AND (CURRENT_USER <> 'qlmodels_definer'::name))) EXECUTE FUNCTION qlmodels.record_change('{agent_type}', '{metadata}', '{}')
    """))

    op.execute(dedent(r"""
        CREATE TRIGGER record_change AFTER INSERT OR DELETE OR UPDATE ON public.patterns FOR EACH ROW WHEN (((SESSION_USER !~~ 'ql\_%'::text) AND (SESSION_USER !~~ 'qlfleet\_%'::text) AND (current_setting('role'::text) <> 'authenticated'::text) AND (CURRENT_USER <> 'qlmodels_definer'::name))) EXECUTE FUNCTION qlmodels.record_change('{agent_type,pattern_id}', '{pattern_data,trigger_conditions,expected_outcome,metadata}', '{}')
    """))

    op.execute(dedent(r"""
        CREATE TRIGGER record_change AFTER INSERT OR DELETE OR UPDATE ON public.q_values FOR EACH ROW WHEN (((SESSION_USER !~~ 'ql\_%'::text) AND (SESSION_USER !~~ 'qlfleet\_%'::text) AND (current_setting('role'::text) <> 'authenticated'::text) AND (CURRENT_USER <> 'qlmodels_definer'::name))) EXECUTE FUNCTION qlmodels.record_change('{agent_type,q_value_id}', '{state_data,action_data,metadata}', '{}')
    """))

    op.execute(dedent(r"""
        CREATE TRIGGER record_change AFTER INSERT OR DELETE OR UPDATE ON public.rewards FOR EACH ROW WHEN (((SESSION_USER !~~ 'ql\_%'::text) AND (SESSION_USER !~~ 'qlfleet\_%'::text) AND (current_setting('role'::text) <> 'authenticated'::text) AND (CURRENT_USER <> 'qlmodels_definer'::name))) EXECUTE FUNCTION qlmodels.record_change('{agent_type,reward_id}', '{metadata}', '{}')
    """))

    op.execute(dedent(r"""
        CREATE TRIGGER record_change AFTER INSERT OR DELETE OR UPDATE ON public.sessions FOR EACH ROW WHEN (((SESSION_USER !~~ 'ql\_%'::text) AND (SESSION_USER !~~ 'qlfleet\_%'::text) AND (current_setting('role'::text) <> 'authenticated'::text) AND (CURRENT_USER <> 'qlmodels_definer'::name))) EXECUTE FUNCTION qlmodels.record_change('{agent_type,session_id}', '{metadata}', '{}')
    """))

    op.execute(dedent(r"""
        CREATE TRIGGER record_change AFTER INSERT OR DELETE OR UPDATE ON public.trajectories FOR EACH ROW WHEN (((SESSION_USER !~~ 'ql\_%'::text) AND (SESSION_USER !~~ 'qlfleet\_%'::text) AND (current_setting('role'::text) <> 'authenticated'::text) AND (CURRENT_USER <> 'qlmodels_definer'::name))) EXECUTE FUNCTION qlmodels.record_change('{agent_type,trajectory_id}', '{initial_state,final_state,actions_taken,states_visited,step_rewards,metadata}', '{}')
    """))

    op.execute(dedent("""
        CREATE TRIGGER record_change AFTER INSERT ON qlmodels_admin.sign_in_links FOR EACH ROW EXECUTE FUNCTION qlmodels.record_change('{token_hash}', '{}', '{}')
    """))

    op.execute(dedent("""
        CREATE TRIGGER record_change AFTER INSERT OR DELETE OR UPDATE OF name, role, password_hash, is_active ON qlmodels_admin.users FOR EACH ROW EXECUTE FUNCTION qlmodels.record_change('{name}', '{}', '{password_hash}')
    """))

    op.execute(dedent(r"""
        CREATE TRIGGER record_change AFTER INSERT OR DELETE OR UPDATE ON qlmodels_private.fleet_grants FOR EACH ROW WHEN (((SESSION_USER !~~ 'ql\_%'::text) AND (SESSION_USER !~~ 'qlfleet\_%'::text) AND (current_setting('role'::text) <> 'authenticated'::text) AND (CURRENT_USER <> 'qlmodels_definer'::name))) EXECUTE FUNCTION qlmodels.record_change('{login,agent_type}', '{}', '{}')
    """))

    op.execute(dedent(r"""
        CREATE TRIGGER record_change AFTER INSERT OR DELETE OR UPDATE ON qlmodels_private.policy_versions FOR EACH ROW WHEN (((SESSION_USER !~~ 'ql\_%'::text) AND (SESSION_USER !~~ 'qlfleet\_%'::text) AND (current_setting('role'::text) <> 'authenticated'::text) AND (CURRENT_USER <> 'qlmodels_definer'::name))) EXECUTE FUNCTION qlmodels.record_change('{agent_type,policy_version}', '{}', '{}')
    """))

    op.execute(dedent("""
        CREATE TRIGGER record_truncate AFTER TRUNCATE ON public.agent_states FOR EACH STATEMENT EXECUTE FUNCTION qlmodels.record_change()
    """))

    op.execute(dedent("""
        CREATE TRIGGER record_truncate AFTER TRUNCATE ON public.agent_types FOR EACH STATEMENT EXECUTE FUNCTION qlmodels.record_change()
    """))

    op.execute(dedent("""
        CREATE TRIGGER record_truncate AFTER TRUNCATE ON public.patterns FOR EACH STATEMENT EXECUTE FUNCTION qlmodels.record_change()
    """))

    op.execute(dedent("""
        CREATE TRIGGER record_truncate AFTER TRUNCATE ON public.q_values FOR EACH STATEMENT EXECUTE FUNCTION qlmodels.record_change()
    """))

    op.execute(dedent("""
        CREATE TRIGGER record_truncate AFTER TRUNCATE ON public.rewards FOR EACH STATEMENT EXECUTE FUNCTION qlmodels.record_change()
    """))

    op.execute(dedent("""
        CREATE TRIGGER record_truncate AFTER TRUNCATE ON public.sessions FOR EACH STATEMENT EXECUTE FUNCTION qlmodels.record_change()
    """))

    op.execute(dedent("""
        CREATE TRIGGER record_truncate AFTER TRUNCATE ON public.trajectories FOR EACH STATEMENT EXECUTE FUNCTION qlmodels.record_change()
    """))

    op.execute(dedent("""
        CREATE TRIGGER record_truncate AFTER TRUNCATE ON qlmodels_private.fleet_grants FOR EACH STATEMENT EXECUTE FUNCTION qlmodels.record_change()
    """))

    op.execute(dedent("""
        CREATE TRIGGER record_truncate AFTER TRUNCATE ON qlmodels_private.policy_versions FOR EACH STATEMENT EXECUTE FUNCTION qlmodels.record_change()
    """))

    op.execute(dedent("""
        CREATE TRIGGER touch_updated_at BEFORE UPDATE ON public.agent_states FOR EACH ROW EXECUTE FUNCTION qlmodels.touch_updated_at()
    """))

    op.execute(dedent("""
        CREATE TRIGGER touch_updated_at BEFORE UPDATE ON public.agent_types FOR EACH ROW EXECUTE FUNCTION qlmodels.touch_updated_at()
    """))

    op.execute(dedent("""
        CREATE TRIGGER touch_updated_at BEFORE UPDATE ON public.sessions FOR EACH ROW EXECUTE FUNCTION qlmodels.touch_updated_at()
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

    op.execute("alter function qlmodels.act_as(text) owner to qlmodels_definer")

    op.execute("alter function qlmodels.announce_instance() owner to qlmodels_definer")

    op.execute("alter function qlmodels.cleanup_expired_data() owner to qlmodels_definer")

    op.execute("alter function qlmodels.current_agent() owner to qlmodels_definer")

    op.execute("alter function qlmodels.delete_rows(text,text[]) owner to qlmodels_definer")

    op.execute(dedent("""
        alter function qlmodels.draw_trajectories(text,double precision[],double precision[],double precision[],double precision[]) owner to qlmodels_definer
    """))

    op.execute("alter function qlmodels.find_patterns(jsonb,jsonb,integer) owner to qlmodels_definer")

    op.execute("alter function qlmodels.find_states(jsonb,integer,jsonb) owner to qlmodels_definer")

    op.execute("alter function qlmodels.fleet_agent() owner to qlmodels_definer")

    op.execute("alter function qlmodels.keep_policy_at_end() owner to qlmodels_definer")

    op.execute("alter function qlmodels.policy_version(text) owner to qlmodels_definer")

    op.execute("alter function qlmodels.priority_buckets(text,integer) owner to qlmodels_definer")

    op.execute("alter function qlmodels.purge_expired(text,integer) owner to qlmodels_definer")

    op.execute("alter function qlmodels.record_change() owner to qlmodels_definer")

    op.execute("alter function qlmodels.speaking_for() owner to qlmodels_definer")

    op.execute("alter function qlmodels.speaks_for_all() owner to qlmodels_definer")

    op.execute("alter table public.agent_states enable row level security")

    op.execute("alter table public.agent_states force row level security")

    op.execute("alter table public.agent_types enable row level security")

    op.execute("alter table public.agent_types force row level security")

    op.execute("alter table public.patterns enable row level security")

    op.execute("alter table public.patterns force row level security")

    op.execute("alter table public.q_values enable row level security")

    op.execute("alter table public.q_values force row level security")

    op.execute("alter table public.rewards enable row level security")

    op.execute("alter table public.rewards force row level security")

    op.execute("alter table public.sessions enable row level security")

    op.execute("alter table public.sessions force row level security")

    op.execute("alter table public.trajectories enable row level security")

    op.execute("alter table public.trajectories force row level security")

    op.execute(dedent("""
        create policy analytics_role_access on public.agent_states
            for select to analytics_role
            using (true)
    """))

    op.execute(dedent("""
        create policy analytics_role_access on public.agent_types
            for select to analytics_role
            using (true)
    """))

    op.execute(dedent("""
        create policy analytics_role_access on public.patterns
            for select to analytics_role
            using (true)
    """))

    op.execute(dedent("""
        create policy analytics_role_access on public.q_values
            for select to analytics_role
            using (true)
    """))

    op.execute(dedent("""
        create policy analytics_role_access on public.rewards
            for select to analytics_role
            using (true)
    """))

    op.execute(dedent("""
        create policy analytics_role_access on public.sessions
            for select to analytics_role
            using (true)
    """))

    op.execute(dedent("""
        create policy analytics_role_access on public.trajectories
            for select to analytics_role
            using (true)
    """))

    op.execute(dedent("""
        create policy authenticated_access on public.agent_states
            for all to authenticated
            using (((agent_type)::text = ( SELECT ((NULLIF(( SELECT current_setting('request.jwt.claims'::text, true) AS current_setting), ''::text))::jsonb #>> '{app_metadata,agent_type}'::text[]))))
            with check (((agent_type)::text = ( SELECT ((NULLIF(( SELECT current_setting('request.jwt.claims'::text, true) AS current_setting), ''::text))::jsonb #>> '{app_metadata,agent_type}'::text[]))))
    """))

    op.execute(dedent("""
        create policy authenticated_access on public.agent_types
            for select to authenticated
            using (((agent_type)::text = ( SELECT ((NULLIF(( SELECT current_setting('request.jwt.claims'::text, true) AS current_setting), ''::text))::jsonb #>> '{app_metadata,agent_type}'::text[]))))
    """))

    op.execute(dedent("""
        create policy authenticated_access on public.patterns
            for all to authenticated
            using (((agent_type)::text = ( SELECT ((NULLIF(( SELECT current_setting('request.jwt.claims'::text, true) AS current_setting), ''::text))::jsonb #>> '{app_metadata,agent_type}'::text[]))))
            with check (((agent_type)::text = ( SELECT ((NULLIF(( SELECT current_setting('request.jwt.claims'::text, true) AS current_setting), ''::text))::jsonb #>> '{app_metadata,agent_type}'::text[]))))
    """))

    op.execute(dedent("""
        create policy authenticated_access on public.q_values
            for all to authenticated
            using (((agent_type)::text = ( SELECT ((NULLIF(( SELECT current_setting('request.jwt.claims'::text, true) AS current_setting), ''::text))::jsonb #>> '{app_metadata,agent_type}'::text[]))))
            with check (((agent_type)::text = ( SELECT ((NULLIF(( SELECT current_setting('request.jwt.claims'::text, true) AS current_setting), ''::text))::jsonb #>> '{app_metadata,agent_type}'::text[]))))
    """))

    op.execute(dedent("""
        create policy authenticated_access on public.rewards
            for all to authenticated
            using (((agent_type)::text = ( SELECT ((NULLIF(( SELECT current_setting('request.jwt.claims'::text, true) AS current_setting), ''::text))::jsonb #>> '{app_metadata,agent_type}'::text[]))))
            with check (((agent_type)::text = ( SELECT ((NULLIF(( SELECT current_setting('request.jwt.claims'::text, true) AS current_setting), ''::text))::jsonb #>> '{app_metadata,agent_type}'::text[]))))
    """))

    op.execute(dedent("""
        create policy authenticated_access on public.sessions
            for all to authenticated
            using (((agent_type)::text = ( SELECT ((NULLIF(( SELECT current_setting('request.jwt.claims'::text, true) AS current_setting), ''::text))::jsonb #>> '{app_metadata,agent_type}'::text[]))))
            with check (((agent_type)::text = ( SELECT ((NULLIF(( SELECT current_setting('request.jwt.claims'::text, true) AS current_setting), ''::text))::jsonb #>> '{app_metadata,agent_type}'::text[]))))
    """))

    op.execute(dedent("""
        create policy authenticated_access on public.trajectories
            for all to authenticated
            using (((agent_type)::text = ( SELECT ((NULLIF(( SELECT current_setting('request.jwt.claims'::text, true) AS current_setting), ''::text))::jsonb #>> '{app_metadata,agent_type}'::text[]))))
            with check (((agent_type)::text = ( SELECT ((NULLIF(( SELECT current_setting('request.jwt.claims'::text, true) AS current_setting), ''::text))::jsonb #>> '{app_metadata,agent_type}'::text[]))))
    """))

    op.execute(dedent(r"""
        create policy qlmodels_agent_access on public.agent_states
            for all to qlmodels_agent
            using (((agent_type)::text = ( SELECT
                CASE
                    WHEN (SESSION_USER ~~ 'ql\_%'::text) THEN (substr((SESSION_USER)::text, 4) COLLATE "default")
                    ELSE NULL::text
                END AS "case")))
            with check (((agent_type)::text = ( SELECT
                CASE
                    WHEN (SESSION_USER ~~ 'ql\_%'::text) THEN (substr((SESSION_USER)::text, 4) COLLATE "default")
                    ELSE NULL::text
                END AS "case")))
    """))

    op.execute(dedent(r"""
        create policy qlmodels_agent_access on public.agent_types
            for select to qlmodels_agent
            using (((agent_type)::text = ( SELECT
                CASE
                    WHEN (SESSION_USER ~~ 'ql\_%'::text) THEN (substr((SESSION_USER)::text, 4) COLLATE "default")
                    ELSE NULL::text
                END AS "case")))
    """))

    op.execute(dedent(r"""
        create policy qlmodels_agent_access on public.patterns
            for all to qlmodels_agent
            using (((agent_type)::text = ( SELECT
                CASE
                    WHEN (SESSION_USER ~~ 'ql\_%'::text) THEN (substr((SESSION_USER)::text, 4) COLLATE "default")
                    ELSE NULL::text
                END AS "case")))
            with check (((agent_type)::text = ( SELECT
                CASE
                    WHEN (SESSION_USER ~~ 'ql\_%'::text) THEN (substr((SESSION_USER)::text, 4) COLLATE "default")
                    ELSE NULL::text
                END AS "case")))
    """))

    op.execute(dedent(r"""
        create policy qlmodels_agent_access on public.q_values
            for all to qlmodels_agent
            using (((agent_type)::text = ( SELECT
                CASE
                    WHEN (SESSION_USER ~~ 'ql\_%'::text) THEN (substr((SESSION_USER)::text, 4) COLLATE "default")
                    ELSE NULL::text
                END AS "case")))
            with check (((agent_type)::text = ( SELECT
                CASE
                    WHEN (SESSION_USER ~~ 'ql\_%'::text) THEN (substr((SESSION_USER)::text, 4) COLLATE "default")
                    ELSE NULL::text
                END AS "case")))
    """))

    op.execute(dedent(r"""
        create policy qlmodels_agent_access on public.rewards
            for all to qlmodels_agent
            using (((agent_type)::text = ( SELECT
                CASE
                    WHEN (SESSION_USER ~~ 'ql\_%'::text) THEN (substr((SESSION_USER)::text, 4) COLLATE "default")
                    ELSE NULL::text
                END AS "case")))
            with check (((agent_type)::text = ( SELECT
                CASE
                    WHEN (SESSION_USER ~~ 'ql\_%'::text) THEN (substr((SESSION_USER)::text, 4) COLLATE "default")
                    ELSE NULL::text
                END AS "case")))
    """))

    op.execute(dedent(r"""
        create policy qlmodels_agent_access on public.sessions
            for all to qlmodels_agent
            using (((agent_type)::text = ( SELECT
                CASE
                    WHEN (SESSION_USER ~~ 'ql\_%'::text) THEN (substr((SESSION_USER)::text, 4) COLLATE "default")
                    ELSE NULL::text
                END AS "case")))
            with check (((agent_type)::text = ( SELECT
                CASE
                    WHEN (SESSION_USER ~~ 'ql\_%'::text) THEN (substr((SESSION_USER)::text, 4) COLLATE "default")
                    ELSE NULL::text
                END AS "case")))
    """))

    op.execute(dedent(r"""
        create policy qlmodels_agent_access on public.trajectories
            for all to qlmodels_agent
            using (((agent_type)::text = ( SELECT
                CASE
                    WHEN (SESSION_USER ~~ 'ql\_%'::text) THEN (substr((SESSION_USER)::text, 4) COLLATE "default")
                    ELSE NULL::text
                END AS "case")))
            with check (((agent_type)::text = ( SELECT
                CASE
                    WHEN (SESSION_USER ~~ 'ql\_%'::text) THEN (substr((SESSION_USER)::text, 4) COLLATE "default")
                    ELSE NULL::text
                END AS "case")))
    """))

    op.execute(dedent("""
        create policy qlmodels_definer_access on public.agent_states
            for all to qlmodels_definer
            using (true)
            with check (true)
    """))

    op.execute(dedent("""
        create policy qlmodels_definer_access on public.agent_types
            for all to qlmodels_definer
            using (true)
            with check (true)
    """))

    op.execute(dedent("""
        create policy qlmodels_definer_access on public.patterns
            for all to qlmodels_definer
            using (true)
            with check (true)
    """))

    op.execute(dedent("""
        create policy qlmodels_definer_access on public.q_values
            for all to qlmodels_definer
            using (true)
            with check (true)
    """))

    op.execute(dedent("""
        create policy qlmodels_definer_access on public.rewards
            for all to qlmodels_definer
            using (true)
            with check (true)
    """))

    op.execute(dedent("""
        create policy qlmodels_definer_access on public.sessions
            for all to qlmodels_definer
            using (true)
            with check (true)
    """))

    op.execute(dedent("""
        create policy qlmodels_definer_access on public.trajectories
            for all to qlmodels_definer
            using (true)
            with check (true)
    """))

    op.execute(dedent("""
        create policy qlmodels_fleet_access on public.agent_states
            for all to qlmodels_fleet
            using (((agent_type)::text = ( SELECT qlmodels.fleet_agent() AS fleet_agent)))
            with check (((agent_type)::text = ( SELECT qlmodels.fleet_agent() AS fleet_agent)))
    """))

    op.execute(dedent("""
        create policy qlmodels_fleet_access on public.agent_types
            for select to qlmodels_fleet
            using (((agent_type)::text = ( SELECT qlmodels.fleet_agent() AS fleet_agent)))
    """))

    op.execute(dedent("""
        create policy qlmodels_fleet_access on public.patterns
            for all to qlmodels_fleet
            using (((agent_type)::text = ( SELECT qlmodels.fleet_agent() AS fleet_agent)))
            with check (((agent_type)::text = ( SELECT qlmodels.fleet_agent() AS fleet_agent)))
    """))

    op.execute(dedent("""
        create policy qlmodels_fleet_access on public.q_values
            for all to qlmodels_fleet
            using (((agent_type)::text = ( SELECT qlmodels.fleet_agent() AS fleet_agent)))
            with check (((agent_type)::text = ( SELECT qlmodels.fleet_agent() AS fleet_agent)))
    """))

    op.execute(dedent("""
        create policy qlmodels_fleet_access on public.rewards
            for all to qlmodels_fleet
            using (((agent_type)::text = ( SELECT qlmodels.fleet_agent() AS fleet_agent)))
            with check (((agent_type)::text = ( SELECT qlmodels.fleet_agent() AS fleet_agent)))
    """))

    op.execute(dedent("""
        create policy qlmodels_fleet_access on public.sessions
            for all to qlmodels_fleet
            using (((agent_type)::text = ( SELECT qlmodels.fleet_agent() AS fleet_agent)))
            with check (((agent_type)::text = ( SELECT qlmodels.fleet_agent() AS fleet_agent)))
    """))

    op.execute(dedent("""
        create policy qlmodels_fleet_access on public.trajectories
            for all to qlmodels_fleet
            using (((agent_type)::text = ( SELECT qlmodels.fleet_agent() AS fleet_agent)))
            with check (((agent_type)::text = ( SELECT qlmodels.fleet_agent() AS fleet_agent)))
    """))

    op.execute(dedent("""
        create policy qlmodels_panel_access on public.agent_states
            for all to qlmodels_panel
            using (true)
            with check (true)
    """))

    op.execute(dedent("""
        create policy qlmodels_panel_access on public.agent_types
            for all to qlmodels_panel
            using (true)
            with check (true)
    """))

    op.execute(dedent("""
        create policy qlmodels_panel_access on public.patterns
            for all to qlmodels_panel
            using (true)
            with check (true)
    """))

    op.execute(dedent("""
        create policy qlmodels_panel_access on public.q_values
            for all to qlmodels_panel
            using (true)
            with check (true)
    """))

    op.execute(dedent("""
        create policy qlmodels_panel_access on public.rewards
            for all to qlmodels_panel
            using (true)
            with check (true)
    """))

    op.execute(dedent("""
        create policy qlmodels_panel_access on public.sessions
            for all to qlmodels_panel
            using (true)
            with check (true)
    """))

    op.execute(dedent("""
        create policy qlmodels_panel_access on public.trajectories
            for all to qlmodels_panel
            using (true)
            with check (true)
    """))

    op.execute(dedent("""
        create policy service_role_access on public.agent_states
            for all to service_role
            using (true)
            with check (true)
    """))

    op.execute(dedent("""
        create policy service_role_access on public.agent_types
            for all to service_role
            using (true)
            with check (true)
    """))

    op.execute(dedent("""
        create policy service_role_access on public.patterns
            for all to service_role
            using (true)
            with check (true)
    """))

    op.execute(dedent("""
        create policy service_role_access on public.q_values
            for all to service_role
            using (true)
            with check (true)
    """))

    op.execute(dedent("""
        create policy service_role_access on public.rewards
            for all to service_role
            using (true)
            with check (true)
    """))

    op.execute(dedent("""
        create policy service_role_access on public.sessions
            for all to service_role
            using (true)
            with check (true)
    """))

    op.execute(dedent("""
        create policy service_role_access on public.trajectories
            for all to service_role
            using (true)
            with check (true)
    """))

    op.execute(dedent("""
        revoke all on function public.cleanup_expired_data()
            from public, anon, authenticated, service_role
    """))

    op.execute(dedent("""
        grant execute on function public.cleanup_expired_data()
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute(dedent("""
        revoke all on function public.delete_rows(text,text[])
            from public, anon, authenticated, service_role
    """))

    op.execute(dedent("""
        grant execute on function public.delete_rows(text,text[])
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute(dedent("""
        revoke all on function public.find_actions(jsonb,integer)
            from public, anon, authenticated, service_role
    """))

    op.execute(dedent("""
        grant execute on function public.find_actions(jsonb,integer)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute(dedent("""
        revoke all on function public.find_patterns(jsonb,jsonb,integer)
            from public, anon, authenticated, service_role
    """))

    op.execute(dedent("""
        grant execute on function public.find_patterns(jsonb,jsonb,integer)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute(dedent("""
        revoke all on function public.find_states(jsonb,integer)
            from public, anon, authenticated, service_role
    """))

    op.execute(dedent("""
        grant execute on function public.find_states(jsonb,integer)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute(dedent("""
        revoke all on function public.get_best_action(text,text)
            from public, anon, authenticated, service_role
    """))

    op.execute(dedent("""
        grant execute on function public.get_best_action(text,text)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute(dedent("""
        revoke all on function public.learn(text,text,jsonb,text,jsonb,double precision,text,text[],boolean,uuid,double precision)
            from public, anon, authenticated, service_role
    """))

    op.execute(dedent("""
        grant execute on function public.learn(text,text,jsonb,text,jsonb,double precision,text,text[],boolean,uuid,double precision)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute(dedent("""
        revoke all on function public.learn_many(text,jsonb)
            from public, anon, authenticated, service_role
    """))

    op.execute(dedent("""
        grant execute on function public.learn_many(text,jsonb)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute(dedent("""
        revoke all on function public.learn_step(text,text,jsonb,text,jsonb,double precision,text,text[],boolean,uuid,double precision,text,text,integer)
            from public, anon, authenticated, service_role
    """))

    op.execute(dedent("""
        grant execute on function public.learn_step(text,text,jsonb,text,jsonb,double precision,text,text[],boolean,uuid,double precision,text,text,integer)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute(dedent("""
        revoke all on function public.match_patterns(text,jsonb,integer)
            from public, anon, authenticated, service_role
    """))

    op.execute(dedent("""
        grant execute on function public.match_patterns(text,jsonb,integer)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute(dedent("""
        revoke all on function public.upsert_q_value(text,text,jsonb,text,jsonb,double precision,uuid)
            from public, anon, authenticated, service_role
    """))

    op.execute(dedent("""
        grant execute on function public.upsert_q_value(text,text,jsonb,text,jsonb,double precision,uuid)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute(dedent("""
        revoke all on function public.upsert_q_values(jsonb)
            from public, anon, authenticated, service_role
    """))

    op.execute(dedent("""
        grant execute on function public.upsert_q_values(jsonb)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.act_as(text) from public")

    op.execute(dedent("""
        grant execute on function qlmodels.act_as(text)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.announce_instance() from public")

    op.execute("revoke all on function qlmodels.cleanup_expired_data() from public")

    op.execute(dedent("""
        grant execute on function qlmodels.cleanup_expired_data()
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.current_agent() from public")

    op.execute(dedent("""
        grant execute on function qlmodels.current_agent()
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.delete_rows(text,text[]) from public")

    op.execute(dedent("""
        grant execute on function qlmodels.delete_rows(text,text[])
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute(dedent("""
        revoke all on function qlmodels.draw_trajectories(text,double precision[],double precision[],double precision[],double precision[])
            from public
    """))

    op.execute(dedent("""
        grant execute on function qlmodels.draw_trajectories(text,double precision[],double precision[],double precision[],double precision[])
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.find_patterns(jsonb,jsonb,integer) from public")

    op.execute(dedent("""
        grant execute on function qlmodels.find_patterns(jsonb,jsonb,integer)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.find_states(jsonb,integer,jsonb) from public")

    op.execute(dedent("""
        grant execute on function qlmodels.find_states(jsonb,integer,jsonb)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.fleet_agent() from public")

    op.execute(dedent("""
        grant execute on function qlmodels.fleet_agent()
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.keep_log() from public")

    op.execute("revoke all on function qlmodels.keep_policy_at_end() from public")

    op.execute("revoke all on function qlmodels.learning_steps(jsonb) from public")

    op.execute(dedent("""
        grant execute on function qlmodels.learning_steps(jsonb)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.policy_version(text) from public")

    op.execute(dedent("""
        grant execute on function qlmodels.policy_version(text)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.priority_buckets(text,integer) from public")

    op.execute(dedent("""
        grant execute on function qlmodels.priority_buckets(text,integer)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.purge_expired(text,integer) from public")

    op.execute(dedent("""
        grant execute on function qlmodels.purge_expired(text,integer)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.record_change() from public")

    op.execute("revoke all on function qlmodels.satisfies(jsonb,jsonb) from public")

    op.execute(dedent("""
        grant execute on function qlmodels.satisfies(jsonb,jsonb)
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.schema_revision() from public")

    op.execute("grant execute on function qlmodels.schema_revision() to qlmodels_panel")

    op.execute("revoke all on function qlmodels.speaking_for() from public")

    op.execute(dedent("""
        grant execute on function qlmodels.speaking_for()
            to qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role
    """))

    op.execute("revoke all on function qlmodels.speaks_for_all() from public")

    op.execute("revoke all on function qlmodels.touch_updated_at() from public")

    op.execute(dedent("""
        revoke all on function qlmodels_private.keep_policy(text,text,text,integer)
            from public
    """))

    op.execute(dedent("""
        grant execute on function qlmodels_private.keep_policy(text,text,text,integer)
            to qlmodels_panel, qlmodels_definer
    """))

    op.execute("revoke all on function qlmodels_private.prune_audit_log(interval) from public")

    op.execute("revoke all on table public.agent_states from anon, authenticated, service_role")

    op.execute(dedent("""
        grant select on table public.agent_states
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute(dedent("""
        grant insert, select, update, delete on table public.agent_states
            to qlmodels_panel, service_role
    """))

    op.execute("grant select, delete on table public.agent_states to qlmodels_definer")

    op.execute("revoke all on table public.agent_types from anon, authenticated, service_role")

    op.execute(dedent("""
        grant select on table public.agent_types
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute(dedent("""
        grant insert, select, update, delete on table public.agent_types
            to qlmodels_panel, service_role
    """))

    op.execute("grant select on table public.agent_types to qlmodels_definer")

    op.execute("revoke all on table public.patterns from anon, authenticated, service_role")

    op.execute(dedent("""
        grant select on table public.patterns
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute(dedent("""
        grant insert, select, update, delete on table public.patterns
            to qlmodels_panel, service_role
    """))

    op.execute("grant select, delete on table public.patterns to qlmodels_definer")

    op.execute("revoke all on table public.q_values from anon, authenticated, service_role")

    op.execute(dedent("""
        grant select on table public.q_values
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute(dedent("""
        grant insert, select, update, delete on table public.q_values
            to qlmodels_panel, service_role
    """))

    op.execute("grant select, delete on table public.q_values to qlmodels_definer")

    op.execute("revoke all on table public.rewards from anon, authenticated, service_role")

    op.execute(dedent("""
        grant select on table public.rewards
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute(dedent("""
        grant insert, select, update, delete on table public.rewards
            to qlmodels_panel, service_role
    """))

    op.execute("grant select, delete on table public.rewards to qlmodels_definer")

    op.execute("grant select on table public.rewards to analytics_role")

    op.execute("revoke all on table public.sessions from anon, authenticated, service_role")

    op.execute(dedent("""
        grant select on table public.sessions
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute(dedent("""
        grant insert, select, update, delete on table public.sessions
            to qlmodels_panel, service_role
    """))

    op.execute("grant select, delete on table public.sessions to qlmodels_definer")

    op.execute("revoke all on table public.trajectories from anon, authenticated, service_role")

    op.execute(dedent("""
        grant select on table public.trajectories
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute(dedent("""
        grant insert, select, update, delete on table public.trajectories
            to qlmodels_panel, service_role
    """))

    op.execute("grant select, delete on table public.trajectories to qlmodels_definer")

    op.execute("grant select on table public.trajectories to analytics_role")

    op.execute(dedent("""
        grant insert, select, update, delete on table qlmodels_admin.action_runs
            to qlmodels_panel
    """))

    op.execute(dedent("""
        grant insert, select, update, delete on table qlmodels_admin.sessions
            to qlmodels_panel
    """))

    op.execute(dedent("""
        grant insert, select, update, delete on table qlmodels_admin.sign_in_links
            to qlmodels_panel
    """))

    op.execute("grant insert, select, delete on table qlmodels_admin.size_samples to qlmodels_panel")

    op.execute("grant insert, select, update on table qlmodels_admin.users to qlmodels_panel")

    op.execute("grant select on table qlmodels_admin.watchers to qlmodels_definer")

    op.execute(dedent("""
        grant insert, select, update, delete on table qlmodels_admin.watchers
            to qlmodels_panel
    """))

    op.execute("grant insert on table qlmodels_private.audit_log to qlmodels_definer")

    op.execute("grant select on table qlmodels_private.audit_log to qlmodels_panel")

    op.execute("grant select on table qlmodels_private.declared_facts to qlmodels_panel")

    op.execute(dedent("""
        grant select on table qlmodels_private.fleet_grants
            to qlmodels_definer, qlmodels_panel
    """))

    op.execute(dedent("""
        grant insert, select, delete on table qlmodels_private.policy_parts
            to qlmodels_definer, qlmodels_panel
    """))

    op.execute(dedent("""
        grant insert, select, delete on table qlmodels_private.policy_versions
            to qlmodels_definer, qlmodels_panel
    """))

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
        grant insert (agent_type, state_id, agent_instance_id, total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, patterns_learned, q_values_stored, lookups, lookup_hits, status, last_activity, initialized_at, metadata), update (total_tasks, successful_tasks, failed_tasks, total_reward, avg_reward, current_exploration_rate, current_learning_rate, patterns_learned, q_values_stored, lookups, lookup_hits, status, last_activity, metadata) on table public.agent_states
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute(dedent("""
        grant select (agent_type, last_activity) on table public.agent_states
            to analytics_role
    """))

    op.execute(dedent("""
        grant select (agent_type, display_name) on table public.agent_types
            to analytics_role
    """))

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
        grant insert (agent_type, session_id, state_hash, state_data, action_hash, action_data, q_value, visit_count, confidence_score, uncertainty, td_error, last_updated, expires_at, metadata), update (q_value, visit_count, confidence_score, uncertainty, td_error, last_updated, expires_at, metadata) on table public.q_values
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute(dedent("""
        grant select (agent_type, q_value, confidence_score) on table public.q_values
            to analytics_role
    """))

    op.execute("grant update (metadata) on table public.q_values to qlmodels_definer")

    op.execute(dedent("""
        grant insert (agent_type, session_id, trajectory_id, state_hash, action_hash, reward_value, step, reward_type, reward_source, observed_at, metadata) on table public.rewards
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute("grant update (metadata) on table public.rewards to qlmodels_definer")

    op.execute(dedent("""
        grant insert (agent_type, session_id, session_name, start_time, end_time, status, task_count, total_reward, environment, agent_instance_id, metadata), update (session_name, end_time, status, task_count, total_reward, metadata) on table public.sessions
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute("grant select (agent_type) on table public.sessions to analytics_role")

    op.execute("grant update (metadata) on table public.sessions to qlmodels_definer")

    op.execute(dedent("""
        grant insert (agent_type, trajectory_id, session_id, task_id, initial_state, final_state, actions_taken, states_visited, step_rewards, total_reward, discounted_reward, execution_time_ms, success, terminated, truncated, is_evaluation, seed, exploration_rate, policy_version, priority, replay_count, error_message, started_at, completed_at, expires_at, metadata), update (priority, replay_count, expires_at, metadata) on table public.trajectories
            to qlmodels_agent, qlmodels_fleet, authenticated
    """))

    op.execute("grant update (metadata) on table public.trajectories to qlmodels_definer")

    op.execute(dedent("""
        comment on column public.agent_states.agent_instance_id is 'Name of the instance, unique in its agent type'
    """))

    op.execute("comment on column public.agent_states.agent_type is 'What kind of agent'")

    op.execute("comment on column public.agent_states.avg_reward is 'Mean return'")

    op.execute(dedent("""
        comment on column public.agent_states.current_exploration_rate is 'Exploration rate epsilon now'
    """))

    op.execute(dedent("""
        comment on column public.agent_states.current_learning_rate is 'Learning rate alpha now'
    """))

    op.execute("comment on column public.agent_states.failed_tasks is 'Episodes that failed'")

    op.execute("comment on column public.agent_states.initialized_at is 'When the instance began'")

    op.execute(dedent("""
        comment on column public.agent_states.last_activity is 'When the instance was last heard of'
    """))

    op.execute(dedent("""
        comment on column public.agent_states.lookup_hits is 'How many of these look-ups found a learned pair'
    """))

    op.execute("comment on column public.agent_states.lookups is 'How often a state was looked up'")

    op.execute("comment on column public.agent_states.metadata is 'Anything else'")

    op.execute("comment on column public.agent_states.patterns_learned is 'Patterns kept'")

    op.execute("comment on column public.agent_states.q_values_stored is 'Pairs learned'")

    op.execute("comment on column public.agent_states.state_id is 'Identity within the agent type'")

    op.execute(dedent("""
        comment on column public.agent_states.status is 'idle, active, learning, paused or error'
    """))

    op.execute(dedent("""
        comment on column public.agent_states.success_rate is 'successful_tasks / total_tasks, 0 without tasks; computed by the server'
    """))

    op.execute("comment on column public.agent_states.successful_tasks is 'Episodes that succeeded'")

    op.execute("comment on column public.agent_states.total_reward is 'Sum of all returns'")

    op.execute("comment on column public.agent_states.total_tasks is 'Episodes played'")

    op.execute(dedent("""
        comment on column public.agent_states.updated_at is 'When the row last changed; set by the server'
    """))

    op.execute(dedent("""
        comment on column public.agent_types.action_space_dimensions is 'Number of actions to choose from'
    """))

    op.execute(dedent("""
        comment on column public.agent_types.agent_type is 'Name of the agent type: a lower-case letter, then letters, digits, hyphens'
    """))

    op.execute(dedent("""
        comment on column public.agent_types.created_at is 'When the row was made; set by the server'
    """))

    op.execute("comment on column public.agent_types.description is 'What agents of this type do'")

    op.execute(dedent("""
        comment on column public.agent_types.discount_factor is 'Discount factor gamma: what the value of the next state counts, 0 to 1'
    """))

    op.execute("comment on column public.agent_types.display_name is 'Name for people'")

    op.execute(dedent("""
        comment on column public.agent_types.environment is 'The one environment this type learns in; null allows any'
    """))

    op.execute(dedent("""
        comment on column public.agent_types.exploration_decay is 'Factor by which the exploration rate falls with each finished episode'
    """))

    op.execute(dedent("""
        comment on column public.agent_types.exploration_rate is 'Exploration rate epsilon of a new instance, 0 to 1'
    """))

    op.execute(dedent("""
        comment on column public.agent_types.initial_q_value is 'Value of an action that was never tried; optimistic values explore more'
    """))

    op.execute(dedent("""
        comment on column public.agent_types.is_active is 'Whether agents of this type may act; agent types are never deleted'
    """))

    op.execute(dedent("""
        comment on column public.agent_types.learning_rate is 'Learning rate alpha at the first visit of a pair, 0 to 1'
    """))

    op.execute(dedent("""
        comment on column public.agent_types.learning_rate_decay is 'Exponent w of alpha = learning_rate / visits^w; 0 keeps alpha constant'
    """))

    op.execute("comment on column public.agent_types.metadata is 'Anything else'")

    op.execute(dedent("""
        comment on column public.agent_types.min_exploration_rate is 'Exploration rate below which it does not decay, 0 to 1'
    """))

    op.execute(dedent("""
        comment on column public.agent_types.min_learning_rate is 'Learning rate below which alpha does not decay, 0 to 1'
    """))

    op.execute(dedent("""
        comment on column public.agent_types.retention_days is 'Days after which what is no longer learned from expires'
    """))

    op.execute(dedent("""
        comment on column public.agent_types.state_space_dimensions is 'Number of features of a state'
    """))

    op.execute(dedent("""
        comment on column public.agent_types.updated_at is 'When the row last changed; set by the server'
    """))

    op.execute("comment on column public.patterns.agent_type is 'Whose pattern it is'")

    op.execute("comment on column public.patterns.avg_reward is 'Mean reward over its uses'")

    op.execute(dedent("""
        comment on column public.patterns.confidence_score is 'How far it is trusted, 0 to 1'
    """))

    op.execute("comment on column public.patterns.expected_outcome is 'What it should bring'")

    op.execute("comment on column public.patterns.expires_at is 'When it may be purged'")

    op.execute("comment on column public.patterns.failure_count is 'How often it failed'")

    op.execute("comment on column public.patterns.first_seen is 'When it was first seen'")

    op.execute("comment on column public.patterns.last_used is 'When it was last used'")

    op.execute("comment on column public.patterns.metadata is 'Anything else'")

    op.execute(dedent("""
        comment on column public.patterns.parent_pattern_id is 'The pattern it was made from'
    """))

    op.execute("comment on column public.patterns.pattern_category is 'What it is about'")

    op.execute("comment on column public.patterns.pattern_data is 'The pattern itself'")

    op.execute("comment on column public.patterns.pattern_id is 'Identity within the agent type'")

    op.execute("comment on column public.patterns.pattern_name is 'Name for people'")

    op.execute("comment on column public.patterns.pattern_type is 'What kind of pattern it is'")

    op.execute("comment on column public.patterns.success_count is 'How often it succeeded'")

    op.execute(dedent("""
        comment on column public.patterns.trigger_conditions is 'When it applies, for example {"coverage": {"$lt": 0.8}}'
    """))

    op.execute("comment on column public.patterns.usage_count is 'How often used'")

    op.execute("comment on column public.patterns.version is 'Version of the pattern of this name'")

    op.execute("comment on column public.q_values.action_data is 'The action, any JSON but null'")

    op.execute("comment on column public.q_values.action_hash is 'Hash of the action'")

    op.execute("comment on column public.q_values.agent_type is 'Who learned it'")

    op.execute(dedent("""
        comment on column public.q_values.confidence_score is 'Grows by 0.01 with each update, to 1'
    """))

    op.execute(dedent("""
        comment on column public.q_values.created_at is 'When the pair was made; set by the server'
    """))

    op.execute(dedent("""
        comment on column public.q_values.expires_at is 'When the pair may be purged; each update puts it off'
    """))

    op.execute("comment on column public.q_values.last_updated is 'When the value was last updated'")

    op.execute("comment on column public.q_values.metadata is 'Anything else'")

    op.execute(dedent("""
        comment on column public.q_values.q_value is 'Expected discounted return of the action in the state'
    """))

    op.execute(dedent("""
        comment on column public.q_values.q_value_id is 'Number of the pair; set by the server'
    """))

    op.execute("comment on column public.q_values.session_id is 'The session that made the pair'")

    op.execute("comment on column public.q_values.state_data is 'The state, any JSON but null'")

    op.execute("comment on column public.q_values.state_hash is 'Hash of the state, at most 64 long'")

    op.execute(dedent("""
        comment on column public.q_values.td_error is 'Temporal-difference error of the last learning step'
    """))

    op.execute(dedent("""
        comment on column public.q_values.uncertainty is 'Falls by 0.01 with each update, to 0'
    """))

    op.execute("comment on column public.q_values.visit_count is 'How often the pair was updated'")

    op.execute("comment on column public.rewards.action_hash is 'Hash of the action rewarded'")

    op.execute("comment on column public.rewards.agent_type is 'Who was rewarded'")

    op.execute("comment on column public.rewards.metadata is 'Anything else'")

    op.execute("comment on column public.rewards.observed_at is 'When the reward was observed'")

    op.execute(dedent("""
        comment on column public.rewards.reward_id is 'Number of the reward; set by the server'
    """))

    op.execute("comment on column public.rewards.reward_source is 'What gave the reward'")

    op.execute(dedent("""
        comment on column public.rewards.reward_type is 'immediate, delayed, terminal or shaping'
    """))

    op.execute("comment on column public.rewards.reward_value is 'The reward'")

    op.execute("comment on column public.rewards.session_id is 'The session it came in'")

    op.execute("comment on column public.rewards.state_hash is 'Hash of the state acted in'")

    op.execute("comment on column public.rewards.step is 'Step of the episode, counted from 0'")

    op.execute("comment on column public.rewards.trajectory_id is 'The episode it came in'")

    op.execute("comment on column public.sessions.agent_instance_id is 'The instance that ran'")

    op.execute("comment on column public.sessions.agent_type is 'Whose run it is'")

    op.execute(dedent("""
        comment on column public.sessions.created_at is 'When the row was made; set by the server'
    """))

    op.execute("comment on column public.sessions.end_time is 'When the run ended'")

    op.execute("comment on column public.sessions.environment is 'Where the agent acted'")

    op.execute("comment on column public.sessions.metadata is 'Anything else'")

    op.execute("comment on column public.sessions.session_id is 'Identity within the agent type'")

    op.execute("comment on column public.sessions.session_name is 'Name for people'")

    op.execute("comment on column public.sessions.start_time is 'When the run began'")

    op.execute("comment on column public.sessions.status is 'active, completed, failed or cancelled'")

    op.execute("comment on column public.sessions.task_count is 'Number of episodes of the run'")

    op.execute("comment on column public.sessions.total_reward is 'Sum of the rewards of the run'")

    op.execute(dedent("""
        comment on column public.sessions.updated_at is 'When the row last changed; set by the server'
    """))

    op.execute("comment on column public.trajectories.actions_taken is 'The n actions, in order'")

    op.execute("comment on column public.trajectories.agent_type is 'Who acted'")

    op.execute("comment on column public.trajectories.completed_at is 'When the episode ended'")

    op.execute(dedent("""
        comment on column public.trajectories.discounted_reward is 'Discounted return, seen from the first step'
    """))

    op.execute(dedent("""
        comment on column public.trajectories.error_message is 'What went wrong, if anything'
    """))

    op.execute(dedent("""
        comment on column public.trajectories.execution_time_ms is 'Duration in milliseconds'
    """))

    op.execute("comment on column public.trajectories.expires_at is 'When it may be purged'")

    op.execute(dedent("""
        comment on column public.trajectories.exploration_rate is 'Exploration rate epsilon during the episode'
    """))

    op.execute("comment on column public.trajectories.final_state is 'State after the last step'")

    op.execute("comment on column public.trajectories.initial_state is 'State before the first step'")

    op.execute(dedent("""
        comment on column public.trajectories.is_evaluation is 'Played greedily, without learning'
    """))

    op.execute("comment on column public.trajectories.metadata is 'Anything else'")

    op.execute(dedent("""
        comment on column public.trajectories.policy_version is 'Version that the policy which acted descends from'
    """))

    op.execute(dedent("""
        comment on column public.trajectories.priority is 'Weight in prioritised replay, above 0'
    """))

    op.execute(dedent("""
        comment on column public.trajectories.replay_count is 'How often a replay was answered with a new priority'
    """))

    op.execute(dedent("""
        comment on column public.trajectories.sample_key is 'Random place in [0, 1), by which replay samples; set by the server'
    """))

    op.execute(dedent("""
        comment on column public.trajectories.seed is 'Seed of the environment, to play it again'
    """))

    op.execute("comment on column public.trajectories.session_id is 'The session of the episode'")

    op.execute("comment on column public.trajectories.started_at is 'When the episode began'")

    op.execute(dedent("""
        comment on column public.trajectories.states_visited is 'The states before each step, and after the last: n or n+1'
    """))

    op.execute("comment on column public.trajectories.step_rewards is 'The n rewards, in order'")

    op.execute("comment on column public.trajectories.success is 'Whether the task was achieved'")

    op.execute("comment on column public.trajectories.task_id is 'What the agent was to do'")

    op.execute(dedent("""
        comment on column public.trajectories.terminated is 'The environment ended the episode'
    """))

    op.execute(dedent("""
        comment on column public.trajectories.total_reward is 'Return of the episode: the sum of its rewards'
    """))

    op.execute(dedent("""
        comment on column public.trajectories.trajectory_id is 'Identity within the agent type'
    """))

    op.execute("comment on column public.trajectories.truncated is 'A limit cut the episode short'")

    op.execute("comment on column qlmodels_admin.action_runs.action is 'Name of the view''s action'")

    op.execute(dedent("""
        comment on column qlmodels_admin.action_runs.filter is 'Query of the list whose rows they are'
    """))

    op.execute("comment on column qlmodels_admin.action_runs.input is 'What the action asked for'")

    op.execute("comment on column qlmodels_admin.action_runs.message is 'Why it failed'")

    op.execute(dedent("""
        comment on column qlmodels_admin.action_runs.place is 'Key of the last row done, in order of the key'
    """))

    op.execute("comment on column qlmodels_admin.action_runs.table_name is 'Whose rows'")

    op.execute(dedent("""
        comment on column qlmodels_admin.action_runs.total is 'Rows, counted before it began'
    """))

    op.execute("comment on column qlmodels_admin.sessions.expires_at is 'Renewed by use'")

    op.execute(dedent("""
        comment on column qlmodels_admin.sessions.token_hash is 'SHA-256 of the cookie''s token'
    """))

    op.execute(dedent("""
        comment on column qlmodels_admin.sign_in_links.token_hash is 'SHA-256 of the link''s token'
    """))

    op.execute(dedent("""
        comment on column qlmodels_admin.size_samples.heap is 'Bytes of the rows, TOAST included'
    """))

    op.execute("comment on column qlmodels_admin.size_samples.indexes is 'Bytes of all indexes'")

    op.execute(dedent("""
        comment on column qlmodels_admin.size_samples.rows is 'As last estimated; null if never analysed'
    """))

    op.execute("comment on column qlmodels_admin.size_samples.table_name is 'With its schema'")

    op.execute("comment on column qlmodels_admin.users.name is 'Name to sign in with'")

    op.execute(dedent("""
        comment on column qlmodels_admin.users.password_hash is 'Argon2 hash; null until a password is chosen'
    """))

    op.execute("comment on column qlmodels_admin.users.role is 'viewer, editor or admin'")

    op.execute("comment on column qlmodels_admin.users.signed_in_at is 'Last sign-in'")

    op.execute(dedent("""
        comment on column qlmodels_admin.watchers.channel is 'Whose name nobody else can guess'
    """))

    op.execute("comment on column qlmodels_admin.watchers.expires_at is 'Renewed by use'")

    op.execute(dedent("""
        comment on column qlmodels_private.adopt_rejects.correction is 'Columns kept otherwise; null where no row was kept'
    """))

    op.execute("comment on column qlmodels_private.adopt_rejects.original is 'The row as it was'")

    op.execute(dedent("""
        comment on column qlmodels_private.adopt_rejects.reason is 'Why it could not be kept as it was'
    """))

    op.execute("comment on column qlmodels_private.adopt_rejects.row_key is 'Its primary key there'")

    op.execute(dedent("""
        comment on column qlmodels_private.adopt_rejects.table_name is 'Table that the row was in'
    """))

    op.execute("comment on column qlmodels_private.audit_log.changed_at is 'When it was changed'")

    op.execute(dedent("""
        comment on column qlmodels_private.audit_log.login is 'Who was connected (session_user)'
    """))

    op.execute("comment on column qlmodels_private.audit_log.new_values is 'What took its place'")

    op.execute(dedent("""
        comment on column qlmodels_private.audit_log.note is 'By which action or restored from where, if the panel says so'
    """))

    op.execute(dedent("""
        comment on column qlmodels_private.audit_log.old_values is 'What was there; NULLs are left out'
    """))

    op.execute(dedent("""
        comment on column qlmodels_private.audit_log.operation is 'insert, update, delete and so on'
    """))

    op.execute(dedent("""
        comment on column qlmodels_private.audit_log.panel_user is 'For whom, if the login is the panel''s'
    """))

    op.execute(dedent("""
        comment on column qlmodels_private.audit_log.row_key is 'Primary key, as it was before'
    """))

    op.execute(dedent("""
        comment on column qlmodels_private.audit_log.table_name is 'With its schema, unless that is public'
    """))

    op.execute(dedent("""
        comment on column qlmodels_private.audit_log.transaction_id is 'Changes made together share it'
    """))

    op.execute(dedent("""
        comment on column qlmodels_private.declared_facts.facts is 'What the catalogs said once it was reached'
    """))

    op.execute(dedent("""
        comment on column qlmodels_private.declared_facts.revision is 'Of the schema, as Alembic numbers it'
    """))

    op.execute(dedent("""
        comment on column qlmodels_private.fleet_grants.agent_type is 'An agent type it may act as'
    """))

    op.execute(dedent("""
        comment on column qlmodels_private.fleet_grants.login is 'Name of an orchestrator''s login'
    """))

    op.execute("comment on column qlmodels_private.policy_parts.part is 'In order of the states'")

    op.execute(dedent("""
        comment on column qlmodels_private.policy_versions.agent_type is 'Whose Q-table it is'
    """))

    op.execute(dedent("""
        comment on column qlmodels_private.policy_versions.login is 'Who was connected (session_user)'
    """))

    op.execute("comment on column qlmodels_private.policy_versions.note is 'What for, in words'")

    op.execute(dedent("""
        comment on column qlmodels_private.policy_versions.panel_user is 'For whom, if the login is the panel''s'
    """))

    op.execute(dedent("""
        comment on column qlmodels_private.policy_versions.policy_version is 'Counted from 1'
    """))

    op.execute(dedent("""
        comment on column qlmodels_private.policy_versions.reason is 'By hand, or before or after what'
    """))

    op.execute(dedent("""
        comment on column qlmodels_private.policy_versions.visits is 'Of all its pairs together'
    """))

    op.execute(dedent("""
        comment on table public.agent_states is 'One instance of an agent type: its status and its totals.'
    """))

    op.execute(dedent("""
        comment on table public.agent_types is 'A kind of agent: its hyperparameters and how long its rows are kept.'
    """))

    op.execute(dedent("""
        comment on table public.patterns is 'Something that worked, the conditions under which it applies, and its record.'
    """))

    op.execute(dedent("""
        comment on table public.q_values is 'The value of one action in one state, as an agent type has learned it.'
    """))

    op.execute("comment on table public.rewards is 'One reward for one action in one state.'")

    op.execute(dedent("""
        comment on table public.sessions is 'One run of an agent, from its start to its end.'
    """))

    op.execute(dedent("""
        comment on table public.trajectories is 'One episode: n actions, n rewards, and n or n + 1 states.'
    """))

    op.execute(dedent("""
        comment on table qlmodels_admin.action_runs is 'Actions over all rows of a list: what was asked for, and how far it is.'
    """))

    op.execute(dedent("""
        comment on table qlmodels_admin.sessions is 'Signed-in browsers; signing out deletes the row.'
    """))

    op.execute("comment on table qlmodels_admin.sign_in_links is 'Links that sign a user in once.'")

    op.execute(dedent("""
        comment on table qlmodels_admin.size_samples is 'What tables take on disk, hour by hour.'
    """))

    op.execute("comment on table qlmodels_admin.users is 'Who may sign in to the panel.'")

    op.execute(dedent("""
        comment on table qlmodels_admin.watchers is 'Processes of the panel that listen for changes of instances.'
    """))

    op.execute(dedent("""
        comment on table qlmodels_private.adopt_rejects is 'Rows of an adopted database that are not kept as they were.'
    """))

    op.execute(dedent("""
        comment on table qlmodels_private.audit_log is 'Who changed which row, and how; append-only.'
    """))

    op.execute(dedent("""
        comment on table qlmodels_private.declared_facts is 'The schema as upgrade left it, for the panel to see what was changed since.'
    """))

    op.execute(dedent("""
        comment on table qlmodels_private.fleet_grants is 'Which agent types an orchestrator''s login may act as, one per transaction.'
    """))

    op.execute(dedent("""
        comment on table qlmodels_private.policy_parts is 'The pairs of a version: 256 states a row, column by column, which TOAST compresses.'
    """))

    op.execute(dedent("""
        comment on table qlmodels_private.policy_versions is 'Q-tables as they once were, one version after the other.'
    """))

    op.execute("comment on type qlmodels.count is 'How many or how often'")

    op.execute(dedent("""
        comment on type qlmodels.finite is 'A number; neither infinity nor NaN, which sorts above it'
    """))

    op.execute("comment on type qlmodels.rate is 'A share or a probability, from 0 to 1'")

    # data: The fleet's agent types. One that exists already, an operator's edit of it included, stays as it is.
    op.execute(dedent("""
        insert into public.agent_types (
            agent_type, display_name, description, state_space_dimensions, action_space_dimensions
        )
        values
            ('test-generator', 'Test Generator', 'Writes unit and integration tests', 15, 8),
            ('test-executor', 'Test Executor', 'Chooses, orders and runs tests', 10, 6),
            ('coverage-analyzer', 'Coverage Analyzer', 'Finds what no test reaches', 12, 5),
            ('quality-gate', 'Quality Gate', 'Decides whether a change may pass', 10, 4),
            ('quality-analyzer', 'Quality Analyzer', 'Measures the quality of code', 12, 6),
            ('performance-tester', 'Performance Tester', 'Puts systems under load and measures them', 14, 7),
            ('security-scanner', 'Security Scanner', 'Looks for vulnerabilities', 16, 8),
            ('requirements-validator', 'Requirements Validator', 'Checks requirements for gaps and contradictions', 10, 5),
            ('production-intelligence', 'Production Intelligence', 'Learns from incidents in production', 12, 6),
            ('fleet-commander', 'Fleet Commander', 'Assigns tasks to the other agents', 20, 10),
            ('deployment-readiness', 'Deployment Readiness', 'Judges whether a release is ready', 11, 5),
            ('regression-risk-analyzer', 'Regression Risk Analyzer', 'Estimates what a change may break', 13, 7),
            ('test-data-architect', 'Test Data Architect', 'Designs and generates test data', 12, 6),
            ('api-contract-validator', 'API Contract Validator', 'Checks services against their contracts', 14, 7),
            ('flaky-test-hunter', 'Flaky Test Hunter', 'Finds tests that fail at random', 11, 6),
            ('visual-tester', 'Visual Tester', 'Compares what screens look like', 13, 6),
            ('chaos-engineer', 'Chaos Engineer', 'Breaks things on purpose', 15, 8),
            ('code-complexity', 'Code Complexity', 'Finds code that is hard to change', 10, 5)
        on conflict (agent_type) do nothing
    """))


def downgrade() -> None:
    # ~3 grants, -1 comment, -2 extensions, -35 functions, -1 membership, -8 roles, -3 schemas, -19 tables, -3 types, -2 views

    op.execute("drop view public.pattern_effectiveness")

    op.execute("drop view public.agent_performance_summary")

    op.execute("drop function qlmodels_private.prune_audit_log(interval)")

    op.execute("drop function qlmodels_private.keep_policy(text,text,text,integer)")

    # careful: loses the table's rows
    op.execute("drop table public.rewards")

    # careful: loses the table's rows
    op.execute("drop table public.trajectories")

    # careful: loses the table's rows
    op.execute("drop table public.q_values")

    # careful: loses the table's rows
    op.execute("drop table public.sessions")

    # careful: loses the table's rows
    op.execute("drop table qlmodels_private.policy_parts")

    # careful: loses the table's rows
    op.execute("drop table qlmodels_private.policy_versions")

    op.execute("drop function qlmodels.find_patterns(jsonb,jsonb,integer)")

    op.execute("drop function public.find_patterns(jsonb,jsonb,integer)")

    # careful: loses the table's rows
    op.execute("drop table public.patterns")

    # careful: loses the table's rows
    op.execute("drop table qlmodels_private.fleet_grants")

    # careful: loses the table's rows
    op.execute("drop table public.agent_states")

    # careful: loses the table's rows
    op.execute("drop table public.agent_types")

    op.execute("drop function qlmodels.touch_updated_at()")

    op.execute("drop function qlmodels.speaks_for_all()")

    op.execute("drop function qlmodels.speaking_for()")

    op.execute("drop function qlmodels.schema_revision()")

    op.execute("drop function qlmodels.satisfies(jsonb,jsonb)")

    # careful: loses the table's rows
    op.execute("drop table qlmodels_admin.sign_in_links")

    # careful: loses the table's rows
    op.execute("drop table qlmodels_admin.sessions")

    # careful: loses the table's rows
    op.execute("drop table qlmodels_admin.action_runs")

    # careful: loses the table's rows
    op.execute("drop table qlmodels_admin.users")

    op.execute("drop function qlmodels.record_change()")

    op.execute("drop function qlmodels.purge_expired(text,integer)")

    op.execute("drop function qlmodels.priority_buckets(text,integer)")

    op.execute("drop function qlmodels.policy_version(text)")

    op.execute("drop function qlmodels.learning_steps(jsonb)")

    op.execute("drop function qlmodels.keep_policy_at_end()")

    # careful: loses the table's rows
    op.execute("drop table qlmodels_private.audit_log")

    op.execute("drop function qlmodels.keep_log()")

    op.execute("drop function qlmodels.fleet_agent()")

    op.execute("drop function qlmodels.find_states(jsonb,integer,jsonb)")

    op.execute(dedent("""
        drop function qlmodels.draw_trajectories(text,double precision[],double precision[],double precision[],double precision[])
    """))

    op.execute("drop function qlmodels.delete_rows(text,text[])")

    op.execute("drop function qlmodels.current_agent()")

    op.execute("drop function qlmodels.cleanup_expired_data()")

    op.execute("drop function qlmodels.announce_instance()")

    op.execute("drop function qlmodels.act_as(text)")

    op.execute("drop function public.upsert_q_values(jsonb)")

    op.execute(dedent("""
        drop function public.upsert_q_value(text,text,jsonb,text,jsonb,double precision,uuid)
    """))

    op.execute("drop function public.match_patterns(text,jsonb,integer)")

    op.execute(dedent("""
        drop function public.learn_step(text,text,jsonb,text,jsonb,double precision,text,text[],boolean,uuid,double precision,text,text,integer)
    """))

    op.execute("drop function public.learn_many(text,jsonb)")

    op.execute(dedent("""
        drop function public.learn(text,text,jsonb,text,jsonb,double precision,text,text[],boolean,uuid,double precision)
    """))

    op.execute("drop function public.get_best_action(text,text)")

    op.execute("drop function public.find_states(jsonb,integer)")

    op.execute("drop function public.find_actions(jsonb,integer)")

    op.execute("drop function public.delete_rows(text,text[])")

    op.execute("drop function public.cleanup_expired_data()")

    # careful: loses the table's rows
    op.execute("drop table qlmodels_private.declared_facts")

    # careful: loses the table's rows
    op.execute("drop table qlmodels_private.adopt_rejects")

    # careful: loses the table's rows
    op.execute("drop table qlmodels_admin.watchers")

    # careful: loses the table's rows
    op.execute("drop table qlmodels_admin.size_samples")

    op.execute("drop domain qlmodels.rate")

    op.execute("drop domain qlmodels.finite")

    op.execute("drop domain qlmodels.count")

    op.execute(dedent("""
        do $$ begin
            if exists (
                select from pg_catalog.pg_extension as extension
                join pg_catalog.pg_roles as owner on owner.oid = extension.extowner
                where extension.extname = 'pg_trgm' and owner.rolname = current_user
            ) then
                drop extension pg_trgm;
            end if;
        exception
            when dependent_objects_still_exist then
                raise notice 'extension % stays: something else needs it', 'pg_trgm';
        end $$
    """))

    op.execute(dedent("""
        do $$ begin
            if exists (
                select from pg_catalog.pg_extension as extension
                join pg_catalog.pg_roles as owner on owner.oid = extension.extowner
                where extension.extname = 'btree_gin' and owner.rolname = current_user
            ) then
                drop extension btree_gin;
            end if;
        exception
            when dependent_objects_still_exist then
                raise notice 'extension % stays: something else needs it', 'btree_gin';
        end $$
    """))

    op.execute("comment on schema qlmodels_private is null")

    op.execute("drop schema qlmodels_admin")

    op.execute("drop schema qlmodels")

    op.execute(dedent("""
        do $$ begin
            if exists (
                select from pg_catalog.pg_namespace as schema
                join pg_catalog.pg_roles as owner on owner.oid = schema.nspowner
                where schema.nspname = 'extensions' and owner.rolname = current_user
            ) then
                drop schema extensions;
            end if;
        exception
            when dependent_objects_still_exist then
                raise notice 'schema extensions stays: something else needs it';
        end $$
    """))

    op.execute(dedent("""
        do $$ begin
            execute pg_catalog.format(
                'grant temporary on database %I to public', pg_catalog.current_database());
        end $$
    """))

    op.execute(dedent("""
        revoke all on schema public
            from qlmodels_agent, qlmodels_fleet, authenticated, qlmodels_panel, service_role, analytics_role, qlmodels_definer
    """))

    op.execute("revoke all on schema qlmodels_private from qlmodels_definer, qlmodels_panel")
