-- What the original's Alembic revision makes otherwise, on top of its SQL file.
drop function refresh_materialized_views();
drop materialized view agent_performance_summary, pattern_effectiveness;
alter table agent_states drop column success_rate;
alter table agent_states add column success_rate numeric(5,4) generated always as (
    case when total_tasks > 0 then round(successful_tasks::numeric / total_tasks, 4) else 0 end
) stored;
create table alembic_version (version_num varchar(32) primary key);
insert into alembic_version values ('001_qlearning_initial');
