-- What a row held after one logged change, or before it if that deleted the row. A column holds
-- what the change itself says, else what the next change that names it says it had held, else what
-- it holds now: agents' writes are not logged, and restoring does not undo them.
with chosen as (
    select *
      from qlmodels_private.audit_log
     where entry_id = :entry and table_name = :table_name and row_key is not null
), following as (
    select entry.entry_id,
           entry.operation = 'delete'
               or entry.operation = 'insert' and entry.entry_id = chosen.entry_id as is_whole,
           case when entry.entry_id = chosen.entry_id and entry.operation <> 'delete'
                then entry.new_values else entry.old_values end as held,
           coalesce(entry.old_values, '{}') || coalesce(entry.new_values, '{}') as named
      from chosen
      join qlmodels_private.audit_log as entry
        on entry.table_name = chosen.table_name
       and entry.row_key @> chosen.row_key and entry.row_key = chosen.row_key
       and entry.entry_id >= chosen.entry_id
     where entry.entry_id = chosen.entry_id or entry.operation in ('update', 'delete')
), whole as (
    select entry_id, held from following where is_whole order by entry_id limit 1
), part as (
    select distinct on (name) name, following.held -> name as held
      from following
     cross join jsonb_object_keys(following.named) as name
     where not following.is_whole
       and following.entry_id < coalesce((select entry_id from whole), 9223372036854775807)
     order by name, following.entry_id
)
select chosen.operation,
       exists (select from whole) as is_whole,
       array(select name from part order by name) as named,
       (
           coalesce((select held from whole), '{}') - array(select name from part)
           || coalesce(
                  (select jsonb_object_agg(name, held) from part where held is not null), '{}'
              )
       )::text as held,
       chosen.row_key::text as row_key
  from chosen
